// SPDX-License-Identifier: Apache-2.0
// Checks src/serve/openapi.json with Redocly's recommended rules; warnings count as errors.
import { createConfig, formatProblems, getTotals, lint } from '@redocly/openapi-core';
import { fileURLToPath } from 'node:url';

const problems = await lint({
  ref: fileURLToPath(new URL('../../src/serve/openapi.json', import.meta.url)),
  config: await createConfig({ extends: ['recommended'] }),
});
const totals = getTotals(problems);
formatProblems(problems, { format: 'codeframe', totals, version: '' });
process.exit(totals.errors + totals.warnings > 0 ? 1 : 0);
