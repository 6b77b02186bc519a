// SPDX-License-Identifier: Apache-2.0
// The Markdown of docs/benchmarks/compression.md from the measurements of scripts/bench/compression.sh:
//   node compression_table.mjs FOLDER HEADER NETWORK...     the others are measured against the first network
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { columns, head, heading, milliseconds, reader, thousands, timeOf, usable } from './tables.mjs';

const [folder, made, ...networks] = process.argv.slice(2);
const read = reader(folder);
const [first] = networks;
const kinds = [['pt', 'TorchScript for the CPU (`.pt`, `--lowering cpu`)'], ['ptl', 'Lite (`.ptl`)'], ['onnx', 'ONNX Runtime (`.onnx`)']];
const ratio = (a, b) => `${(a / b).toFixed(2)}x`;
const bytes = (network, kind) => statSync(join(folder, `${network}.${kind}`)).size;

console.log(`${head('The networks as exported files: C_r and S_r', made, read('pt.json').repeats)}
C_r and S_r: how many times smaller and faster than ${first}.

| network | parameters | C_r | MACs at 256 px | fewer | .pt | C_r | .ptl | C_r | .onnx | C_r |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|`);
const sums = Object.fromEntries(networks.map((network) => [network, read(`${network}.report.json`).net]));
for (const network of networks) {
  const { parameters, macs } = sums[network];
  const files = kinds.map(([kind]) => `${thousands(bytes(network, kind))} | ${ratio(bytes(first, kind), bytes(network, kind))}`);
  console.log(`| ${network} | ${thousands(parameters)} | ${ratio(sums[first].parameters, parameters)} | ${thousands(macs)} | ${ratio(sums[first].macs, macs)} | ${files.join(' | ')} |`);
}
for (const [kind, title] of kinds) {
  const times = usable(read(`${kind}.json`));
  console.log(`\n## ${title}\n`);
  console.log(`| network | ${columns.map((column) => `${heading(column)} | S_r`).join(' | ')} |\n|---|${'---:|---:|'.repeat(columns.length)}`);
  for (const network of networks) {
    const cells = columns.map((column) => {
      const [mine, base] = [network, first].map((name) => timeOf(times, `${name}.${kind}`, column));
      return `${milliseconds(mine)} | ${ratio(base.latency_ms_median, mine.latency_ms_median)}`;
    });
    console.log(`| ${network} | ${cells.join(' | ')} |`);
  }
}
