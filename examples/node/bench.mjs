// SPDX-License-Identifier: Apache-2.0
// How long exported files take: .onnx in ONNX Runtime, native or its WebAssembly (web), .tflite in LiteRT's WebAssembly:
//   node bench.mjs FILE... [--runtime node|web|litert] [--size 256,512] [--threads 1] [--repeats 15] [--json]
// Square pictures; a file of one size is measured at that, and one that gives no picture is left out, with a line on standard
// error. The files take turns, so that whatever else the machine does meets all. CPU: the process' time on processors, which
// other programs hardly change. WebAssembly has one thread here. Exit codes as stylize.mjs.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { firstLine, runProgram, UsageError } from './model.mjs';
import { RUNTIMES } from './runtimes.mjs';

const USAGE = 'usage: node bench.mjs FILE... [--runtime node|web|litert] [--size 256,512] [--threads 1] [--repeats 15] [--json]';
const WARM_UPS = 2;
const numbers = (text) => text.split(',').map(Number);

function readArguments() {
  try {
    const { values, positionals: files } = parseArgs({
      allowPositionals: true,
      options: { size: { type: 'string', default: '256,512' }, threads: { type: 'string', default: '1' }, runtime: { type: 'string' },
                 repeats: { type: 'string', default: '15' }, json: { type: 'boolean' } },
    });
    const runtime = values.runtime ?? (files.every((file) => file.endsWith('.tflite')) ? 'litert' : 'node');
    const result = { files, runtime, sizes: numbers(values.size), threads: numbers(values.threads), repeats: Number(values.repeats), json: values.json };
    if (files.length === 0 || !(runtime in RUNTIMES) || ![...result.sizes, ...result.threads, result.repeats].every((n) => Number.isInteger(n) && n > 0))
      throw new Error(USAGE);
    return result;
  } catch (error) {
    throw new UsageError(firstLine(error));
  }
}

/** The model's shape for a picture of this size; undefined if it is for another. */
function shapeFor({ dtype, shape }, size) {
  const channels = [3, 4].find((count) => shape.includes(count));
  const wanted = shape.length === 3 ? [size, size, 4] : shape[1] === channels && dtype === 'float32' ? [1, 3, size, size] : [1, size, size, channels];
  return wanted.every((side, i) => typeof shape[i] !== 'number' || shape[i] <= 0 || shape[i] === side) ? wanted : undefined;
}

function picture(dtype, shape) {
  const length = shape.reduce((a, b) => a * b, 1);
  return dtype === 'float32' ? Float32Array.from({ length }, Math.random) : Uint8Array.from({ length }, () => 256 * Math.random());
}

await runProgram('bench', async () => {
  const { files, runtime, sizes, threads, repeats, json } = readArguments();
  const { name, open, most } = RUNTIMES[runtime];
  const rows = [];
  for (const count of threads.filter((n) => n <= most)) {
    const models = [];
    for (const file of files) {
      if (!existsSync(file)) throw Object.assign(new Error(`${file}: no such file`), { exitCode: 3 });
      const start = performance.now();
      const model = await open(file, count);
      models.push({ file, model, load_ms: performance.now() - start });
    }
    for (const size of sizes) {
      let measured = models.map((one) => ({ ...one, shape: shapeFor(one.model, size), times: [], cpu: [] })).filter(({ shape }) => shape);
      for (let round = 0; round < WARM_UPS + repeats; ++round) {
        const failed = new Map();
        for (const { file, model, shape, times, cpu } of measured) {
          const values = picture(model.dtype, shape);
          const start = performance.now();
          const before = process.cpuUsage();
          try {
            if ((await model.run(values, shape)).length === 0) failed.set(file, 'no picture of the same size');
          } catch (error) {
            failed.set(file, firstLine(error));
          }
          const { user, system } = process.cpuUsage(before), time = performance.now() - start;
          if (round < WARM_UPS) continue;
          times.push(time);
          cpu.push((user + system) / 1000);
        }
        for (const [file, why] of failed) console.error(`bench: left out at ${size}x${size}: ${file}: ${why}`);
        measured = measured.filter(({ file }) => !failed.has(file));
      }
      const sorted = (values) => values.sort((a, b) => a - b);
      for (const { file, load_ms, times, cpu } of measured) {
        const t = sorted(times);
        rows.push({ file, runtime: name, load_ms, height: size, width: size, threads: count,
                    latency_ms_median: t[t.length >> 1], latency_ms_p90: t[Math.floor(t.length * 0.9)], latency_ms_min: t[0], cpu_ms_median: sorted(cpu)[cpu.length >> 1] });
      }
    }
    for (const { model } of models) await model.release();
  }
  if (json) console.log(JSON.stringify({ warm_ups: WARM_UPS, repeats, times: rows }, null, 2));
  else for (const r of rows) console.log(`${r.file}  ${r.runtime}  ${r.width}x${r.height}  ${r.threads} threads  median ${r.latency_ms_median.toFixed(1)} ms, CPU ${r.cpu_ms_median.toFixed(1)} ms`);
});
