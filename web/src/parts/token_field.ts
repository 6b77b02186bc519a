// SPDX-License-Identifier: Apache-2.0
// The owner's token: checked before it is stored, and stored until the tab closes.
import { token, tokenIsRight } from '../api';
import { h, icon } from '../dom';
import { messageOf } from '../format';

const WHERE = 'Needed for training; pocketstyle serve prints where to find it. It stays in this tab.';

/** `changed` is told whether there is a token, now and later. */
export function tokenField(changed: (there: boolean) => void): { element: HTMLElement; forget(text: string): void } {
  const note = h('p', { class: 'soft', role: 'status' }, WHERE);
  const input = h('input', { type: 'password', name: 'token', autocomplete: 'off', required: true, spellcheck: 'false' });
  const box = h('section', { class: 'token', 'aria-label': 'Owner' });

  async function check(event: Event): Promise<void> {
    event.preventDefault();
    token.set(input.value.trim());
    try {
      if (await tokenIsRight()) return show();
      note.textContent = 'The server does not accept this token.';
    } catch (error) {
      note.textContent = messageOf(error);
    }
    token.forget();
  }

  function forget(text: string): void {
    token.forget();
    input.value = '';
    note.textContent = text;
    show();
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
          h('button', { type: 'button', class: 'link', onclick: () => forget(WHERE) }, 'Lock')));
    changed(token.get() !== '');
  }
  show();
  return { element: box, forget };
}
