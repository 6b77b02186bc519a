// SPDX-License-Identifier: Apache-2.0
// A photo as a file of its full size, painted in strips. Runs in the worker; besides the picture itself only strips are in memory.
import { fit, mix, type Bytes } from '../pixels';
import type { FullRequest, Reply } from '../runtime/messages';
import { layersOf } from './network';
import { paint, ROOM, STRIP, type Runtime, type Source } from './paint';
import { openScratch } from './scratch';

const LEAST_SIDE = 24; // of what the network sees
const ROWS = 256;
const JPEG_QUALITY = 0.95;

type Context = OffscreenCanvasRenderingContext2D;

function canvasOf(width: number, height: number, read = false): Context {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: read });
  if (context === null) throw new Error(`this browser cannot hold a picture of ${width} × ${height}`);
  context.imageSmoothingQuality = 'high';
  return context;
}

/** Rows of a picture that is drawn at a size. The photo is decoded when rows are wanted, and again after close(). */
class Rows implements Source {
  private bitmap: ImageBitmap | undefined;
  private strip: Context | undefined;
  constructor(
    private readonly photo: Blob,
    readonly size: { width: number; height: number },
  ) {}

  async rows(first: number, end: number): Promise<Uint8Array> {
    return new Uint8Array((await this.bytes(first, end)).buffer);
  }
  async bytes(first: number, end: number): Promise<Bytes> {
    this.bitmap ??= await createImageBitmap(this.photo);
    const { width, height } = this.size;
    if (this.strip?.canvas.height !== end - first) this.strip = canvasOf(width, end - first, true);
    this.strip.clearRect(0, 0, width, end - first);
    this.strip.drawImage(this.bitmap, 0, -first, width, height);
    return this.strip.getImageData(0, 0, width, end - first).data;
  }
  close(): void {
    this.bitmap?.close();
    this.bitmap = this.strip = undefined;
  }
}

/** The size at which the network sees a picture. */
export function networkSize(size: { width: number; height: number }, scale: number): { width: number; height: number } {
  const least = Math.min(LEAST_SIDE / Math.min(size.width, size.height), 1);
  return fit(size.width, size.height, Math.max(size.width, size.height) * Math.max(1 / scale, least));
}

export async function paintFile({ model, photo, width, height, look, type }: FullRequest, runtime: Runtime, progress: (share: number) => void): Promise<Reply> {
  const start = performance.now();
  const size = { width, height }, seen = networkSize(size, look.scale);
  const layers = layersOf(new Uint8Array(model));
  const original = new Rows(photo, size); // for what is mixed in: colours, transparency
  const finish = async (first: number, end: number, styled: Bytes): Promise<ImageData> =>
    new ImageData(mix(await original.bytes(first, end), styled, look.strength, look.keepColors), width, end - first);

  const same = seen.width === width;
  let canvas: Context | undefined;
  const scratch = await openScratch();
  const onDisk = scratch !== undefined && scratch.bytes / 2 > ROOM;
  await paint(layers, same ? original : new Rows(photo, seen), runtime, async (first, end, rgb) => {
    canvas ??= canvasOf(seen.width, seen.height);
    const rgba = new Uint8ClampedArray((end - first) * seen.width * 4).fill(255);
    for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
      rgba[to] = rgb[from]!;
      rgba[to + 1] = rgb[from + 1]!;
      rgba[to + 2] = rgb[from + 2]!;
    }
    canvas.putImageData(same ? await finish(first, end, rgba) : new ImageData(rgba, seen.width, end - first), 0, first);
  }, progress, onDisk ? scratch.bytes / 2 : ROOM, STRIP, onDisk ? scratch.store : undefined).finally(() => scratch?.close());
  if (canvas === undefined) throw new Error('the picture is empty');
  if (!same) {
    const large = canvasOf(width, height), strip = canvasOf(width, ROWS, true);
    for (let first = 0; first < height; first += ROWS) {
      const end = Math.min(height, first + ROWS);
      strip.drawImage(canvas.canvas, 0, -first, width, height);
      large.putImageData(await finish(first, end, strip.getImageData(0, 0, width, end - first).data), 0, first);
    }
    canvas = large;
  }
  original.close();
  const file = await canvas.canvas.convertToBlob({ type, quality: JPEG_QUALITY });
  return { kind: 'file', file, width, height, ms: performance.now() - start };
}
