// SPDX-License-Identifier: Apache-2.0
// A chain of layers as an ONNX model of its own: from rows of a kept level, or of the photo, to rows of the last layer's level.
import { floats, integers, writeOnnx, type Attribute, type Node, type Tensor, type Value } from '../onnx/model';
import { sideAt, inputLevel, type Layer } from './network';
import type { Pass, Size } from './plan';

/** Of each channel of a level: a value near its mean, the rest of the mean, and the variance. */
export interface Statistics {
  offset: Float32Array;
  mean: Float32Array;
  variance: Float32Array;
}

/** What a pass' model needs to know of levels: their statistics, while they have a norm that has not been applied. */
export type StatisticsOf = (layer: number) => Statistics | undefined;

const SHIFT = -0.45; // of a photo's pixels 0..1: the network sees x/255 - 0.45

class Writer {
  readonly nodes: Node[] = [];
  readonly tensors = new Map<string, Tensor>();
  readonly inputs: Value[] = [];
  readonly outputs: Value[] = [];
  private made = 0;

  node(op: string, inputs: string[], attributes: Record<string, Attribute> = {}, output = `v${++this.made}`): string {
    this.nodes.push({ op, inputs, output, attributes });
    return output;
  }
  constant(tensor: Tensor): string {
    const name = `c${++this.made}`;
    this.tensors.set(name, tensor);
    return name;
  }
  number = (value: number): string => this.constant(floats(Float32Array.of(value), []));
  vector = (values: Float32Array): string => this.constant(floats(values, [values.length]));
  ints = (...values: number[]): string => this.constant(integers(values));
  input(name: string, type: Value['type'], shape: Value['shape']): string {
    this.inputs.push({ name, type, shape });
    return name;
  }
  output(name: string, type: Value['type'], shape: Value['shape']): void {
    this.outputs.push({ name, type, shape });
  }

  /** The layer's norm, with statistics that are known, and its ReLU. A level that was kept is without the offset. */
  norm(value: string, layer: Layer, { offset, mean, variance }: Statistics, kept: boolean): string {
    const { weight, bias, eps } = layer.norm!;
    if (!kept) value = this.node('Sub', [value, this.constant(floats(offset, [1, layer.out, 1, 1]))]);
    const normal = this.node('BatchNormalization', [value, this.vector(weight), this.vector(bias), this.vector(mean), this.vector(variance)], { epsilon: { real: eps } });
    return layer.relu ? this.node('Relu', [normal]) : normal;
  }
}

/** Rows of a kept level as floats, normalised if they were kept before that. */
function level(w: Writer, name: string, index: number, layers: Layer[], size: Size, known: StatisticsOf): string {
  const layer = layers[index]!, statistics = known(index);
  const value = w.node('Cast', [w.input(name, 'float16', [1, layer.out, `${name}_rows`, sideAt(size.width, layer.level)])], { to: 1 });
  return statistics ? w.norm(value, layer, statistics, true) : value;
}

function photo(w: Writer, size: Size): string {
  const rgba = w.input('source', 'uint8', ['source_rows', size.width, 4]);
  const bytes = w.node('Slice', [rgba, w.ints(0), w.ints(3), w.ints(2)]);
  const planes = w.node('Unsqueeze', [w.node('Transpose', [w.node('Cast', [bytes], { to: 1 })], { perm: [2, 0, 1] }), w.ints(0)]);
  return w.node('Add', [w.node('Mul', [planes, w.number(1 / 255)]), w.number(SHIFT)]);
}

