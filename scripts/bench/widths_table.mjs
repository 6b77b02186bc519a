// SPDX-License-Identifier: Apache-2.0
// The Markdown of docs/benchmarks/widths.md from the measurements of scripts/bench/widths.sh, whose files are numbered:
//   node widths_table.mjs FOLDER HEADER NETWORK...     the others are measured against the first network
import { head, milliseconds, reader, thousands, timeOf, usable } from './tables.mjs';

const [folder, made, ...networks] = process.argv.slice(2);
const read = reader(folder);
const measured = { ptl: read('ptl.json'), onnx: read('onnx.json') };

console.log(`${head('Networks of other widths', made, measured.ptl.repeats)}
256x256, one thread; S_r: how many times faster than ${networks[0]}.

| network | parameters | GMAC | \`.ptl\` | S_r | ONNX Runtime | S_r |
|---|---:|---:|---:|---:|---:|---:|`);
networks.forEach((network, i) => {
  const { parameters, macs } = read(`${i}.report.json`).net;
  const cells = Object.entries(measured).map(([kind, file]) => {
    const [mine, base] = [i, 0].map((number) => timeOf(usable(file), `${number}.${kind}`, [256, 1]));
    return `${milliseconds(mine)} | ${(base.latency_ms_median / mine.latency_ms_median).toFixed(2)}x`;
  });
  console.log(`| ${network} | ${thousands(parameters)} | ${(macs / 1e9).toFixed(2)} | ${cells.join(' | ')} |`);
});
