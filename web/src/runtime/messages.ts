// SPDX-License-Identifier: Apache-2.0
// The messages between the page and a worker: one request, one reply, in order.

/** RGBA bytes, row by row: exactly as in a canvas' ImageData, and as NAME.rgba.onnx expects and returns them. */
export interface Picture {
  data: ArrayBuffer;
  width: number;
  height: number;
}

/** What to do with a painted picture. */
export interface Look {
  strength: number; // 0: the photo, 1: the style
  keepColors: boolean;
  scale: number; // the network sees the photo at 1/scale of its size: larger strokes
}

/** The finished picture as a file, at its full size. */
export interface FullRequest {
  kind: 'full';
  model: ArrayBuffer;
  photo: Blob;
  width: number; // of the result
  height: number;
  look: Look;
  type: 'image/jpeg' | 'image/png';
}

export type Request =
  | FullRequest
  | { kind: 'load'; model: ArrayBuffer }
  | { kind: 'stylize'; picture: Picture }
  | { kind: 'release' };

/** How far a request is, 0..1. */
export interface Progress {
  kind: 'progress';
  share: number;
}

export type Reply =
  | { kind: 'file'; file: Blob; width: number; height: number; ms: number }
  | { kind: 'loaded'; threads: number }
  | { kind: 'styled'; picture: Picture; latency_ms: number }
  | { kind: 'released' }
  | { kind: 'failed'; message: string };
