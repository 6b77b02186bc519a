// SPDX-License-Identifier: Apache-2.0
// How a network runs on a large picture. An instance norm needs the mean and variance of a whole level, so the network runs in passes, one
// for each norm. A pass goes in strips from the last level that was kept through a chain of layers. Levels that do not fit are
// computed again by the pass that needs them.
import { inputLevel, productsOf, sideAt, type Layer } from './network';

export interface Size {
  width: number;
  height: number;
}

/** What a pass does with the last level of its chain. */
export type Purpose =
  | 'measure' // finds its statistics
  | 'keep' // finds its statistics, and keeps the level
  | 'sum' // adds it, normalised, to the trunk
  | 'paint'; // the picture

export interface Pass {
  purpose: Purpose;
  from: number; // the layer whose kept level it reads; -1: the photo
  chain: number[]; // the layers that it computes; none if it only adds a kept level
  layer: number; // the layer whose level it makes
  consumes: boolean; // the level that it reads is not needed any more
  rows: number; // of the result, per strip
}

/** Which rows one layer computes from which, and what is mirrored and cut off. */
export interface Step {
  first: number; // rows of its source, the next one after the last
  end: number;
  cut: number; // doubled rows left out at the top
  count: number; // doubled rows that remain
  top: number; // mirrored rows
  bottom: number;
}

const heightOf = (layer: Layer, size: Size): number => sideAt(size.height, layer.level);
const widthOf = (layer: Layer, size: Size): number => sideAt(size.width, layer.level);
export const levelSize = (layer: Layer, size: Size): number => layer.out * heightOf(layer, size) * widthOf(layer, size);

/** The steps of a chain for rows first..end of its last layer, in the order of the chain. */
export function stepsOf(layers: Layer[], chain: number[], size: Size, first: number, end: number): Step[] {
  const steps: Step[] = [];
  for (const index of [...chain].reverse()) {
    const layer = layers[index]!, border = layer.kernel >> 1, height = sideAt(size.height, inputLevel(layer));
    let from = first * layer.stride - border, to = (end - 1) * layer.stride + border + 1;
    const top = Math.max(0, -from), bottom = Math.max(0, to - height);
    [from, to] = [from + top, to - bottom];
    const count = to - from;
    let cut = 0;
    if (layer.doubles) {
      cut = from & 1;
      [from, to] = [from >> 1, ((to - 1) >> 1) + 1];
    }
    steps.unshift({ first: from, end: to, cut, count, top, bottom });
    [first, end] = [from, to];
  }
  return steps;
}

/** Rows of the result per strip, so that no strip of any layer has many more numbers than `limit`. */
function rowsFor(layers: Layer[], chain: number[], size: Size, result: number, limit: number): number {
  const target = layers[result]!;
  let row = target.out * widthOf(target, size);
  for (const index of chain) {
    const layer = layers[index]!, level = inputLevel(layer);
    row = Math.max(row, layer.out * widthOf(layer, size) * 2 ** (target.level - layer.level), layer.in * sideAt(size.width, level) * 2 ** (target.level - level));
  }
  return Math.max(1, Math.min(heightOf(target, size), Math.floor(limit / row)));
}

/** Outside of the residual blocks the photo or the picture are in memory too. */
const BESIDE_PICTURES = 0.6;

/** The layer whose level is the input of the first residual block, or of the doubling layers if there are none. */
export function trunkOf(layers: Layer[]): number {
  const begins = layers.findIndex(({ beginsBlock }) => beginsBlock);
  return (begins < 0 ? layers.findIndex(({ doubles }) => doubles) : begins) - 1;
}

/** The passes, in order. `room`: how many numbers may be kept; `strip`: how many a strip may have. */
export function planOf(layers: Layer[], size: Size, room: number, strip: number): Pass[] {
  const trunk = trunkOf(layers);
  const passes: Pass[] = [];
  const kept = new Set<number>();
  const sourceOf = new Map<number, number>(); // a layer's input: the layer before it, or the trunk
  let input = -1, pinned = false;
  const make = (purpose: Purpose, layer: number, consumes: boolean): void => {
    const chain: number[] = [];
    let from = layer;
    for (; from >= 0 && !kept.has(from); from = sourceOf.get(from)!) chain.unshift(from);
    const reads = consumes && from >= 0 && !(pinned && from === trunk && purpose !== 'sum');
    passes.push({ purpose, from, chain, layer, consumes: reads, rows: rowsFor(layers, chain, size, layer, strip) });
    if (reads) kept.delete(from);
  };
  layers.forEach((layer, i) => {
    sourceOf.set(i, input);
    if (layer.norm === undefined) return make('paint', i, true);
    if (layer.beginsBlock) pinned = true;
    const fits = levelSize(layer, size) + (pinned ? levelSize(layers[trunk]!, size) : 0) <= (pinned ? room : BESIDE_PICTURES * room);
    const keep = i === trunk || (fits && layer.level > 0); // full-size levels are cheap to compute, large, and the most sensitive to half precision
    make(keep ? 'keep' : 'measure', i, keep);
    if (keep) kept.add(i);
    input = i;
    if (layer.endsBlock) {
      make('sum', i, true);
      pinned = false;
      input = trunk;
      kept.add(trunk);
    }
  });
  return passes;
}

/** The rows of each strip of a pass: first, and the next one after the last. */
export function stripsOf(pass: Pass, layers: Layer[], size: Size): [number, number][] {
  const height = heightOf(layers[pass.layer]!, size);
  return Array.from({ length: Math.ceil(height / pass.rows) }, (_, i) => [i * pass.rows, Math.min(height, (i + 1) * pass.rows)]);
}

/** Products of one strip, from its steps; a sum counts little, but not nothing. */
export function workOf(pass: Pass, layers: Layer[], size: Size, first: number, end: number): number {
  const steps = stepsOf(layers, pass.chain, size, first, end);
  let work = (end - first) * widthOf(layers[pass.layer]!, size) * layers[pass.layer]!.out * 8;
  pass.chain.forEach((index, i) => {
    const rows = i + 1 < steps.length ? steps[i + 1]!.end - steps[i + 1]!.first : end - first;
    work += rows * widthOf(layers[index]!, size) * productsOf(layers[index]!);
  });
  return work;
}

/** Products of all passes. */
export const totalWork = (passes: Pass[], layers: Layer[], size: Size): number =>
  passes.reduce((sum, pass) => sum + stripsOf(pass, layers, size).reduce((part, [first, end]) => part + workOf(pass, layers, size, first, end), 0), 0);

/** Products of the network on a picture in one piece. */
export const wholeWork = (layers: Layer[], size: Size): number =>
  layers.reduce((sum, layer) => sum + productsOf(layer) * heightOf(layer, size) * widthOf(layer, size), 0);

/** The most numbers that are kept at once. A level that is consumed gives way, strip by strip, to the one that is made from it. */
export function mostKept(passes: Pass[], layers: Layer[], size: Size): number {
  const kept = new Map<number, number>();
  const sum = (): number => [...kept.values()].reduce((all, each) => all + each, 0);
  let most = 0;
  for (const { purpose, from, layer, consumes } of passes) {
    const before = sum();
    if (consumes && !(purpose === 'sum' && from === trunkOf(layers))) kept.delete(from); // a sum takes the place of the trunk
    if (purpose === 'keep') kept.set(layer, levelSize(layers[layer]!, size));
    most = Math.max(most, before, sum());
  }
  return most;
}
