// SPDX-License-Identifier: Apache-2.0
// The Markdown of docs/benchmarks/export_all.md from the results of scripts/release/export_all.sh, STYLE-NETWORK-VECTORS.json:
//   node export_all_table.mjs FOLDER HEADER
import { readdirSync } from 'node:fs';
import { reader } from '../bench/tables.mjs';

const [folder, made] = process.argv.slice(2);
const [command, machine] = made.split('\n');
const read = reader(folder);
const RUNS = ['own', 'avx2'];
const RESULTS = /-(own|avx2)\.json$/;
const inBytes = ({ kind }) => /^(u8|rgba)\./.test(kind);
const models = [...new Set(readdirSync(folder).filter((name) => RESULTS.test(name)).map((name) => name.replace(RESULTS, '')))];
const runs = models.map((model) => {
  const files = Object.fromEntries(RUNS.map((run) => [run, read(`${model}-${run}.json`).files]));
  return { model: model.replace('-', '/'), network: model.split('-')[1], files, all: Object.values(files).flat() };
});
const count = (files) => `${files.filter(({ written }) => written).length} of ${files.length}`;
// Of pictures as floats: the file that comes nearest to its tolerance.
const worst = (files, network) => {
  const share = ({ max_difference, tolerance }) => max_difference / tolerance;
  const found = files.filter((file) => file.max_difference !== null && !inBytes(file)).reduce((x, y) => (share(x) > share(y) ? x : y));
  return `${found.file.replace(`${network}.`, '')} ${found.max_difference.toExponential(1)}, ${(100 * share(found)).toFixed(0)}%`;
};
const levels = (files) => Math.max(...files.filter((file) => file.max_difference !== null && inBytes(file)).map(({ max_difference }) => 255 * max_difference));

console.log(`# Every shipped model in every format

Written by \`${command}\`: ${machine}. All formats in fp32, fp16 and int8, each file loaded again and compared with the
network in double precision; with the processor's own vectors, and with LibTorch, oneDNN and OpenBLAS limited to AVX2. ${count(runs.flatMap(({ all }) => all))} files passed.
Of the files whose pictures are floats (values 0..1), the one that comes nearest to its tolerance ([export.md](../export.md#the-tolerance)), its largest difference,
and how much of the tolerance that is; of those whose pictures are bytes the largest difference in levels of 255, to which rounding adds half a level.

| model | files passed | floats, own vectors | floats, AVX2 | bytes, levels |
|---|---:|---|---|---:|`);
for (const { model, network, files, all } of runs)
  console.log(`| ${model} | ${count(all)} | ${RUNS.map((run) => worst(files[run], network)).join(' | ')} | ${levels(all).toFixed(2)} |`);
for (const { model, all } of runs)
  for (const { file, failure } of all.filter(({ failure }) => failure)) console.log(`\n- ${model}, ${file}: ${failure}`);
