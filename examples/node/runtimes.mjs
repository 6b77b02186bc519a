// SPDX-License-Identifier: Apache-2.0
// The runtimes that exported files are tested and measured in. Each opens a file as an object with
//   dtype ('float32', 'uint8'), shape (a number or a name for each dimension), run(values, shape): values of the same
//   type and shape, or [] if the result's differ, and release().
import { readFileSync } from 'node:fs';
import { openLiteRt } from './litert.mjs';

async function openOnnx(ort, path, options = {}) {
  const session = await ort.InferenceSession.create(new Uint8Array(readFileSync(path)), options);
  const [{ type: dtype, shape }] = session.inputMetadata;
  return {
    dtype,
    shape,
    async run(values, dims) {
      const outputs = await session.run({ [session.inputNames[0]]: new ort.Tensor(dtype, values, dims) });
      const found = outputs[session.outputNames[0]];
      return found.type === dtype && String(found.dims) === String(dims) ? found.data : [];
    },
    release: () => session.release(),
  };
}

/** `most`: the most threads it takes in Node. */
export const RUNTIMES = {
  node: {
    name: 'onnxruntime', kind: '.onnx', most: Infinity,
    open: async (path, threads) =>
      openOnnx((await import('onnxruntime-node')).default, path, threads && { intraOpNumThreads: threads, interOpNumThreads: 1 }),
  },
  web: {
    name: 'onnxruntime-web', kind: '.onnx', most: 1,
    open: async (path) => {
      const ort = await import('onnxruntime-web');
      ort.env.wasm.numThreads = 1;
      return openOnnx(ort, path);
    },
  },
  litert: { name: 'LiteRT.js', kind: '.tflite', most: 1, open: (path) => openLiteRt(path) },
};
