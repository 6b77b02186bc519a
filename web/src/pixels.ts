// SPDX-License-Identifier: Apache-2.0
// Arithmetic on RGBA bytes, as a canvas' ImageData holds them. Pictures that are combined have the same size.

export type Bytes = Uint8ClampedArray<ArrayBuffer>;

/** BT.601, the luma of JPEG. */
const luma = (r: number, g: number, b: number): number => 0.299 * r + 0.587 * g + 0.114 * b;

/**
 * The displayed picture: `strength` 0 is the photo, 1 the styled picture. `keepColors` takes the styled luma with the photo's
 * chroma: adding the same difference to all three channels changes the luma by it, and the chroma by nothing.
 */
export function mix(photo: Bytes, styled: Bytes, strength: number, keepColors: boolean): Bytes {
  const result: Bytes = new Uint8ClampedArray(photo.length);
  for (let i = 0; i < photo.length; i += 4) {
    let dr = styled[i]! - photo[i]!, dg = styled[i + 1]! - photo[i + 1]!, db = styled[i + 2]! - photo[i + 2]!;
    if (keepColors) dr = dg = db = luma(dr, dg, db); // of a difference: luma is linear
    result[i] = photo[i]! + strength * dr;
    result[i + 1] = photo[i + 1]! + strength * dg;
    result[i + 2] = photo[i + 2]! + strength * db;
    result[i + 3] = photo[i + 3]!;
  }
  return result;
}

/** Over R, G and B: mean and largest absolute difference in levels of 255, PSNR in dB (infinite if equal). */
export function difference(a: Bytes, b: Bytes): { mean: number; max: number; psnr_db: number } {
  let sum = 0, squares = 0, max = 0;
  for (let i = 0; i < a.length; ++i) {
    if (i % 4 === 3) continue;
    const d = Math.abs(a[i]! - b[i]!);
    sum += d;
    squares += d * d;
    if (d > max) max = d;
  }
  const count = (a.length / 4) * 3;
  return { mean: sum / count, max, psnr_db: 10 * Math.log10((255 * 255 * count) / squares) };
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The size with no side above `side`, never enlarged, never empty. */
export function fit(width: number, height: number, side: number): { width: number; height: number } {
  const scale = Math.min(1, side / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
