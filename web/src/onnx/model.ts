// SPDX-License-Identifier: Apache-2.0
// The part of ONNX that style networks need, read and written: https://onnx.ai/onnx/repo-docs/IR.html (ModelProto).
import { fieldsOf, integersOf, Message, textOf } from './protobuf';

export type Attribute = number | number[] | string | { real: number };

/** An operator with one output. */
export interface Node {
  op: string;
  inputs: string[];
  output: string;
  attributes: Record<string, Attribute>;
}

export type TensorType = 'float32' | 'uint8' | 'int8' | 'int64' | 'float16';
const TYPES: Record<TensorType, number> = { float32: 1, uint8: 2, int8: 3, int64: 7, float16: 10 };

export interface Tensor {
  type: TensorType;
  shape: number[];
  bytes: Uint8Array; // little-endian
}

/** An input or output: a dimension is a number, or a name if it varies. */
export interface Value {
  name: string;
  type: TensorType;
  shape: (number | string)[];
}

export interface Model {
  nodes: Node[]; // in the order of execution
  tensors: Map<string, Tensor>;
  inputs: Value[];
  outputs: Value[];
}

const typeOf = (number: number): TensorType => {
  const found = (Object.keys(TYPES) as TensorType[]).find((type) => TYPES[type] === number);
  if (found === undefined) throw new Error(`ONNX data type ${number} is not supported`);
  return found;
};

function readAttribute(bytes: Uint8Array): [string, Attribute] {
  let name = '', type = 0, integer = 0, bits = 0, text = '';
  const integers: number[] = [];
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) name = textOf(field);
    if (field.number === 2) bits = field.value;
    if (field.number === 3) integer = field.value;
    if (field.number === 4) text = textOf(field);
    if (field.number === 8) integers.push(...integersOf(field));
    if (field.number === 20) type = field.value;
  }
  const real = new Float32Array(Int32Array.of(bits).buffer)[0]!;
  return [name, type === 1 ? { real } : type === 2 ? integer : type === 3 ? text : integers];
}

function readNode(bytes: Uint8Array): Node {
  const node: Node = { op: '', inputs: [], output: '', attributes: {} };
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) node.inputs.push(textOf(field));
    if (field.number === 2) node.output = textOf(field);
    if (field.number === 4) node.op = textOf(field);
    if (field.number === 5) {
      const [name, value] = readAttribute(field.bytes);
      node.attributes[name] = value;
    }
  }
  return node;
}

function readTensor(bytes: Uint8Array): [string, Tensor] {
  let name = '';
  const tensor: Tensor = { type: 'float32', shape: [], bytes: new Uint8Array() };
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) tensor.shape.push(...integersOf(field));
    if (field.number === 2) tensor.type = typeOf(field.value);
    if (field.number === 8) name = textOf(field);
    if (field.number === 9) tensor.bytes = field.bytes;
  }
  return [name, tensor];
}

/** Reads the graph: its operators and tensors. */
export function readOnnx(bytes: Uint8Array): Pick<Model, 'nodes' | 'tensors'> {
  const model = { nodes: [] as Node[], tensors: new Map<string, Tensor>() };
  for (const part of fieldsOf(bytes)) {
    if (part.number !== 7) continue;
    for (const field of fieldsOf(part.bytes)) {
      if (field.number === 1) model.nodes.push(readNode(field.bytes));
      if (field.number === 5) model.tensors.set(...readTensor(field.bytes));
    }
  }
  return model;
}

/** A float16's value, from its bits. */
export function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

export function floatsOf({ type, bytes }: Tensor): Float32Array {
  const { buffer, byteOffset, byteLength } = new Uint8Array(bytes); // aligned
  if (type === 'float32') return new Float32Array(buffer, byteOffset, byteLength / 4);
  if (type === 'float16') return Float32Array.from(new Uint16Array(buffer, byteOffset, byteLength / 2), halfOf);
  if (type === 'int8') return Float32Array.from(new Int8Array(buffer, byteOffset, byteLength));
  throw new Error(`expected numbers, found ${type}`);
}

export const floats = (values: Float32Array, shape: number[]): Tensor =>
  ({ type: 'float32', shape, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) });

export const integers = (values: number[]): Tensor =>
  ({ type: 'int64', shape: [values.length], bytes: new Uint8Array(BigInt64Array.from(values, BigInt).buffer) });

function attribute(name: string, value: Attribute): Message {
  const out = new Message().text(1, name);
  if (typeof value === 'number') return out.number(3, value).number(20, 2);
  if (typeof value === 'string') return out.text(4, value).number(20, 3);
  if ('real' in value) return out.real(2, value.real).number(20, 1);
  for (const item of value) out.number(8, item);
  return out.number(20, 7);
}

function node(from: Node): Message {
  const out = new Message();
  for (const input of from.inputs) out.text(1, input);
  out.text(2, from.output).text(3, from.output).text(4, from.op);
  for (const [name, value] of Object.entries(from.attributes)) out.message(5, attribute(name, value));
  return out;
}

function tensor(name: string, from: Tensor): Message {
  const out = new Message();
  for (const side of from.shape) out.number(1, side);
  return out.number(2, TYPES[from.type]).text(8, name).bytes(9, from.bytes);
}

function value(from: Value): Message {
  const shape = new Message();
  for (const side of from.shape) shape.message(1, typeof side === 'number' ? new Message().number(1, side) : new Message().text(2, side));
  const type = new Message().number(1, TYPES[from.type]).message(2, shape);
  return new Message().text(1, from.name).message(2, new Message().message(1, type));
}

/** A file of IR version 7, opset 13. */
export function writeOnnx(model: Model): Uint8Array<ArrayBuffer> {
  const graph = new Message();
  for (const each of model.nodes) graph.message(1, node(each));
  graph.text(2, 'pocketstyle');
  for (const [name, each] of model.tensors) graph.message(5, tensor(name, each));
  for (const each of model.inputs) graph.message(11, value(each));
  for (const each of model.outputs) graph.message(12, value(each));
  return new Message().number(1, 7).message(7, graph).message(8, new Message().text(1, '').number(2, 13)).finish();
}
