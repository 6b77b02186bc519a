// SPDX-License-Identifier: Apache-2.0
// How long exported .onnx files take in ONNX Runtime:
//   node bench.mjs FILE.onnx... [--size 256,512] [--threads 1] [--repeats 15] [--json]
// Square pictures; the files take turns, so that whatever else the machine does meets all. Exit codes as stylize.mjs.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import ort from 'onnxruntime-node';
import { firstLine, kindOf, runProgram, UsageError } from './model.mjs';

const WARM_UPS = 2;
const numbers = (text) => text.split(',').map(Number);

function readArguments() {
  try {
    const { values, positionals: files } = parseArgs({
      allowPositionals: true,
      options: { size: { type: 'string', default: '256,512' }, threads: { type: 'string', default: '1' },
                 repeats: { type: 'string', default: '15' }, json: { type: 'boolean' } },
    });
    const result = { files, sizes: numbers(values.size), threads: numbers(values.threads), repeats: Number(values.repeats), json: values.json };
    if (files.length === 0 || ![...result.sizes, ...result.threads, result.repeats].every((n) => Number.isInteger(n) && n > 0))
      throw new Error('usage: node bench.mjs FILE.onnx... [--size 256,512] [--threads 1] [--repeats 15] [--json]');
    return result;
  } catch (error) {
    throw new UsageError(firstLine(error));
  }
}

function picture(session, size) {
  const kind = kindOf(session.inputMetadata[0]);
  const shape = { float: [1, 3, size, size], u8: [1, size, size, 3], rgba: [size, size, 4] }[kind];
  const count = shape.reduce((a, b) => a * b, 1);
  const data = kind === 'float' ? Float32Array.from({ length: count }, Math.random) : Uint8Array.from({ length: count }, () => 256 * Math.random());
  return { [session.inputNames[0]]: new ort.Tensor(kind === 'float' ? 'float32' : 'uint8', data, shape) };
}

await runProgram('bench', async () => {
  const { files, sizes, threads, repeats, json } = readArguments();
  const rows = [];
  for (const count of threads) {
    const sessions = [];
    for (const file of files) {
      if (!existsSync(file)) throw Object.assign(new Error(`${file}: no such file`), { exitCode: 3 });
      const start = performance.now();
      const session = await ort.InferenceSession.create(file, { intraOpNumThreads: count, interOpNumThreads: 1 });
      sessions.push({ file, session, load_ms: performance.now() - start });
    }
    for (const size of sizes) {
      const times = sessions.map(() => []);
      for (let round = 0; round < WARM_UPS + repeats; ++round)
        for (const [i, { session }] of sessions.entries()) {
          const feeds = picture(session, size);
          const start = performance.now();
          await session.run(feeds);
          if (round >= WARM_UPS) times[i].push(performance.now() - start);
        }
      for (const [i, { file, load_ms }] of sessions.entries()) {
        const t = times[i].sort((a, b) => a - b);
        rows.push({ file, runtime: 'onnxruntime', load_ms, height: size, width: size, threads: count,
                    latency_ms_median: t[t.length >> 1], latency_ms_p90: t[Math.floor(t.length * 0.9)], latency_ms_min: t[0] });
      }
    }
    for (const { session } of sessions) await session.release();
  }
  if (json) console.log(JSON.stringify({ warm_ups: WARM_UPS, repeats, times: rows }, null, 2));
  else for (const r of rows) console.log(`${r.file}  ${r.width}x${r.height}  ${r.threads} threads  median ${r.latency_ms_median.toFixed(1)} ms`);
});
