// SPDX-License-Identifier: Apache-2.0
// The Markdown of docs/benchmarks/export_all.md from the results of scripts/release/export_all.sh, STYLE-NETWORK-VECTORS.json:
//   node export_all_table.mjs FOLDER HEADER
import { readdirSync } from 'node:fs';
import { reader } from '../bench/tables.mjs';

const [folder, made] = process.argv.slice(2);
const [command, machine] = made.split('\n');
const read = reader(folder);
const HALF_LEVEL = 0.5 / 255; // what rounding to bytes adds
const share = ({ kind, max_difference, tolerance }) => max_difference / (tolerance + (/^(u8|rgba)\./.test(kind) ? HALF_LEVEL : 0));
const runs = readdirSync(folder).filter((name) => /-(own|avx2)\.json$/.test(name)).map((name) => {
  const [style, network, vectors] = name.replace('.json', '').split('-');
  const { files } = read(name);
  const compared = files.filter(({ max_difference }) => max_difference !== null);
  const worst = compared.reduce((a, b) => (share(a) > share(b) ? a : b));
  return { style, network, vectors, total: files.length, written: files.filter(({ written }) => written).length, worst, share: share(worst), failures: files.filter(({ failure }) => failure) };
});
const sum = (key) => runs.reduce((total, run) => total + run[key], 0);

console.log(`# Every shipped model in every format

Written by \`${command}\`: ${machine}. All formats in fp32, fp16 and int8, each file loaded again and compared with the
network in double precision; with the processor's own vectors, and with LibTorch, oneDNN and OpenBLAS limited to AVX2. ${sum('written')} of ${sum('total')} files passed. Worst file:
the one that comes nearest to its tolerance (values 0..1, half a level more where pictures are bytes, [export.md](../export.md#verification)).

| model | vectors | files | passed | worst file | its difference | of its tolerance |
|---|---|---:|---:|---|---:|---:|`);
for (const { style, network, vectors, total, written, worst, share } of runs)
  console.log(`| ${style}/${network} | ${vectors === 'own' ? 'own' : 'AVX2'} | ${total} | ${written} | ${worst.file.replace(`${network}.`, '')} | ${worst.max_difference.toExponential(1)} | ${(100 * share).toFixed(0)}% |`);
for (const { style, network, failures } of runs)
  for (const { file, failure } of failures) console.log(`\n- ${style}/${network}, ${file}: ${failure}`);
