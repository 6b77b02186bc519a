// SPDX-License-Identifier: Apache-2.0
// Arithmetic of charts.

/** Maps [low, high] linearly to [from, to]; if they are equal, to the middle. */
export function scaleOf(low: number, high: number, from: number, to: number): (value: number) => number {
  return (value) => (high > low ? from + ((value - low) / (high - low)) * (to - from) : (from + to) / 2);
}

/** Powers of ten within the range, with 2s and 5s if these are few. */
export function logTicks(low: number, high: number): number[] {
  const exponents = Array.from({ length: 40 }, (_, i) => i - 15);
  const within = (factors: number[]): number[] =>
    exponents.flatMap((exponent) => factors.map((factor) => factor * 10 ** exponent)).filter((tick) => tick >= low && tick <= high);
  const tens = within([1]);
  return tens.length >= 3 ? tens : within([1, 2, 5]);
}

/** At most `count` of the points, evenly spread, with the first and the last. */
export function thin<T>(points: T[], count: number): T[] {
  if (points.length <= count) return points;
  return Array.from({ length: count }, (_, i) => points[Math.round((i * (points.length - 1)) / (count - 1))]!);
}
