// SPDX-License-Identifier: Apache-2.0
// The Markdown of docs/benchmarks/compression.md from what scripts/benchmark_compression.sh measured:
//   node compression_table.mjs FOLDER CPU NETWORK...     the first network is what the others are measured against
import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

const [folder, cpu, ...networks] = process.argv.slice(2);
const read = (file) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
const kinds = [['pt', 'TorchScript for the CPU (`.pt`, `--lowering cpu`)'], ['ptl', 'Lite (`.ptl`)'], ['onnx', 'ONNX Runtime (`.onnx`)']];
const columns = [[256, 1], [256, 2], [512, 1], [512, 2]];
const ratio = (a, b) => `${(a / b).toFixed(2)}x`;
const bytes = (network, kind) => statSync(join(folder, `${network}.${kind}`)).size;
const { repeats } = read('pt.json');

console.log(`# The networks as exported files: C_r and S_r

Written by \`scripts/benchmark_compression.sh\` on ${new Date().toISOString().slice(0, 10)}: ${cpu}, 2 cores. Times in ms: median (minimum..90th percentile) of
${repeats} repeats after 2 warm-ups, the networks in turn. C_r and S_r: how many times smaller and faster than ${networks[0]}.

| network | parameters | C_r | MACs at 256 px | fewer | .pt | C_r | .ptl | C_r | .onnx | C_r |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|`);
const sums = Object.fromEntries(networks.map((network) => [network, read(`${network}.report.json`).net]));
const [first] = networks;
for (const network of networks) {
  const { parameters, macs } = sums[network];
  const files = kinds.map(([kind]) => `${bytes(network, kind).toLocaleString('en')} | ${ratio(bytes(first, kind), bytes(network, kind))}`);
  console.log(`| ${network} | ${parameters.toLocaleString('en')} | ${ratio(sums[first].parameters, parameters)} | ${macs.toLocaleString('en')} | ${ratio(sums[first].macs, macs)} | ${files.join(' | ')} |`);
}
for (const [kind, title] of kinds) {
  const { times } = read(`${kind}.json`);
  const time = (network, [side, threads]) =>
    times.find((one) => basename(one.file) === `${network}.${kind}` && one.width === side && one.threads === threads && one.runtime !== 'onnx on libtorch');
  console.log(`\n## ${title}\n`);
  console.log(`| network | ${columns.map(([side, threads]) => `${side} px, ${threads} thr. | S_r`).join(' | ')} |\n|---|${'---:|---:|'.repeat(columns.length)}`);
  for (const network of networks) {
    const cells = columns.map((column) => {
      const [mine, base] = [time(network, column), time(first, column)];
      return `${mine.latency_ms_median.toFixed(0)} (${mine.latency_ms_min.toFixed(0)}..${mine.latency_ms_p90.toFixed(0)}) | ${ratio(base.latency_ms_median, mine.latency_ms_median)}`;
    });
    console.log(`| ${network} | ${cells.join(' | ')} |`);
  }
}
