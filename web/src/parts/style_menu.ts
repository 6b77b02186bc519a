// SPDX-License-Identifier: Apache-2.0
// What one can do with a style in the gallery: rename, order, hide, take its files off the device, and for the owner delete it.
import { deleteModel, token } from '../api';
import { webFiles, type Style } from '../catalog';
import { h } from '../dom';
import { hide, move, rename, type Shelf } from '../shelf';
import { removeFile } from '../store';
import { sheet } from './sheet';
import { snack } from './snack';

interface Actions {
  shelf(): Shelf;
  arrange(shelf: Shelf): void; // keeps it and shows it
  shown: string[]; // slugs, in their order
  stored: Set<string>;
  /** Shows the gallery as if the style were gone, or again as it is. */
  gone(slug: string, on: boolean): void;
  refresh(): void;
  fail(error: unknown): void;
}

export function styleMenu(style: Style, { shelf, arrange, shown, stored, gone, refresh, fail }: Actions): void {
  const { slug, name } = style;
  const files = style.models.flatMap(webFiles).map(({ sha256 }) => sha256).filter((sha256) => stored.has(sha256));
  const place = shown.indexOf(slug);
  const input = h('input', { value: name, maxlength: 60, required: true, autocomplete: 'off' });
  const close = (then: () => void) => (): void => {
    dialog.close();
    then();
  };
  const item = (label: string, use: () => void, classes = '', enabled = true): HTMLElement =>
    h('button', { type: 'button', class: `sheet-item ${classes}`, disabled: !enabled, onclick: close(use) }, label);
  /** Changes the shelf; undo brings the old one back. */
  const change = (text: string, next: Shelf): void => {
    const before = shelf();
    arrange(next);
    snack(text, () => arrange(before));
  };
  const removeFiles = (): void => snack(`${name} is off this device.`, refresh, () => void Promise.all(files.map(removeFile)).then(refresh, fail));
  const deleteStyle = (): void => {
    gone(slug, true);
    snack(`${name} was deleted.`, () => gone(slug, false), () =>
      void Promise.all(style.models.map((model) => deleteModel(model))).then(refresh, (error) => {
        gone(slug, false);
        fail(error);
      }));
  };
  const dialog = sheet(name,
    h('form', { class: 'sheet-form', method: 'dialog', onsubmit: () => input.value.trim() !== name && change(`Renamed to ${input.value.trim()}.`, rename(shelf(), slug, input.value)) },
      h('label', { class: 'field' }, h('span', {}, 'Name on this device'), input),
      h('button', { class: 'button' }, 'Rename')),
    h('div', { class: 'sheet-items' },
      item('Move forward', () => arrange(move(shelf(), shown, slug, -1)), '', place > 0),
      item('Move back', () => arrange(move(shelf(), shown, slug, 1)), '', place >= 0 && place < shown.length - 1),
      item('Hide', () => change(`${name} is hidden.`, hide(shelf(), slug, true))),
      item('Remove from this device', removeFiles, '', files.length > 0),
      token.get() !== '' && item('Delete for everybody', deleteStyle, 'danger')));
}
