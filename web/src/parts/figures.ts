// SPDX-License-Identifier: Apache-2.0
// A few numbers with their names; a dash until there is one, so that nothing moves.
import { h } from '../dom';

export function figures(names: string[]): { element: HTMLElement; set(name: string, value: string): void } {
  const values = new Map(names.map((name) => [name, h('dd', {}, '–')]));
  return {
    element: h('dl', { class: 'figures' }, ...names.map((name) => h('div', { 'data-figure': name }, h('dt', {}, name), values.get(name)!))),
    set: (name, value) => values.get(name)!.replaceChildren(value),
  };
}
