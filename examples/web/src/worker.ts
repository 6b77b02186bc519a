// SPDX-License-Identifier: Apache-2.0
// Runs the model beside the page, so that the page stays responsive.
import * as ort from 'onnxruntime-web/wasm';
import type { Picture, Reply, Request } from './messages';

ort.env.wasm.wasmPaths = new URL('./', self.location.href).href; // the runtime's files lie beside this one
ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;

let session: ort.InferenceSession | undefined;

async function load(model: ArrayBuffer): Promise<Reply> {
  const next = await ort.InferenceSession.create(new Uint8Array(model));
  const input = next.inputMetadata[0];
  if (!input?.isTensor || input.type !== 'uint8' || input.shape.length !== 3) {
    await next.release();
    throw new Error('this page takes models of the kind NAME.rgba.onnx');
  }
  await session?.release();
  session = next;
  return { kind: 'loaded', threads: ort.env.wasm.numThreads ?? 1 };
}

async function stylize({ data, width, height }: Picture): Promise<Reply> {
  if (session === undefined) throw new Error('there is no model yet');
  const start = performance.now();
  const image = new ort.Tensor('uint8', new Uint8Array(data), [height, width, 4]);
  const { styled } = await session.run({ image });
  const milliseconds = performance.now() - start;
  const bytes = Uint8Array.from(styled!.data as Uint8Array); // out of the runtime's own memory
  return { kind: 'styled', picture: { data: bytes.buffer, width, height }, milliseconds };
}

self.onmessage = async ({ data: request }: MessageEvent<Request>) => {
  let reply: Reply;
  try {
    reply = request.kind === 'load' ? await load(request.model) : await stylize(request.picture);
  } catch (error) {
    reply = { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
  self.postMessage(reply, { transfer: reply.kind === 'styled' ? [reply.picture.data] : [] });
};
