// SPDX-License-Identifier: Apache-2.0
// How the painted picture looks: strength, size of the strokes, colors.
import { h } from '../dom';
import { keepSettings, settings } from '../settings';

export interface Looks {
  element: HTMLElement;
  /** Shows the settings again, after something else changed them. */
  refresh(): void;
}

interface Actions {
  /** Mixed again, while the slider moves. */
  mix(): void;
  /** Painted again: another size of the strokes. */
  paint(): void;
  /** A look that somebody settled on. */
  settled(): void;
}

const SCALES = [1, 1.5, 2, 3, 4];
const scaleText = (scale: number): string => (scale === 1 ? 'Fine' : `${scale}×`);

export function looks({ mix, paint, settled }: Actions): Looks {
  const value = h('span', { 'aria-hidden': 'true' }), scaleValue = h('span', { 'aria-hidden': 'true' });
  const range = h('input', {
    type: 'range', min: 0, max: 100, step: 1, class: 'range', 'aria-label': 'Strength in percent',
    oninput: () => {
      keepSettings({ strength: Number(range.value) / 100 });
      refresh();
      mix();
    },
    onchange: settled,
  });
  const scale = h('input', {
    type: 'range', min: 0, max: SCALES.length - 1, step: 1, class: 'range', 'aria-label': 'Brush size',
    oninput: () => {
      keepSettings({ scale: SCALES[Number(scale.value)]! });
      refresh();
    },
    onchange: () => {
      paint();
      settled();
    },
  });
  const keep = h('input', {
    type: 'checkbox', role: 'switch',
    onchange: () => {
      keepSettings({ keepColors: keep.checked });
      mix();
      settled();
    },
  });
  function refresh(): void {
    range.value = String(Math.round(100 * settings.strength));
    value.textContent = `${range.value}%`;
    scale.value = String(Math.max(0, SCALES.indexOf(settings.scale)));
    scaleValue.textContent = scaleText(settings.scale);
    scale.setAttribute('aria-valuetext', scaleText(settings.scale));
    keep.checked = settings.keepColors;
  }
  refresh();
  return {
    element: h('div', { class: 'looks' },
      h('label', { class: 'strength' }, h('span', {}, 'Strength'), value, range),
      h('label', { class: 'strength brush' }, h('span', {}, 'Brush size'), scaleValue, scale),
      h('label', { class: 'switch' }, h('span', {}, 'Keep the photo’s colors'), keep)),
    refresh,
  };
}
