// SPDX-License-Identifier: Apache-2.0
// The Markdown of docs/benchmarks/exports.md from what scripts/benchmark_exports.sh measured: node exports_table.mjs FOLDER CPU
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const [folder, cpu] = process.argv.slice(2);
const read = (file) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
let repeats = 0;
const rows = new Map(); // by file and runtime: its times by "size threads"
for (const file of readdirSync(folder).filter((name) => /\.(libtorch|ort)\.json$/.test(name)).sort()) {
  const measured = read(file);
  repeats = measured.repeats;
  for (const time of measured.times) {
    if (time.runtime === 'onnx on libtorch') continue; // an evaluator for verification, not a runtime to use
    const key = `${basename(time.file)} ${time.runtime}`;
    if (!rows.has(key)) rows.set(key, { file: basename(time.file), runtime: time.runtime, load: time.load_ms, times: {} });
    rows.get(key).times[`${time.width} ${time.threads}`] = time;
  }
}

const columns = ['256 1', '256 2', '512 1', '512 2'];
const cell = (time) => (time ? `${time.latency_ms_median.toFixed(0)} (${time.latency_ms_min.toFixed(0)}..${time.latency_ms_p90.toFixed(0)})` : '');
console.log(`# Exported files: size, speed, exactness

Written by \`scripts/benchmark_exports.sh\` on ${new Date().toISOString().slice(0, 10)}: ${cpu}, 2 cores. Times in ms: median
(minimum..90th percentile) of ${repeats} repeats after 2 warm-ups, the three networks in turn; picture side and threads in the heading. \`plain\` is
\`--lowering none\`, \`cpu\` is \`--lowering cpu\`. Largest difference: to the network that the file stores, values 0..1, over 15 pictures of five sizes, in
the runtimes of the export. Precision: PSNR of the stored network's pictures against the trained one's.
`);
for (const network of ['original', 'bottleneck', 'mini']) {
  console.log(`## ${network}\n`);
  console.log(`| file | runtime | bytes | load | ${columns.map((c) => c.replace(' ', ' px, ') + ' thr.').join(' | ')} | largest difference | precision |`);
  console.log(`|---|---|---|---|${'---|'.repeat(columns.length)}---|---|`);
  for (const row of [...rows.values()].filter((one) => one.file.startsWith(`${network}.`))) {
    const manifest = read(`${row.file}.json`);
    const largest = Math.max(...manifest.parity.map((p) => p.max_difference));
    const precision = manifest.precision_psnr_db === null ? 'exact' : `${manifest.precision_psnr_db.toFixed(1)} dB`;
    console.log(`| ${row.file} | ${row.runtime} | ${manifest.bytes.toLocaleString('en')} | ${row.load.toFixed(0)} | ${columns.map((c) => cell(row.times[c])).join(' | ')} | ${largest.toExponential(1)} | ${precision} |`);
  }
  console.log();
}
