// SPDX-License-Identifier: Apache-2.0
// Runs the model in a worker, so that the page stays responsive. Built once for each of ONNX Runtime's builds:
// build.mjs decides which one `ort` is, what it runs on, and where its files are.
import * as ort from 'ort';
import { paintFile } from '../full/file';
import type { Numbers, Runtime, Values } from '../full/paint';
import type { Picture, Reply, Request } from './messages';

declare const PROVIDER: 'wasm' | 'webgpu';
declare const RUNTIME_FILES: { mjs: string; wasm: string };

ort.env.wasm.wasmPaths = {
  mjs: new URL(RUNTIME_FILES.mjs, self.location.href).href,
  wasm: new URL(RUNTIME_FILES.wasm, self.location.href).href,
};
ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;

let session: ort.InferenceSession | undefined;

async function load(model: ArrayBuffer): Promise<Reply> {
  const next = await ort.InferenceSession.create(new Uint8Array(model), {
    executionProviders: [PROVIDER],
    logSeverityLevel: 3, // that shapes are computed on the processor is no news
  });
  const input = next.inputMetadata[0];
  if (!input?.isTensor || input.type !== 'uint8' || input.shape.length !== 3) {
    await next.release();
    throw new Error('not a model of the kind NAME.rgba.onnx');
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
  const bytes = Uint8Array.from((await styled!.getData()) as Uint8Array); // out of the runtime's own memory
  return { kind: 'styled', picture: { data: bytes.buffer, width, height }, latency_ms: performance.now() - start };
}

/** Models of a few layers, for pictures in strips. They are small and many, so they leave nothing behind. */
const runtime: Runtime = {
  async open(model) {
    const chain = await ort.InferenceSession.create(model, { executionProviders: [PROVIDER], logSeverityLevel: 3, enableCpuMemArena: false, enableMemPattern: false });
    return {
      async run(inputs: Record<string, Values>): Promise<Record<string, Numbers>> {
        const feeds = Object.fromEntries(Object.entries(inputs).map(([name, { type, data, shape }]) => [name, new ort.Tensor(type as 'float32', data as Float32Array, shape)]));
        const found: Record<string, Numbers> = {};
        for (const [name, tensor] of Object.entries(await chain.run(feeds))) {
          const data = (await tensor.getData()) as Uint8Array | Float32Array; // a copy already
          // Half precision comes as Uint16Array or, in newer browsers, as Float16Array.
          found[name] = tensor.type === 'float16' ? new Uint16Array(data.buffer, data.byteOffset, data.length) : data;
          tensor.dispose();
        }
        return found;
      },
      close: () => chain.release(),
    };
  },
};

async function release(): Promise<Reply> {
  await session?.release();
  session = undefined;
  return { kind: 'released' };
}

self.onmessage = async ({ data: request }: MessageEvent<Request>) => {
  let reply: Reply;
  try {
    if (request.kind === 'load') reply = await load(request.model);
    else if (request.kind === 'full') reply = await paintFile(request, runtime, (share) => self.postMessage({ kind: 'progress', share }));
    else if (request.kind === 'stylize') reply = await stylize(request.picture);
    else reply = await release();
  } catch (error) {
    reply = { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
  self.postMessage(reply, { transfer: reply.kind === 'styled' ? [reply.picture.data] : [] });
};
