// SPDX-License-Identifier: Apache-2.0
// Save and Share, with the size of the file and how long it takes; while it is made, how far it is, and Cancel.
import { h, icon } from '../dom';
import { durationText } from '../format';
import { canShare } from '../picture';
import { keepSettings, settings } from '../settings';

export interface Output {
  shown: { width: number; height: number };
  full: { width: number; height: number; seconds: number } | undefined; // unless it is what is shown
}

export interface SaveBar {
  element: HTMLElement;
  /** What can be saved now. */
  offer(output: Output | undefined): void;
  /** 0..1 while a file is made; undefined when it is done. */
  progress(share: number | undefined, what?: string): void;
}

export function saveBar(use: (way: 'save' | 'share') => void, cancel: () => void): SaveBar {
  const button = (symbol: 'save' | 'share', label: string, classes: string): HTMLButtonElement =>
    h('button', { type: 'button', class: `button ${classes}`, disabled: true, onclick: () => use(symbol) }, icon(symbol), label);
  const buttons = [button('save', 'Save', 'primary'), ...(canShare() ? [button('share', 'Share', '')] : [])];
  const size = h('select', { 'aria-label': 'Size of the file', onchange: () => keepSettings({ full: size.value === 'full' }) });
  const bar = h('progress', { max: 1, value: 0, 'aria-label': 'Saving' });
  const text = h('span', { 'aria-live': 'off' });
  const idle = h('div', { class: 'save-idle' }, h('div', { class: 'save-buttons' }, ...buttons), size);
  const busy = h('div', { class: 'save-busy', hidden: true }, h('div', {}, text, bar),
    h('button', { type: 'button', class: 'button', onclick: cancel }, 'Cancel'));
  const element = h('div', { class: 'save-bar', role: 'group', 'aria-label': 'Save or share', hidden: true }, idle, busy);
  let began = 0;
  return {
    element,
    offer(output) {
      element.hidden = output === undefined && busy.hidden;
      for (const each of buttons) each.disabled = output === undefined;
      if (output === undefined) return;
      const { shown, full } = output;
      const options: [string, string][] = [['shown', `As shown, ${shown.width} × ${shown.height}`]];
      if (full) options.unshift(['full', `Full size, ${full.width} × ${full.height}, about ${durationText(full.seconds)}`]);
      size.replaceChildren(...options.map(([value, label]) => h('option', { value }, label)));
      size.value = full && settings.full ? 'full' : 'shown';
    },
    progress(share, what = 'Painting at full size') {
      if (share !== undefined && busy.hidden) began = Date.now();
      idle.hidden = share !== undefined;
      busy.hidden = share === undefined;
      if (share === undefined) return;
      bar.value = share;
      const left = share > 0.03 ? ((Date.now() - began) / 1000) * (1 / share - 1) : undefined;
      text.textContent = `${what}: ${Math.round(100 * share)}%${left === undefined ? '' : `, ${durationText(left)} left`}`;
    },
  };
}
