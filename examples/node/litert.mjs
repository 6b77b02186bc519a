// SPDX-License-Identifier: Apache-2.0
// LiteRT's WebAssembly in Node. @litertjs/core is made for browsers: what it expects of one is put in its place here.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runInThisContext } from 'node:vm';

const require = createRequire(import.meta.url);
const folder = join(dirname(require.resolve('@litertjs/core')), '..', 'wasm');

async function load() {
  const silent = () => {};
  globalThis.self = globalThis;
  globalThis.navigator ??= {}; // Node 18 and 20 have none
  globalThis.require = require;
  globalThis.__dirname = folder;
  globalThis.Module = { print: silent, printErr: silent };
  globalThis.importScripts = (path) => runInThisContext(readFileSync(path, 'utf8'), { filename: path });
  const [log, warn] = [console.log, console.warn];
  console.warn = silent; // that there is no WebGPU
  const litert = await import('@litertjs/core');
  // The build for processors without relaxed SIMD is the one that every version of Node runs without flags.
  await litert.loadLiteRt(join(folder, 'litert_wasm_compat_internal.js'));
  Object.assign(console, { log, warn });
  delete globalThis.importScripts; // other packages would take Node for a worker
  return litert;
}
let loading;

/** Whether a run gave a picture: without the memory that it needs, LiteRT's WebAssembly gives zeros, and no error. */
const isPicture = (values, dtype) => values.some((value) => value > (dtype === 'float32' ? 0.01 : 2));

/** A loaded .tflite file, as runtimes.mjs has it. One thread, and pictures of the size that the file names. */
export async function openLiteRt(path) {
  const { loadAndCompile, Tensor } = await (loading ??= load());
  const model = await loadAndCompile(new Uint8Array(readFileSync(path)), { accelerator: 'wasm' });
  const [{ shape, dtype }] = model.getInputDetails();
  return {
    shape: Array.from(shape),
    dtype,
    async run(values, dims) {
      if (String(dims) !== String(Array.from(shape))) return [];
      const input = new Tensor(values, dims);
      const [output] = await model.run(input);
      const result = output.toTypedArray().slice(); // a view of the module's memory
      input.delete();
      output.delete();
      if (!isPicture(result, dtype)) throw new Error("LiteRT's WebAssembly gave no picture, most likely for lack of memory");
      return result;
    },
    release: () => model.delete(),
  };
}