/** One layer's doubling, padding and convolution. The inputs `pads` and `cut` belong to the strip, see Step. */
function convolution(w: Writer, value: string, layer: Layer, place: number): string {
  const border = layer.kernel >> 1;
  if (layer.doubles) {
    const doubled = w.node('Resize', [value, '', w.constant(floats(Float32Array.of(1, 1, 2, 2), [4]))],
      { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' });
    value = w.node('Slice', [doubled, w.input(`cut${place}`, 'int64', [2]), w.input(`cut_end${place}`, 'int64', [2]), w.ints(2, 3)]);
  }
  if (border > 0) value = w.node('Pad', [value, w.input(`pads${place}`, 'int64', [8])], { mode: 'reflect' });
  const inputs = [value, w.constant(floats(layer.weight, [layer.out, layer.in / layer.groups, layer.kernel, layer.kernel]))];
  if (layer.bias) inputs.push(w.vector(layer.bias));
  return w.node('Conv', inputs, { kernel_shape: [layer.kernel, layer.kernel], strides: [layer.stride, layer.stride], pads: [0, 0, 0, 0], group: layer.groups });
}

/** The pass' model. Inputs: `source`, `trunk` for a sum, `offset` for a level that is measured, and those of convolution(). Outputs: `mean`, `squares`; `kept`; or `picture`. */
export function chainModel(pass: Pass, layers: Layer[], size: Size, trunk: number, known: StatisticsOf): Uint8Array<ArrayBuffer> {
  const w = new Writer();
  // A chain that only normalises a kept level has the level's own norm in level(); another begins with the norm of what it reads.
  let value = pass.from < 0 ? photo(w, size) : level(w, 'source', pass.from, layers, size, known);
  pass.chain.forEach((index, place) => {
    value = convolution(w, value, layers[index]!, place);
    const last = place === pass.chain.length - 1;
    if (!last || pass.purpose === 'sum') value = w.norm(value, layers[index]!, known(index)!, false);
  });
  const layer = layers[pass.layer]!, rows = 'rows', width = sideAt(size.width, layer.level);
  if (pass.purpose === 'measure' || pass.purpose === 'keep') {
    // A norm takes the channel's mean away. Without most of it, sums and half precision lose less where the mean is large and changes are small.
    value = w.node('Sub', [value, w.input('offset', 'float32', [1, layer.out, 1, 1])]);
    w.node('ReduceMean', [value], { axes: [2, 3], keepdims: 1 }, 'mean');
    w.node('ReduceSumSquare', [w.node('Sub', [value, 'mean'])], { axes: [2, 3], keepdims: 1 }, 'squares');
    w.output('mean', 'float32', [1, layer.out, 1, 1]);
    w.output('squares', 'float32', [1, layer.out, 1, 1]);
  }
  if (pass.purpose === 'sum') value = w.node('Add', [level(w, 'trunk', trunk, layers, size, known), value]);
  if (pass.purpose === 'keep' || pass.purpose === 'sum') {
    w.node('Cast', [value], { to: 10 }, 'kept');
    w.output('kept', 'float16', [1, layer.out, rows, width]);
  }
  if (pass.purpose === 'paint') {
    // Rounded as in the exported file, whose last convolution has the picture's scale and shift in it.
    const half = w.node('Add', [w.node('Mul', [value, w.number(255)]), w.number(0.5)]);
    const bytes = w.node('Cast', [w.node('Floor', [w.node('Clip', [half, w.number(0), w.number(255.5)])])], { to: 2 });
    w.node('Transpose', [w.node('Squeeze', [bytes, w.ints(0)])], { perm: [1, 2, 0] }, 'picture');
    w.output('picture', 'uint8', [rows, width, 3]);
  }
  return writeOnnx(w);
}

/** The inputs of a strip that are not pictures, by name. */
export function stripInputs(pass: Pass, layers: Layer[], size: Size, steps: { cut: number; count: number; top: number; bottom: number }[]): Record<string, number[]> {
  const values: Record<string, number[]> = {};
  pass.chain.forEach((index, place) => {
    const layer = layers[index]!, border = layer.kernel >> 1, { cut, count, top, bottom } = steps[place]!;
    if (layer.doubles) {
      values[`cut${place}`] = [cut, 0];
      values[`cut_end${place}`] = [cut + count, sideAt(size.width, inputLevel(layer))];
    }
    if (border > 0) values[`pads${place}`] = [0, 0, top, border, 0, 0, bottom, border];
  });
  return values;
}
