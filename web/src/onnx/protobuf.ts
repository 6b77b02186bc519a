// SPDX-License-Identifier: Apache-2.0
// Protocol buffers' wire format, as far as ONNX needs it: https://protobuf.dev/programming-guides/encoding/

const enum Wire { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 }

/** Writes a message, field by field. */
export class Message {
  private parts: Uint8Array[] = [];

  number(field: number, value: number): this {
    return this.varint(field * 8 + Wire.varint).varint(value);
  }

  real(field: number, value: number): this {
    this.varint(field * 8 + Wire.fixed32).parts.push(new Uint8Array(Float32Array.of(value).buffer));
    return this;
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  message(field: number, value: Message): this {
    return this.bytes(field, value.finish());
  }

  bytes(field: number, value: Uint8Array): this {
    this.varint(field * 8 + Wire.bytes).varint(value.length).parts.push(value);
    return this;
  }

  finish(): Uint8Array<ArrayBuffer> {
    const whole = new Uint8Array(this.parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of this.parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  /** Negative numbers take ten bytes, as 64-bit two's complement. */
  private varint(value: number): this {
    let rest = BigInt.asUintN(64, BigInt(value));
    const bytes: number[] = [];
    for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    bytes.push(Number(rest));
    this.parts.push(Uint8Array.from(bytes));
    return this;
  }
}

export interface Field {
  number: number;
  value: number; // of varint and fixed32: signed, or a float's bits
  bytes: Uint8Array; // of bytes, strings and messages
}

/** The fields of a message, in order. Throws if the bytes are not a message. */
export function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const take = (count: number): Uint8Array => {
    if (count < 0 || at + count > bytes.length) throw new Error('not an ONNX file: it ends too early');
    at += count;
    return bytes.subarray(at - count, at);
  };
  const varint = (): number => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = take(1)[0]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, value));
    }
    throw new Error('not an ONNX file: a number is too long');
  };
  while (at < bytes.length) {
    const key = varint();
    const field: Field = { number: Math.floor(key / 8), value: 0, bytes: new Uint8Array() };
    if ((key & 7) === Wire.varint) field.value = varint();
    else if ((key & 7) === Wire.fixed32) field.value = new DataView(take(4).slice().buffer).getInt32(0, true);
    else if ((key & 7) === Wire.bytes) field.bytes = take(varint());
    else if ((key & 7) === Wire.fixed64) take(8);
    else throw new Error(`not an ONNX file: field type ${key & 7}`);
    yield field;
  }
}

export const textOf = (field: Field): string => new TextDecoder().decode(field.bytes);

/** A repeated integer, packed into one field or not. */
export function integersOf(field: Field): number[] {
  if (field.bytes.length === 0) return [field.value];
  const values: number[] = [];
  let value = 0n, shift = 0n;
  for (const byte of field.bytes) {
    value |= BigInt(byte & 127) << shift;
    shift += 7n;
    if (byte < 128) {
      values.push(Number(BigInt.asIntN(64, value)));
      [value, shift] = [0n, 0n];
    }
  }
  return values;
}
