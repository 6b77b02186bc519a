// SPDX-License-Identifier: Apache-2.0
// Runs exported files on reference inputs and compares with the reference outputs: .onnx files in ONNX Runtime, native
// (node) or in WebAssembly (web), .tflite files of fixed sizes in LiteRT's WebAssembly (litert).
//   node verify.mjs MODELS REFERENCE [--runtime node|web|litert] [--largest-side PIXELS] [--json FILE]
// Exit codes: 0 all within tolerance, 1 the work failed, 2 wrong usage, 3 missing or unusable data, 4 a difference
// above its tolerance, or a model in MODELS without a case.
//
// REFERENCE holds index.json and, for each case, CASE.in.bin and CASE.out.bin: the tensors' raw little-endian values
// in row-major order, input and output of the same type and shape. index.json:
//   { "cases": [ { "case": "rgba-97x131",        // names the two files; several models may share a case
//                  "model": "NAME.rgba.onnx",    // in MODELS
//                  "dtype": "uint8",             // or "float32"
//                  "shape": [97, 131, 4],        // as the model wants it
//                  "tolerance": 1,               // largest absolute difference, in the output's unit
//                  "min_psnr": 40 } ] }          // optional, in dB: for files with rounded weights
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { firstLine, runProgram, UsageError } from './model.mjs';
import { RUNTIMES } from './runtimes.mjs';

const USAGE = 'usage: node verify.mjs MODELS REFERENCE [--runtime node|web|litert] [--largest-side PIXELS] [--json FILE]';
const CALLS = 3; // a runtime may optimise a graph after its first call
const TYPES = { float32: { array: Float32Array, peak: 1 }, uint8: { array: Uint8Array, peak: 255 } };

const missing = (message) => Object.assign(new Error(message), { exitCode: 3 });

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        runtime: { type: 'string', default: 'node' },
        'largest-side': { type: 'string', default: '65536' },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    const largestSide = Number(values['largest-side']);
    const good = positionals.length === 2 && values.runtime in RUNTIMES && largestSide > 0;
    if (!values.help && !good) throw new Error(USAGE);
    return { ...values, largestSide, models: positionals[0], reference: positionals[1] };
  } catch (error) {
    throw new UsageError(firstLine(error));
  }
}

