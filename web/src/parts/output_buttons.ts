// SPDX-License-Identifier: Apache-2.0
// The finished picture as a file: saved, or handed to another app.
import { h, icon } from '../dom';
import { canShare, fileOf, save, share, type FileType } from '../picture';

export function outputButtons(result: () => { picture: ImageData; name: string } | undefined, fail: (error: unknown) => void): {
  element: HTMLElement;
  enable(on: boolean): void;
} {
  const type = h('select', { 'aria-label': 'File type' }, h('option', { value: 'image/jpeg' }, 'JPEG'), h('option', { value: 'image/png' }, 'PNG'));
  const button = (symbol: 'save' | 'share', label: string, use: (file: File) => unknown): HTMLButtonElement =>
    h('button', {
      type: 'button', class: 'button', disabled: true,
      onclick: () => {
        const found = result();
        if (found) fileOf(found.picture, found.name.trim(), type.value as FileType).then(use).catch(fail);
      },
    }, icon(symbol), label);
  const buttons = [button('save', 'Save', save), ...(canShare() ? [button('share', 'Share', share)] : [])];
  return {
    element: h('div', { class: 'output' }, type, ...buttons),
    enable(on) {
      for (const each of buttons) each.disabled = !on;
    },
  };
}
