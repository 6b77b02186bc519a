// SPDX-License-Identifier: Apache-2.0
// A small dialog with a title: from below on a phone, in the middle elsewhere. Escape and a tap beside it close it.
import { h, icon, type Child } from '../dom';

export function sheet(title: string, ...content: Child[]): HTMLDialogElement {
  const dialog = h('dialog', { class: 'sheet', 'aria-label': title },
    h('div', { class: 'sheet-head' }, h('h2', {}, title),
      h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Close', onclick: () => dialog.close() }, icon('close'))),
    ...content);
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
