// SPDX-License-Identifier: Apache-2.0
// A style network's layers, found again in its ONNX file, and their sizes.
import { floatsOf, readOnnx, type Node, type Tensor } from '../onnx/model';

export interface Norm {
  weight: Float32Array;
  bias: Float32Array;
  eps: number;
}

/** One convolution and what is around it, in this order: doubling, reflection padding, convolution, norm, ReLU, sum. */
export interface Layer {
  in: number;
  out: number;
  kernel: number; // odd
  stride: number;
  groups: number;
  weight: Float32Array; // [out, in / groups, kernel, kernel]
  bias: Float32Array | undefined;
  norm: Norm | undefined; // of all layers but the last
  relu: boolean;
  doubles: boolean; // doubles its input
  level: number; // 0: the picture's size, 1: half, 2: a quarter
  beginsBlock: boolean;
  endsBlock: boolean; // adds the block's input
}

/** A height or width at a level: halves are rounded up. */
export function sideAt(side: number, level: number): number {
  for (; level > 0; --level) side = Math.ceil(side / 2);
  return side;
}

/** The level of a layer's input, after doubling. */
export const inputLevel = (layer: Layer): number => (layer.stride === 2 ? layer.level - 1 : layer.level);

/** Products of one pixel of a layer's output. */
export const productsOf = ({ out, in: channels, groups, kernel }: Layer): number => (out * channels * kernel * kernel) / groups;

function restored(nodes: Node[], tensors: Map<string, Tensor>): Map<string, Float32Array> {
  const values = new Map<string, Float32Array>();
  for (const [name, tensor] of tensors) if (['float32', 'float16', 'int8'].includes(tensor.type)) values.set(name, floatsOf(tensor));
  for (const { op, inputs, output } of nodes) {
    const stored = values.get(inputs[0]!);
    if (stored === undefined) continue;
    if (op === 'Cast') values.set(output, stored);
    if (op !== 'DequantizeLinear') continue;
    const scales = values.get(inputs[1]!)!, each = stored.length / scales.length;
    values.set(output, stored.map((value, i) => value * scales[Math.floor(i / each)]!));
    tensors.set(output, { ...tensors.get(inputs[0]!)! });
  }
  return values;
}

/** Throws if the file holds something else than a style network as `pocketstyle export` writes it. */
export function layersOf(file: Uint8Array): Layer[] {
  const { nodes, tensors } = readOnnx(file);
  const values = restored(nodes, tensors);
  const shapeOf = (name: string): number[] => {
    const source = tensors.get(name) ?? tensors.get(nodes.find(({ output }) => output === name)?.inputs[0] ?? '');
    if (source === undefined) throw new Error(`the network has no tensor ${name}`);
    return source.shape;
  };
  const layers: Layer[] = [];
  const startOf = new Map<string, number>(); // the first layer after a value
  let value = '', doubles = false, level = 0;
  for (const { op, inputs, output, attributes } of nodes) {
    if (op === 'Pad' || op === 'Conv') {
      if (!startOf.has(inputs[0]!)) startOf.set(inputs[0]!, layers.length);
    }
    const last = layers.at(-1);
    if (op === 'Resize') doubles = true;
    if (op === 'Conv') {
      const [out, channels, kernel] = shapeOf(inputs[1]!) as [number, number, number];
      const stride = (attributes.strides as number[])[0]!, groups = (attributes.group as number | undefined) ?? 1;
      level += doubles ? -1 : stride - 1;
      layers.push({
        in: channels * groups, out, kernel, stride, groups, weight: values.get(inputs[1]!)!, bias: inputs[2] === undefined ? undefined : values.get(inputs[2])!,
        norm: undefined, relu: false, doubles, level, beginsBlock: false, endsBlock: false,
      });
      [value, doubles] = [output, false];
    } else if (op === 'InstanceNormalization' && last && inputs[0] === value) {
      last.norm = { weight: values.get(inputs[1]!)!, bias: values.get(inputs[2]!)!, eps: (attributes.epsilon as { real: number }).real };
      value = output;
    } else if (op === 'Relu' && last && inputs[0] === value) {
      last.relu = true;
      value = output;
    } else if (op === 'Add' && last && inputs[1] === value) {
      const first = layers[startOf.get(inputs[0]!)!];
      if (first === undefined) throw new Error('the network adds a value that is not the input of a layer');
      first.beginsBlock = last.endsBlock = true;
      value = output;
    }
  }
  const output = layers.at(-1);
  if (output === undefined || output.norm !== undefined || output.out !== 3 || output.level !== 0 || layers.slice(0, -1).some(({ norm }) => norm === undefined))
    throw new Error('this file is not a style network that can be run in strips');
  return layers;
}
