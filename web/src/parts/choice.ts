// SPDX-License-Identifier: Apache-2.0
// One of a few, as a row of radio buttons that look like one control.
import { h } from '../dom';

export interface ChoiceOption {
  value: string;
  label: string;
  detail?: string;
}

let groups = 0;

/** Rows without one that hangs alone: five and six in threes. */
const rowOf = (count: number): HTMLElement => h('div', { class: `segments ${count === 4 ? 'four' : count === 3 ? 'three' : count === 5 || count === 6 ? 'six' : ''}`.trim() });

export interface Choice {
  element: HTMLElement;
  value: string;
  /** Checks the option with this value, or none; without telling `changed`. */
  set(value: string): void;
}

export function choice(legend: string, options: ChoiceOption[], value: string, changed: (value: string) => void): Choice {
  const name = `choice-${++groups}`;
  const result: Choice = {
    element: h('fieldset', { class: 'choice' }, h('legend', {}, legend)),
    value,
    set(next) {
      result.value = next;
      for (const input of result.element.querySelectorAll('input')) input.checked = input.value === next;
    },
  };
  const row = rowOf(options.length);
  for (const option of options)
    row.append(
      h('label', {},
        h('input', {
          type: 'radio', name, value: option.value, checked: option.value === value,
          onchange: () => {
            result.value = option.value;
            changed(option.value);
          },
        }),
        h('span', {}, h('b', {}, option.label), option.detail !== undefined && h('small', {}, option.detail))));
  result.element.append(row);
  return result;
}

/** Some of many: buttons that stay pressed. */
export function toggles(legend: string, options: ChoiceOption[], values: Set<string>, changed: () => void): HTMLElement {
  const row = rowOf(options.length);
  for (const option of options)
    row.append(
      h('label', {},
        h('input', {
          type: 'checkbox', value: option.value, checked: values.has(option.value),
          onchange: ({ target }) => {
            if ((target as HTMLInputElement).checked) values.add(option.value);
            else values.delete(option.value);
            changed();
          },
        }),
        h('span', {}, h('b', {}, option.label), option.detail !== undefined && h('small', {}, option.detail))));
  return h('fieldset', { class: 'choice' }, h('legend', {}, legend), row);
}

export function select(label: string, options: ChoiceOption[], value: string, changed: (value: string) => void): HTMLElement {
  const list = h('select', { onchange: () => changed(list.value) },
    ...options.map((option) => h('option', { value: option.value, selected: option.value === value }, option.label)));
  return h('label', { class: 'field' }, h('span', {}, label), list);
}
