// SPDX-License-Identifier: Apache-2.0
// The part of a picture that shows through a frame of the picture's own shape.

export interface Crop {
  zoom: number; // 1: the whole picture
  x: number; // the middle of the part, 0..1
  y: number;
}

export const WHOLE: Crop = { zoom: 1, x: 0.5, y: 0.5 };

/** The same part, moved so that it lies within the picture. */
export function within({ zoom, x, y }: Crop): Crop {
  const half = 0.5 / zoom, inside = (value: number): number => Math.max(half, Math.min(1 - half, value));
  return { zoom, x: inside(x), y: inside(y) };
}

/** The part in pixels. */
export function partOf(crop: Crop, width: number, height: number): { left: number; top: number; width: number; height: number } {
  const { zoom, x, y } = within(crop);
  const w = Math.max(1, Math.round(width / zoom)), h = Math.max(1, Math.round(height / zoom));
  return { left: Math.round(x * width - w / 2), top: Math.round(y * height - h / 2), width: w, height: h };
}
