// SPDX-License-Identifier: Apache-2.0
// The network on this device: on WebGPU if its pictures are the same as WebAssembly's, otherwise on WebAssembly.
import { messageOf, plural } from '../format';
import { difference, type Bytes } from '../pixels';
import { RuntimeClient, Stopped } from './client';
import type { FullRequest } from './messages';

declare const WORKERS: { wasm: string; webgpu: string; webgpu_jspi: string };

export type RuntimeChoice = 'auto' | 'webgpu' | 'wasm';

export interface Loaded {
  runtime: 'WebGPU' | 'WASM';
  threads: number;
  note: string; // why not WebGPU; empty if there is nothing to say
}

const wasm = new RuntimeClient(WORKERS.wasm);
// With JSPI, WebAssembly can wait for the GPU itself; the other build contains code for that and is half as large again.
const webgpu = new RuntimeClient('Suspending' in WebAssembly ? WORKERS.webgpu_jspi : WORKERS.webgpu);

const PROBE_SIDE = 96;
const PROBE_MEAN = 0.5; // levels of 255: rounding differs, arithmetic must not
const PROBE_MAX = 8;

/** A picture with edges, ramps and colours, the same everywhere. */
function probe(): ImageData {
  const picture = new ImageData(PROBE_SIDE, PROBE_SIDE);
  for (let y = 0, i = 0; y < PROBE_SIDE; ++y)
    for (let x = 0; x < PROBE_SIDE; ++x, i += 4)
      picture.data.set([x * 2.6, y * 2.6, ((x >> 4) ^ (y >> 4)) & 1 ? 220 : 40, 255], i);
  return picture;
}

async function hasAdapter(choice: RuntimeChoice): Promise<boolean> {
  if (choice === 'wasm' || !('gpu' in navigator)) return false;
  const gpu = navigator.gpu as { requestAdapter(): Promise<{ info?: { isFallbackAdapter?: boolean } } | null> };
  const adapter = await gpu.requestAdapter().catch(() => null);
  // A fallback adapter runs on the processor and is slower than WebAssembly: only on request.
  return adapter !== null && (choice === 'webgpu' || adapter.info?.isFallbackAdapter !== true);
}

async function loadInto(client: RuntimeClient, model: Uint8Array<ArrayBuffer>): Promise<number> {
  const copy = model.slice().buffer;
  const reply = await client.ask({ kind: 'load', model: copy }, [copy]);
  return reply.kind === 'loaded' ? reply.threads : 1;
}

async function run(client: RuntimeClient, picture: ImageData): Promise<{ styled: ImageData; latency_ms: number }> {
  const data = picture.data.slice().buffer;
  const reply = await client.ask({ kind: 'stylize', picture: { data, width: picture.width, height: picture.height } }, [data]);
  if (reply.kind !== 'styled') throw new Error('unexpected reply');
  const bytes: Bytes = new Uint8ClampedArray(reply.picture.data);
  return { styled: new ImageData(bytes, picture.width, picture.height), latency_ms: reply.latency_ms };
}

class Engine {
  private active: RuntimeClient = wasm;
  private model: Uint8Array<ArrayBuffer> | undefined;
  private loading: Promise<unknown> = Promise.resolve();
  private running = 0;
  private lost = false; // the worker was stopped and needs its model again
  loaded: Loaded | undefined;

  /** Makes this the network that stylize() runs. */
  load(model: Uint8Array<ArrayBuffer>, choice: RuntimeChoice): Promise<Loaded> {
    const result = this.loading.then(() => this.loadNow(model, choice));
    this.loading = result.catch(() => undefined);
    return result;
  }

  private async loadNow(model: Uint8Array<ArrayBuffer>, choice: RuntimeChoice): Promise<Loaded> {
    this.model = model;
    this.loaded = undefined;
    const threads = await loadInto(wasm, model);
    this.active = wasm;
    this.lost = false;
    const note = (await hasAdapter(choice)) ? await this.tryWebGpu(model) : choice === 'webgpu' ? 'This browser has no WebGPU.' : '';
    const onGpu = this.active === webgpu;
    if (onGpu) await wasm.ask({ kind: 'release' });
    this.loaded = { runtime: onGpu ? 'WebGPU' : 'WASM', threads: onGpu ? 1 : threads, note };
    return this.loaded;
  }

