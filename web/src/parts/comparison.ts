// SPDX-License-Identifier: Apache-2.0
// The result of a comparison: a table, two pictures to slide between, all of them side by side.
import { h } from '../dom';
import { bytesText, countText, millisecondsText } from '../format';
import { difference, type Bytes } from '../pixels';
import { runtimeText, type Loaded } from '../runtime/engine';
import type { Entry } from '../views/compare';
import { select } from './choice';
import { paint, pictureCanvas, slider } from './slider';

function table(entries: Entry[], photo: ImageData, loaded: Loaded): HTMLElement {
  const first = entries[0]!;
  const row = (entry: Entry): HTMLElement => {
    const { mean, psnr_db } = difference(first.styled.data as Bytes, entry.styled.data as Bytes);
    const same = entry === first;
    return h('tr', {},
      h('th', { scope: 'row' }, entry.model.preset),
      h('td', {}, millisecondsText(entry.latency_ms)),
      h('td', {}, bytesText(entry.bytes)),
      h('td', {}, countText(entry.model.parameters)),
      h('td', {}, same ? '–' : mean.toFixed(1)),
      h('td', {}, same ? '–' : Number.isFinite(psnr_db) ? psnr_db.toFixed(1) : 'equal'));
  };
  const heads = ['Network', 'Time', 'Download', 'Param.', 'Diff.', 'PSNR'];
  return h('div', { class: 'table', tabindex: 0, role: 'region', 'aria-label': 'Numbers' },
    h('p', { class: 'soft' }, `${photo.width} × ${photo.height}, ${runtimeText(loaded)}; time: median of 3 runs; difference (mean, levels of 255) and PSNR (dB) to ${first.model.preset}.`),
    h('table', {},
      h('thead', {}, h('tr', {}, ...heads.map((head) => h('th', { scope: 'col' }, head)))),
      h('tbody', {}, ...entries.map(row))));
}

function sideBySide(entries: Entry[]): HTMLElement {
  const one = ({ model, styled }: Entry): HTMLElement => {
    const canvas = pictureCanvas(`Painted by ${model.preset}`);
    paint(canvas, styled);
    return h('figure', {}, canvas, h('figcaption', {}, model.preset));
  };
  return h('div', { class: 'side-by-side' }, ...entries.map(one));
}

export function comparisonResult(entries: Entry[], photo: ImageData, loaded: Loaded): HTMLElement {
  const pictures = slider();
  const pair = [entries[0]!, entries.at(-1)!];
  const show = (): void => {
    pictures.label(pair[0]!.model.preset, pair[1]!.model.preset);
    pictures.show(pair[0]!.styled, pair[1]!.styled);
  };
  const options = entries.map(({ model }) => ({ value: model.id, label: model.preset }));
  const pick = (label: string, index: 0 | 1): HTMLElement =>
    select(label, options, pair[index]!.model.id, (id) => {
      pair[index] = entries.find(({ model }) => model.id === id)!;
      show();
    });
  show();
  return h('div', { class: 'comparison' },
    h('div', { class: 'stage' }, pictures.element),
    entries.length > 2 && h('div', { class: 'pair' }, pick('Left', 0), pick('Right', 1)),
    table(entries, photo, loaded),
    sideBySide(entries));
}
