// SPDX-License-Identifier: Apache-2.0
// Two pictures on top of each other, with an edge between them that pointer or keyboard moves.
import { h } from '../dom';

export interface Slider {
  element: HTMLElement;
  show(left: ImageData, right: ImageData): void;
  label(left: string, right: string): void;
}

export function pictureCanvas(label: string): HTMLCanvasElement {
  return h('canvas', { role: 'img', 'aria-label': label });
}

export function paint(canvas: HTMLCanvasElement, picture: ImageData): void {
  if (canvas.width !== picture.width) canvas.width = picture.width;
  if (canvas.height !== picture.height) canvas.height = picture.height;
  canvas.getContext('2d')!.putImageData(picture, 0, 0);
}

export function slider(): Slider {
  const left = pictureCanvas('');
  const right = pictureCanvas('');
  left.classList.add('left');
  const tags = [h('span', { class: 'tag left', 'aria-hidden': 'true' }), h('span', { class: 'tag right', 'aria-hidden': 'true' })];
  const range = h('input', {
    type: 'range', min: 0, max: 100, step: 1, value: 50,
    oninput: () => element.style.setProperty('--split', `${range.value}%`),
  });
  const element = h('div', { class: 'slider' }, right, left, ...tags, h('span', { class: 'divider', 'aria-hidden': 'true' }), range);
  return {
    element,
    show(a, b) {
      element.style.setProperty('--ratio', String(a.width / a.height));
      paint(left, a);
      paint(right, b);
    },
    label(a, b) {
      tags[0]!.textContent = a;
      tags[1]!.textContent = b;
      left.setAttribute('aria-label', `${a} picture`);
      right.setAttribute('aria-label', `${b} picture`);
      range.setAttribute('aria-label', `Share of ${a.toLowerCase()}, from the left, against ${b.toLowerCase()}`);
    },
  };
}
