// SPDX-License-Identifier: Apache-2.0
// Mixes photo and painted picture beside the page, so that a slider moves smoothly whatever the picture's size.
import { mix, type Bytes } from '../pixels';

export interface Pair {
  photo: Bytes;
  styled: Bytes;
}
export interface Mix {
  strength: number;
  keepColors: boolean;
}

let pair: Pair | undefined;
self.onmessage = ({ data }: MessageEvent<{ pair?: Pair; mix: Mix }>) => {
  pair = data.pair ?? pair;
  if (pair === undefined) return;
  const mixed = mix(pair.photo, pair.styled, data.mix.strength, data.mix.keepColors);
  self.postMessage(mixed, { transfer: [mixed.buffer] });
};