  private async tryWebGpu(model: Uint8Array<ArrayBuffer>): Promise<string> {
    try {
      await loadInto(webgpu, model);
      const [expected, found] = [await run(wasm, probe()), await run(webgpu, probe())];
      const { mean, max } = difference(expected.styled.data as Bytes, found.styled.data as Bytes);
      if (mean > PROBE_MEAN || max > PROBE_MAX) throw new Error(`its picture differs by ${mean.toFixed(1)} levels`);
      this.active = webgpu;
      return '';
    } catch (error) {
      webgpu.stop();
      return `WebGPU was tried and does not work here: ${sentence(error)}`;
    }
  }

  /** Cancels the picture that is being painted, which may take a minute, because something else is needed now. */
  interrupt(): void {
    if (this.running === 0) return;
    wasm.stop();
    webgpu.stop();
    this.lost = true;
  }

  /**
   * The photo as a painted file of its full size, in strips. The preview's network gives its memory back for that time, and is loaded
   * again when it is needed. Throws Stopped after interrupt().
   */
  async full(request: Omit<FullRequest, 'kind' | 'model'>, progress: (share: number) => void): Promise<{ file: Blob; ms: number }> {
    const model = this.model!;
    const ask = async (client: RuntimeClient): Promise<{ file: Blob; ms: number }> => {
      const copy = model.slice().buffer;
      const reply = await client.ask({ kind: 'full', model: copy, ...request }, [copy], progress);
      if (reply.kind !== 'file') throw new Error('unexpected reply');
      return reply;
    };
    wasm.stop();
    webgpu.stop();
    this.lost = true;
    ++this.running;
    try {
      const made = await ask(this.active).catch((error) => {
        if (this.active === wasm || error instanceof Stopped) throw error;
        return ask(wasm); // a GPU that is too small, or cannot do half precision
      });
      wasm.stop();
      webgpu.stop();
      return made;
    } catch (error) {
      if (error instanceof Stopped) throw error; // the worker has ended, and may be another one's by now
      wasm.stop();
      webgpu.stop();
      throw new Error(explain(error));
    } finally {
      --this.running;
    }
  }

  /** Throws Stopped after interrupt(). */
  async stylize(picture: ImageData): Promise<{ styled: ImageData; latency_ms: number }> {
    if (this.lost && this.model !== undefined) {
      await loadInto(this.active, this.model);
      this.lost = false;
    }
    ++this.running;
    try {
      return await run(this.active, picture);
    } catch (error) {
      if (this.model === undefined || error instanceof Stopped) throw error;
      if (this.active === wasm) {
        wasm.stop(); // after running out of memory it would fail with small pictures as well
        await loadInto(wasm, this.model);
        throw new Error(explain(error));
      }
      // The GPU was lost, or has too little memory.
      webgpu.stop();
      this.active = wasm;
      const threads = await loadInto(wasm, this.model);
      this.loaded = { runtime: 'WASM', threads, note: `WebGPU failed: ${sentence(error)}` };
      return await run(wasm, picture);
    } finally {
      --this.running;
    }
  }
}

function explain(error: unknown): string {
  const message = messageOf(error);
  return /memory|bad_alloc|allocat/i.test(message)
    ? 'This picture does not fit in memory: choose a smaller picture size or a smaller network.'
    : message;
}

const sentence = (error: unknown): string => messageOf(error).replace(/\.*$/, '.');

export const runtimeText = ({ runtime, threads }: Loaded): string =>
  runtime === 'WebGPU' ? 'WebGPU' : `WASM, ${plural(threads, 'thread')}`;

export const engine = new Engine();

/** Another network beside the engine's, for a small picture. stop() gives its memory back. */
const beside = new RuntimeClient(WORKERS.wasm);
export const smallNetwork = Object.assign(
  async (model: Uint8Array<ArrayBuffer>, picture: ImageData): Promise<ImageData> => {
    await loadInto(beside, model);
    return (await run(beside, picture)).styled;
  },
  { stop: () => beside.stop() },
);
