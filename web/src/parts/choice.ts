// SPDX-License-Identifier: Apache-2.0
// One of a few, as a row of radio buttons that look like one control.
import { h } from '../dom';

export interface ChoiceOption {
  value: string;
  label: string;
  detail?: string;
}

let groups = 0;

export interface Choice {
  element: HTMLElement;
  value: string;
}

export function choice(legend: string, options: ChoiceOption[], value: string, changed: (value: string) => void): Choice {
  const name = `choice-${++groups}`;
  const result: Choice = { element: h('fieldset', { class: 'choice' }, h('legend', {}, legend)), value };
  const row = h('div', { class: options.length === 4 ? 'segments four' : 'segments' });
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
  const row = h('div', { class: options.length === 4 ? 'segments four' : 'segments' });
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
