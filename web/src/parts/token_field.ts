// SPDX-License-Identifier: Apache-2.0
// The owner's token, checked before it is kept, and kept until the tab closes.
import { token, tokenIsRight } from '../api';
import { h, icon } from '../dom';
import { messageOf } from '../format';

export function tokenField(changed: () => void): HTMLElement {
  const note = h('p', { class: 'soft', role: 'status' });
  const input = h('input', { type: 'password', name: 'token', autocomplete: 'off', required: true, spellcheck: 'false' });
  const box = h('section', { class: 'token', 'aria-label': 'Owner' });

  async function check(event: Event): Promise<void> {
    event.preventDefault();
    token.set(input.value.trim());
    try {
      if (await tokenIsRight()) return show();
      note.textContent = 'The server does not take this token.';
    } catch (error) {
      note.textContent = messageOf(error);
    }
    token.forget();
  }

  function show(): void {
    if (token.get() === '')
      box.replaceChildren(
        h('form', { class: 'token-form', onsubmit: (event) => void check(event) },
          h('label', { class: 'field' }, h('span', {}, 'Owner’s token'), input),
          h('button', { class: 'button primary' }, 'Unlock')),
        note);
    else
      box.replaceChildren(
        h('p', { class: 'unlocked' }, icon('check'), 'Unlocked until this tab closes.',
          h('button', { type: 'button', class: 'link', onclick: () => { token.forget(); input.value = ''; note.textContent = 'Needed to train; `pocketstyle serve` shows it. It stays in this tab.'; show(); } }, 'Lock')));
    changed();
  }
  note.textContent = 'Needed to train; pocketstyle serve shows it. It stays in this tab.';
  show();
  return box;
}
