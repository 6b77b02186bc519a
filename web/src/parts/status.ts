// SPDX-License-Identifier: Apache-2.0
// One line of status, read aloud when it changes, with a bar while something is in progress.
import { h } from '../dom';
import { messageOf } from '../format';

export interface Status {
  element: HTMLElement;
  say(text: string): void;
  /** `share` 0..1, or undefined if it is not known. */
  progress(text: string, share?: number): void;
  fail(error: unknown): void;
}

export function status(): Status {
  const line = h('p', { role: 'status' });
  const alert = h('p', { role: 'alert', class: 'error' });
  const bar = h('progress', { max: 1, 'aria-label': 'Progress', class: 'quiet' });
  const set = (text: string, error = '', busy = false): void => {
    if (line.textContent !== text) line.textContent = text;
    if (alert.textContent !== error) alert.textContent = error; // said once, also if it happens again and again
    bar.classList.toggle('quiet', !busy);
  };
  return {
    element: h('div', { class: 'status' }, bar, line, alert),
    say: (text) => set(text),
    progress(text, share) {
      set(text, '', true);
      if (share === undefined) bar.removeAttribute('value');
      else bar.value = share;
    },
    fail: (error) => set('', messageOf(error)),
  };
}
