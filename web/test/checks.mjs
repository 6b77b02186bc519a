// SPDX-License-Identifier: Apache-2.0
// Checks that count, for tests that are programs of their own.
let passed = 0, failed = 0;
export function check(what, good, found = '') {
  good ? ++passed : ++failed;
  console.log(`${good ? 'ok  ' : 'FAIL'} ${what}${found === '' ? '' : `: ${found}`}`);
}

/** Checks what becomes true after a while: asks again until `holds()` does, or the time is over. `found` is called at the end. */
export async function eventually(what, holds, found = () => '', limit_ms = 20_000) {
  const end = Date.now() + limit_ms;
  let good = await holds();
  while (!good && Date.now() < end) {
    await new Promise((done) => setTimeout(done, 50));
    good = await holds();
  }
  check(what, good, await found());
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
