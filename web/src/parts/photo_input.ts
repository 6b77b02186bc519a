// SPDX-License-Identifier: Apache-2.0
// Ways to get a photo: chosen, taken, dropped, pasted.
import { h, icon } from '../dom';

export interface PhotoInput {
  buttons: HTMLElement[];
  /** A large area to tap while there is no picture. */
  invitation: HTMLElement;
  close(): void;
}

function filePicker(label: string, symbol: 'photo' | 'take' | 'film', classes: string, take: boolean, got: (file: File) => void, accept = 'image/*'): HTMLElement {
  const input = h('input', {
    type: 'file', accept, capture: take ? 'environment' : null, 'aria-label': label,
    onchange: () => {
      const file = input.files?.[0];
      input.value = ''; // so that the same photo can be chosen again
      if (file) got(file);
    },
  });
  return h('label', { class: `button file ${classes}` }, input, icon(symbol), label);
}

export const videoInput = (got: (file: File) => void): HTMLElement => filePicker('Video', 'film', '', false, got, 'video/*');

const touch = (): boolean => matchMedia('(pointer: coarse)').matches;

/** `area` accepts drops; pasting works anywhere in the page until close(). */
export function photoInput(area: HTMLElement, got: (file: File) => void): PhotoInput {
  area.addEventListener('dragover', (event) => {
    event.preventDefault();
    area.classList.add('dropping');
  });
  area.addEventListener('dragleave', () => area.classList.remove('dropping'));
  area.addEventListener('drop', (event) => {
    event.preventDefault();
    area.classList.remove('dropping');
    const file = event.dataTransfer?.files[0];
    if (file) got(file);
  });
  const paste = (event: ClipboardEvent): void => {
    const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'));
    if (file) got(file);
  };
  document.addEventListener('paste', paste);

  const choose = filePicker('Choose photo', 'photo', 'primary', false, got);
  const invitation = h('button', { type: 'button', class: 'invitation', onclick: () => choose.querySelector('input')!.click() },
    icon('photo'), h('b', {}, 'Choose a photo'), h('span', {}, touch() ? 'from this device' : 'or drop or paste one here'));
  return {
    buttons: [choose, ...(touch() ? [filePicker('Take photo', 'take', '', true, got)] : [])],
    invitation,
    close: () => document.removeEventListener('paste', paste),
  };
}
