// SPDX-License-Identifier: Apache-2.0
// Changes to a painted picture that need no new painting.
import { h } from '../dom';

export interface Looks {
  element: HTMLElement;
  strength(): number; // 0..1
  keepColors(): boolean;
}

/** `changed` is called at most once per frame: mixing a large picture takes longer than moving a slider. */
export function looks(changed: () => void): Looks {
  let pending = 0;
  const later = (): void => {
    cancelAnimationFrame(pending);
    pending = requestAnimationFrame(changed);
  };
  const value = h('span', { 'aria-hidden': 'true' }, '100%'); // the slider says it itself
  const range = h('input', {
    type: 'range', min: 0, max: 100, step: 1, value: 100, class: 'range', 'aria-label': 'Strength in percent',
    oninput: () => {
      value.textContent = `${range.value}%`;
      later();
    },
  });
  const keep = h('input', { type: 'checkbox', role: 'switch', onchange: later });
  return {
    element: h('div', { class: 'looks' },
      h('label', { class: 'strength' }, h('span', {}, 'Strength'), value, range),
      h('label', { class: 'switch' }, h('span', {}, 'Keep the photo’s colors'), keep)),
    strength: () => Number(range.value) / 100,
    keepColors: () => keep.checked,
  };
}
