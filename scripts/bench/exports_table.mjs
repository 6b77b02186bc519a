// SPDX-License-Identifier: Apache-2.0
// The Markdown of docs/benchmarks/exports.md from the measurements of scripts/bench/exports.sh:
//   node exports_table.mjs FOLDER HEADER NETWORK...
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { columns as allColumns, head, heading, milliseconds, reader, thousands, timeOf, usable } from './tables.mjs';

const [folder, made, ...networks] = process.argv.slice(2);
const read = reader(folder);
const measured = readdirSync(folder).filter((name) => /\.(libtorch|ort|web|litert)\.json$/.test(name)).sort().map(read);
// A LiteRT file is for one size; those of both sizes are one row.
const times = measured.flatMap(usable).map((time) => ({ ...time, path: time.file, file: basename(time.file).replace(/\.(256|512)(?=.*\.tflite$)/, '') }));
const columns = allColumns.filter(([side, threads]) => times.some((time) => time.width === side && time.threads === threads));
const rows = new Map(); // by file and runtime; a file's load time is that of its first measurement
for (const time of times) {
  const row = { file: time.file, manifest: `${basename(time.path)}.json`, runtime: time.runtime, load: time.load_ms };
  const key = `${row.file} ${row.runtime}`;
  if (!rows.has(key)) rows.set(key, row);
}

console.log(`${head('Exported files: size, speed, exactness', made, measured[0].repeats)}
Picture side and threads in the heading; \`onnxruntime-web\` and \`LiteRT.js\` are WebAssembly in Node, with one thread. \`plain\` is \`--lowering none\`, \`cpu\` is \`--lowering cpu\`. Largest difference: to the
network that the file stores, values 0..1, over 15 pictures of five sizes (LiteRT files: three of 256x256), in the runtimes of the export. Precision: PSNR of the
stored network's pictures against the trained one's. LiteRT files without a time for a size gave no picture of it.
`);
for (const network of networks) {
  console.log(`## ${network}\n`);
  console.log(`| file | runtime | bytes | load | ${columns.map(heading).join(' | ')} | largest difference | precision |`);
  console.log(`|---|---|---|---|${'---|'.repeat(columns.length)}---|---|`);
  for (const row of [...rows.values()].filter((one) => one.file.startsWith(`${network}.`))) {
    const manifest = read(row.manifest);
    const largest = Math.max(...manifest.parity.map((p) => p.max_difference));
    const precision = manifest.precision_psnr_db === null ? 'exact' : `${manifest.precision_psnr_db.toFixed(1)} dB`;
    const cells = columns.map((column) => milliseconds(timeOf(times.filter((time) => time.runtime === row.runtime), row.file, column)));
    console.log(`| ${row.file} | ${row.runtime} | ${thousands(manifest.bytes)} | ${row.load.toFixed(0)} | ${cells.join(' | ')} | ${largest.toExponential(1)} | ${precision} |`);
  }
  console.log();
}