function readIndex(folder) {
  const path = join(folder, 'index.json');
  if (!existsSync(path)) throw missing(`${path}: no such file`);
  let cases;
  try {
    ({ cases } = JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw missing(`${path}: not JSON: ${firstLine(error)}`);
  }
  if (!Array.isArray(cases) || cases.length === 0) throw missing(`${path}: expected "cases", a list`);
  for (const [i, c] of cases.entries()) {
    const good = typeof c.case === 'string' && typeof c.model === 'string' && c.dtype in TYPES &&
      Array.isArray(c.shape) && c.shape.every((n) => Number.isInteger(n) && n > 0) && c.tolerance >= 0;
    if (!good) throw missing(`${path}: case ${i}: expected case, model, dtype, shape and tolerance`);
  }
  return cases;
}

function readTensor(path, { dtype, shape }) {
  if (!existsSync(path)) throw missing(`${path}: no such file`);
  const bytes = readFileSync(path);
  const { array } = TYPES[dtype];
  const count = shape.reduce((a, b) => a * b, 1);
  if (bytes.length !== count * array.BYTES_PER_ELEMENT)
    throw missing(`${path}: ${bytes.length} bytes, expected ${count * array.BYTES_PER_ELEMENT} for ${dtype} [${shape}]`);
  return new array(Uint8Array.from(bytes).buffer); // a copy, because a view must be aligned
}

/** Differences, added up over pictures and calls. */
class Differences {
  max = 0;
  absolute = 0;
  squared = 0;
  count = 0;

  add(found, expected) {
    if (found.length !== expected.length) this.max = Infinity;
    for (let i = 0; i < expected.length; ++i) {
      const difference = Math.abs(found[i] - expected[i]);
      if (!(difference <= this.max)) this.max = Number.isNaN(difference) ? Infinity : difference;
      this.absolute += difference;
      this.squared += difference * difference;
    }
    this.count += expected.length;
  }

  mean = () => this.absolute / this.count;
  psnr = (peak) => 10 * Math.log10((peak * peak * this.count) / this.squared); // Infinity when identical
}

/** One row a model and size. */
async function verify(open, models, reference, cases) {
  const rows = new Map();
  for (const model of new Set(cases.map((c) => c.model))) {
    const path = join(models, model);
    if (!existsSync(path)) throw missing(`${path}: no such file`);
    const session = await open(path).catch((error) => {
      throw missing(`${path}: not a usable model: ${firstLine(error)}`);
    });
    for (const c of cases.filter((one) => one.model === model)) {
      const input = readTensor(join(reference, `${c.case}.in.bin`), c);
      const expected = readTensor(join(reference, `${c.case}.out.bin`), c);
      const key = `${model} ${c.shape}`;
      if (!rows.has(key))
        rows.set(key, { model, dtype: c.dtype, shape: c.shape, cases: 0, tolerance: Infinity, minPsnr: -Infinity,
                        milliseconds: Infinity, sum: new Differences() });
      const row = rows.get(key);
      row.cases += 1;
      row.tolerance = Math.min(row.tolerance, c.tolerance); // the strictest of the size's pictures
      row.minPsnr = Math.max(row.minPsnr, c.min_psnr ?? -Infinity);
      for (let call = 0; call < CALLS; ++call) {
        const start = performance.now();
        const found = session.dtype === c.dtype ? await session.run(input, c.shape) : [];
        row.milliseconds = Math.min(row.milliseconds, performance.now() - start);
        row.sum.add(found, expected);
      }
    }
    await session.release();
  }
  return [...rows.values()].map(({ sum, minPsnr, ...row }) => {
    const psnr = sum.psnr(TYPES[row.dtype].peak);
    return { ...row, max: sum.max, mean: sum.mean(), psnr, ...(minPsnr > -Infinity && { min_psnr: minPsnr }),
             within: sum.max <= row.tolerance && psnr >= minPsnr };
  });
}

function printTable(rows) {
  const number = (x) => (x === 0 ? '0' : x < 0.01 ? x.toExponential(1) : String(Number(x.toPrecision(3))));
  const lines = [['model', 'shape', 'max', 'mean', 'PSNR dB', 'allowed', 'ms', '']];
  for (const r of rows)
    lines.push([r.model, r.shape.join('x'), number(r.max), number(r.mean), r.psnr === Infinity ? 'inf' : r.psnr.toFixed(1),
                number(r.tolerance) + (r.min_psnr ? ` ${r.min_psnr} dB` : ''), r.milliseconds.toFixed(1), r.within ? 'ok' : 'DIFFERS']);
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  for (const line of lines)
    console.log(line.map((text, i) => (i < 2 || i === 7 ? text.padEnd(widths[i]) : text.padStart(widths[i]))).join('  ').trimEnd());
}

await runProgram('verify', async () => {
  const { help, models, reference, runtime, largestSide, json } = readArguments();
  if (help) return console.log(USAGE);
  if (endianness() !== 'LE') throw new Error('this machine is big-endian; the reference files are not');
  if (!existsSync(models)) throw missing(`${models}: no such folder`);
  const { kind, name: runtimeName, open } = RUNTIMES[runtime];
  const cases = readIndex(reference).filter((c) => c.model.endsWith(kind) && Math.max(...c.shape) <= largestSide);
  const rows = await verify(open, models, reference, cases);
  const untested = readdirSync(models).filter((name) => name.endsWith(kind) && !rows.some((r) => r.model === name));
  if (rows.length === 0) throw missing(`${reference}: no case for a ${kind} file`);
  printTable(rows);
  if (json) writeFileSync(json, JSON.stringify({ runtime, calls: CALLS, rows, untested }, null, 2) + '\n'); // Infinity: null
  const differing = rows.filter((r) => !r.within).length;
  const problems = [];
  if (differing) problems.push(`${differing} of ${rows.length} rows above tolerance`);
  if (untested.length) problems.push(`no case for ${untested.join(', ')}`);
  if (problems.length) throw Object.assign(new Error(problems.join('; ')), { exitCode: 4 });
  console.log(`${rows.length} rows within tolerance, ${cases.length} cases, ${CALLS} calls each, ${runtimeName}`);
});
