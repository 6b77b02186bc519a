// SPDX-License-Identifier: Apache-2.0
// All styles in a row: one's own photo in each of them as soon as it is painted, until then the style's own picture.
import type { Style } from '../catalog';
import { h } from '../dom';
import { makeSamples, sampleOf } from '../runtime/samples';
import { paint } from './slider';

export interface StyleStrip {
  element: HTMLElement;
  choose(slug: string): void;
  /** Paints the samples that are missing. */
  fill(): void;
}

export function styleStrip(styles: Style[], picked: (style: Style) => void): StyleStrip {
  const items = new Map(styles.map((style) => {
    const canvas = h('canvas', { 'aria-hidden': 'true', hidden: true });
    const image = h('img', { src: style.models[0]!.thumbnail_url, alt: '', width: 88, height: 88, loading: 'lazy' });
    const button = h('button', { type: 'button', class: 'strip-item', onclick: () => picked(style) }, image, canvas, h('span', {}, style.name));
    return [style.slug, { button, canvas, image }] as const;
  }));
  const show = (style: Style, sample: ImageData | undefined): void => {
    const { canvas, image, button } = items.get(style.slug)!;
    if (sample) paint(canvas, sample);
    canvas.hidden = sample === undefined;
    image.hidden = sample !== undefined;
    button.classList.toggle('made', sample !== undefined);
  };
  const element = h('div', { class: 'strip', role: 'group', 'aria-label': 'Styles' }, ...[...items.values()].map(({ button }) => button));
  return {
    element,
    choose(slug) {
      for (const [each, { button }] of items) {
        button.setAttribute('aria-pressed', String(each === slug));
        if (each === slug) requestAnimationFrame(() => { element.scrollLeft = button.offsetLeft - (element.clientWidth - button.offsetWidth) / 2; }); // never the page
      }
    },
    fill() {
      for (const style of styles) show(style, sampleOf(style));
      void makeSamples(styles, show);
    },
  };
}
