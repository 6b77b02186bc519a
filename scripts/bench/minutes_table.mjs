// SPDX-License-Identifier: Apache-2.0
// The Markdown of docs/benchmarks/minutes.md from the records of scripts/bench/minutes.sh:
//   node minutes_table.mjs RECORDS
import { readFileSync } from 'node:fs';
import { thousands } from './tables.mjs';

const records = readFileSync(process.argv[2], 'utf8').trim().split('\n').map((line) => JSON.parse(line));
const plans = records.filter(({ kind }) => kind === 'plan');
const trainings = records.filter(({ kind }) => kind === 'training');
const unique = (values) => [...new Set(values)];
const columns = [['base', 1], ['base', 2], ['base', 5], ['base', 10], ['base', 60], ['none', 1], ['none', 2], ['none', 5], ['none', 10],
  ['none', 30]];
const titles = { base: 'base', none: 'random' };
const titleOf = (name) => name.replaceAll('_', ' ').replace(/\b[a-z]/g, (letter) => letter.toUpperCase()).replace(/ Viii$/, ' VIII');
const lossOf = (net, style, init, minutes) =>
  trainings.find((one) => one.net === net && one.style === style && one.init === init && one.minutes === minutes)?.loss;
/** Mean over the styles that have both, of how much more loss the first has than the second, in percent. */
const excess = (net, styles, first, second) => {
  const both = styles.map((style) => [lossOf(net, style, ...first), lossOf(net, style, ...second)]).filter((pair) => pair.every(Boolean));
  if (both.length === 0) return 'not measured yet';
  const percents = both.map(([a, b]) => 100 * (a / b - 1));
  const sign = (value) => `${value > 0 ? '+' : ''}${value.toFixed(1)}%`;
  return `${sign(percents.reduce((sum, one) => sum + one) / both.length)} (${percents.map(sign).join(', ')})`;
};

console.log(`# Minutes of training

Written by \`scripts/bench/minutes.sh\`. Validation loss, in thousands, of styles that no base network has seen, after the steps that \`train
--minutes\` plans on two cores with AVX2, from the base network and from random weights; the demo's configuration (crop 128, batch 4,
12 validation photos at 128 px). An empty cell was not trained yet. Processors: ${unique(records.map(({ cpu }) => cpu)).join(', ')};
${records.map(({ date }) => date).sort().filter((_, i, all) => i === 0 || i === all.length - 1).join(' to ')}.`);
for (const net of unique(trainings.map((one) => one.net))) {
  const styles = unique(trainings.filter((one) => one.net === net).map((one) => one.style));
  console.log(`
## ${net}

Steps: ${plans.filter((one) => one.net === net).map(({ minutes, steps }) => `${thousands(steps)} in ${minutes} min`).join(', ')}.

| style | ${columns.map(([init, minutes]) => `${titles[init]} ${minutes} min`).join(' | ')} |
|---|${columns.map(() => '---:').join('|')}|`);
  for (const style of styles) {
    const cells = columns.map((column) => lossOf(net, style, ...column)).map((loss) => (loss ? (loss / 1000).toFixed(0) : ''));
    console.log(`| ${titleOf(style)} | ${cells.join(' | ')} |`);
  }
  console.log(`
More loss than after an hour from the base, mean and each style: 5 minutes from the base
${excess(net, styles, ['base', 5], ['base', 60])}, 30 minutes from random weights ${excess(net, styles, ['none', 30], ['base', 60])}.
5 minutes from the base against 30 from random weights: ${excess(net, styles, ['base', 5], ['none', 30])}.`);
}
