// SPDX-License-Identifier: Apache-2.0
// A line at the bottom that says what happened, with a way back.
import { h } from '../dom';

const SECONDS = 7;
let current: (() => void) | undefined;

/** `kept` is called when the time for `undo` is over, also because another line comes or the page is left. */
export function snack(text: string, undo?: () => void, kept: () => void = () => undefined): void {
  current?.();
  const end = (then: () => void): void => {
    clearTimeout(timer);
    removeEventListener('pagehide', finish);
    element.remove();
    current = undefined;
    then();
  };
  const finish = (): void => end(kept);
  const element = h('div', { class: 'update snack', role: 'status' }, text,
    undo && h('button', { type: 'button', class: 'link', onclick: () => end(undo) }, 'Undo'));
  const timer = setTimeout(finish, 1000 * SECONDS);
  addEventListener('pagehide', finish);
  current = finish;
  document.body.append(element);
}
