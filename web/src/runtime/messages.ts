// SPDX-License-Identifier: Apache-2.0
// What the page and a worker say to each other: one request, one reply, in order.

/** RGBA bytes, row by row: exactly what a canvas' ImageData holds, and what NAME.rgba.onnx takes and gives. */
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
