// SPDX-License-Identifier: Apache-2.0
// Checks that count, for tests that are programs of their own.
let passed = 0, failed = 0;
export function check(what, good, found = '') {
  good ? ++passed : ++failed;
  console.log(`${good ? 'ok  ' : 'FAIL'} ${what}${found === '' ? '' : `: ${found}`}`);
}

/** Runs the steps, says how many checks passed, and sets the exit code. */
export async function run(steps) {
  try {
    await steps();
  } catch (error) {
    check('the test runs to its end', false, error.stack);
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed ? 1 : 0;
}
