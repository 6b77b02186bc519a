// SPDX-License-Identifier: Apache-2.0
// The messages between the page and a worker: one request, one reply, in order.

/** RGBA bytes, row by row: exactly as in a canvas' ImageData, and as NAME.rgba.onnx expects and returns them. */
export interface Picture {
  data: ArrayBuffer;
  width: number;
  height: number;
}

export type Request =
  | { kind: 'load'; model: ArrayBuffer }
  | { kind: 'stylize'; picture: Picture }
  | { kind: 'release' };

export type Reply =
  | { kind: 'loaded'; threads: number }
  | { kind: 'styled'; picture: Picture; latency_ms: number }
  | { kind: 'released' }
  | { kind: 'failed'; message: string };
