// SPDX-License-Identifier: Apache-2.0
// The same photo, small, in every style: made one after the other while nothing else is painted, and kept while the photo stays.
import type { Style } from '../catalog';
import { smallest } from '../catalog';
import { loadFile } from '../download';
import { previewOf, session, type Photo } from '../picture';
import { smallNetwork } from './engine';

const SIDE = 224;

let of: Photo | undefined;
const made = new Map<string, ImageData>();
let turn = 0;

/** The sample of a style for the current photo, if it has been made. */
export function sampleOf(style: Style): ImageData | undefined {
  return of === session.photo ? made.get(style.slug) : undefined;
}

/** Makes those that are missing, `got` for each; stops when stopSamples() is called. A style that cannot be made is left out. */
export async function makeSamples(styles: Style[], got: (style: Style, sample: ImageData) => void): Promise<void> {
  const mine = ++turn, photo = session.photo;
  if (photo === undefined) return;
  if (of !== photo) made.clear();
  of = photo;
  const picture = previewOf(photo, SIDE);
  try {
    for (const style of styles) {
      if (made.has(style.slug)) continue;
      const model = style.models.at(-1)!; // the smallest network
      try {
        const bytes = await loadFile(model, smallest(model)!, () => undefined);
        if (mine !== turn) return;
        const styled = await smallNetwork(bytes, picture);
        if (mine !== turn) return;
        made.set(style.slug, styled);
        got(style, styled);
      } catch (error) {
        if (mine !== turn) return;
        console.warn(`no sample of ${style.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  } finally {
    if (mine === turn) smallNetwork.stop();
  }
}

export function stopSamples(): void {
  ++turn;
  smallNetwork.stop();
}
