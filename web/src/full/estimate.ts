// SPDX-License-Identifier: Apache-2.0
// About how long a picture of full size takes, from how long the preview took.
import type { Layer } from './network';
import { ROOM, STRIP } from './paint';
import { planOf, totalWork, wholeWork, type Size } from './plan';

/** Strips are copied in and out, and every pass reads and writes more than a network in one piece does. */
const STRIPS_COST = 1.6;

export function secondsFor(layers: Layer[], full: Size, preview: Size, preview_ms: number): number {
  const rate = wholeWork(layers, preview) / preview_ms;
  return (STRIPS_COST * totalWork(planOf(layers, full, ROOM, STRIP), layers, full)) / rate / 1000;
}
