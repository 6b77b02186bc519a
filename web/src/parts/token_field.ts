// SPDX-License-Identifier: Apache-2.0
// The owner's token, checked before it is kept, and kept until the tab closes.
import { token, tokenIsRight } from '../api';
import { h, icon } from '../dom';
import { messageOf } from '../format';

const WHERE = 'Needed to train; pocketstyle serve says where it is. It stays in this tab.';

/** `changed` hears whether there is a token, now and later. */
export function tokenField(changed: (there: boolean) => void): { element: HTMLElement; forget(text: string): void } {
  const note = h('p', { class: 'soft', role: 'status' }, WHERE);
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
