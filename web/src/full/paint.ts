// SPDX-License-Identifier: Apache-2.0
// Runs a network on a picture in strips, pass by pass, with the whole picture's statistics: the same result as in one piece, whatever the size.
import { chainModel, stripInputs, type Statistics } from './chain';
import { Blocks, KeptLevel, MemoryStore, type Store } from './kept';
import { sideAt, type Layer } from './network';
import { mostKept, planOf, stepsOf, stripsOf, totalWork, trunkOf, workOf, type Pass, type Size } from './plan';

export type Numbers = Uint8Array | Uint16Array | BigInt64Array | Float32Array;
export interface Values {
  type: 'uint8' | 'float16' | 'int64' | 'float32';
  data: Numbers;
  shape: number[];
}
/** Something that runs ONNX models. */
export interface Runtime {
  open(model: Uint8Array<ArrayBuffer>): Promise<{ run(inputs: Record<string, Values>): Promise<Record<string, Numbers>>; close(): Promise<void> }>;
}

export interface Source {
  size: Size;
  /** RGBA of rows first..end. */
  rows(first: number, end: number): Promise<Uint8Array> | Uint8Array;
  /** Called once no more rows are needed. */
  close?(): void;
}

export const ROOM = 150e6; // numbers that may be kept in memory, of two bytes each
export const STRIP = 4e6; // numbers of one strip of one level

/** Mean and sum of squared deviations, of strips that arrive one after the other: Chan, Golub and LeVeque 1983. */
export class Moments {
  private count = 0;
  private readonly mean: Float64Array;
  private readonly squares: Float64Array;
  constructor(channels: number) {
    this.mean = new Float64Array(channels);
    this.squares = new Float64Array(channels);
  }
  add(count: number, mean: Float32Array, squares: Float32Array): void {
    const all = this.count + count;
    for (let c = 0; c < this.mean.length; ++c) {
      const apart = mean[c]! - this.mean[c]!;
      this.mean[c]! += (apart * count) / all;
      this.squares[c]! += squares[c]! + (apart * apart * this.count * count) / all;
    }
    this.count = all;
  }
  get(): Omit<Statistics, 'offset'> {
    return { mean: Float32Array.from(this.mean), variance: Float32Array.from(this.squares, (value) => value / this.count) };
  }
}

export const fits = (layers: Layer[], size: Size, room = ROOM): boolean => mostKept(planOf(layers, size, room, STRIP), layers, size) <= room;

/**
 * `put` gets the picture's rows from the top, RGB, each once; `progress` a share 0..1. Throws if the picture is too large even for strips,
 * or smaller than the network supports.
 */
export async function paint(
  layers: Layer[], source: Source, runtime: Runtime, put: (first: number, end: number, rgb: Uint8Array) => Promise<void> | void,
  progress: (share: number) => void = () => undefined, room = ROOM, strip = STRIP, store: (length: number) => Store = (length) => new MemoryStore(length),
): Promise<{ blocks: number }> {
  const { size } = source;
  const passes = planOf(layers, size, room, strip);
  if (mostKept(passes, layers, size) > room) throw new Error(`${size.width} × ${size.height} is too large for this network.`);
  const widest = Math.max(...layers.map((layer) => layer.out * sideAt(size.width, layer.level)));
  const length = Math.max(strip, widest);
  const pool = new Blocks(length, store(length));
  const levels = new Map<number, KeptLevel>();
  const statistics = new Map<number, Statistics>();
  const trunk = trunkOf(layers);
  const total = totalWork(passes, layers, size);
  let done = 0;

  async function run(pass: Pass): Promise<void> {
    const layer = layers[pass.layer]!;
    const model = await runtime.open(chainModel(pass, layers, size, trunk, (index) => statistics.get(index)));
    const moments = new Moments(layer.out), width = sideAt(size.width, layer.level);
    const old = levels.get(trunk), from = levels.get(pass.from);
    const made = pass.purpose === 'keep' || pass.purpose === 'sum' ? new KeptLevel(pool, layer.out, width) : undefined;
    const strips = stripsOf(pass, layers, size);
    const halves = (data: Uint16Array, of: Layer, rows: number): Values => ({ type: 'float16', data, shape: [1, of.out, rows, sideAt(size.width, of.level)] });
    const measures = pass.purpose === 'measure' || pass.purpose === 'keep';
    let offset = new Float32Array(layer.out);
    /** What the model reads for rows first..end of the result. */
    async function inputsFor(first: number, end: number): Promise<Record<string, Values>> {
      const steps = stepsOf(layers, pass.chain, size, first, end);
      const start = steps[0]?.first ?? first, stop = steps[0]?.end ?? end;
      const inputs: Record<string, Values> = {};
      for (const [name, values] of Object.entries(stripInputs(pass, layers, size, steps)))
        inputs[name] = { type: 'int64', data: BigInt64Array.from(values, BigInt), shape: [values.length] };
      inputs.source = from
        ? halves(from.read(start, stop), layers[pass.from]!, stop - start)
        : { type: 'uint8', data: await source.rows(start, stop), shape: [stop - start, size.width, 4] };
      if (measures) inputs.offset = { type: 'float32', data: offset, shape: [1, layer.out, 1, 1] };
      return inputs;
    }
    try {
      if (measures) { // about the mean, from a few rows in the middle
        const height = sideAt(size.height, layer.level), rows = Math.ceil(pass.rows / 4), first = (height - rows) >> 1;
        offset = ((await model.run(await inputsFor(first, first + rows))).mean as Float32Array).slice();
      }
      for (const [i, [first, end]] of strips.entries()) {
        const inputs = await inputsFor(first, end);
        if (pass.purpose === 'sum') inputs.trunk = halves(old!.read(first, end), layer, end - first);
        const outputs = await model.run(inputs);
        if (outputs.mean) moments.add((end - first) * width, outputs.mean as Float32Array, outputs.squares as Float32Array);
        const next = strips[i + 1] ?? [Infinity, Infinity];
        const needed = next[0] === Infinity ? Infinity : (stepsOf(layers, pass.chain, size, next[0], next[1])[0]?.first ?? next[0]);
        if (pass.consumes) from?.giveBack(pass.purpose === 'sum' && from === old ? Math.min(needed, next[0]) : needed);
        if (pass.purpose === 'sum' && from !== old) old!.giveBack(next[0]);
        made?.append(outputs.kept as Uint16Array);
        if (pass.purpose === 'paint') await put(first, end, outputs.picture as Uint8Array);
        done += workOf(pass, layers, size, first, end);
        progress(Math.min(1, done / total));
      }
    } finally {
      await model.close();
    }
    if (pass.consumes && from) levels.delete(pass.from);
    if (measures) statistics.set(pass.layer, { offset, ...moments.get() });
    if (pass.purpose === 'keep') levels.set(pass.layer, made!);
    if (pass.purpose === 'sum') {
      levels.set(trunk, made!);
      statistics.delete(trunk); // the sum has no norm to apply
    }
  }
  const lastOfPhoto = passes.findLastIndex(({ from }) => from < 0);
  for (const [i, pass] of passes.entries()) {
    await run(pass);
    if (i === lastOfPhoto) source.close?.();
  }
  return { blocks: pool.made };
}
