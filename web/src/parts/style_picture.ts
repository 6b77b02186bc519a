// SPDX-License-Identifier: Apache-2.0
// The style picture: chosen, and cropped by zooming and dragging, or with the arrow keys.
import { partOf, WHOLE, within, type Crop } from '../crop';
import { h, icon } from '../dom';
import { bytesText } from '../format';

const QUALITY = 0.95;

export interface StylePicture {
  element: HTMLElement;
  input: HTMLInputElement;
  /** What is sent: the file itself, or the part that shows. */
  file(): Promise<File>;
}

export function stylePicture(limit: number, changed: () => void): StylePicture {
  const image = h('img', {
    alt: 'The style picture', hidden: true, draggable: 'false',
    onload: () => frame.style.setProperty('--ratio', String(image.naturalWidth / image.naturalHeight)), // the frame has the picture's shape
  });
  const hint = h('span', { class: 'hint' }, icon('photo'), h('b', {}, 'Choose the style picture'), h('small', {}, `JPEG, PNG or WebP, up to ${bytesText(limit)}`));
  const input = h('input', {
    type: 'file', accept: 'image/jpeg,image/png,image/webp', 'aria-label': 'Style picture', required: true,
    onchange: () => {
      const file = input.files?.[0];
      input.setCustomValidity(file && file.size > limit ? `The picture has ${bytesText(file.size)}; the limit is ${bytesText(limit)}.` : '');
      if (image.src !== '') URL.revokeObjectURL(image.src);
      if (file) image.src = URL.createObjectURL(file);
      image.hidden = tools.hidden = file === undefined;
      hint.hidden = file !== undefined;
      set(WHOLE);
    },
  });
  const frame = h('label', { class: 'drop-picture file' }, input, hint, image);
  const zoom = h('input', { type: 'range', min: 1, max: 4, step: 0.05, value: 1, class: 'range', 'aria-label': 'Zoom of the style picture', oninput: () => set({ ...crop, zoom: Number(zoom.value) }) });
  const words = h('p', { class: 'soft crop-words' }, 'Zoom in, then drag the picture: only what shows is learned.');
  const tools = h('div', { class: 'crop', hidden: true }, h('label', { class: 'strength' }, h('span', {}, 'Part of the picture'), h('span', {}, ''), zoom), words);
  let crop: Crop = WHOLE;

  function set(next: Crop): void {
    crop = within(next);
    zoom.value = String(crop.zoom);
    frame.style.setProperty('--zoom', String(crop.zoom));
    frame.style.setProperty('--x', `${100 * (0.5 - crop.x) * crop.zoom}%`);
    frame.style.setProperty('--y', `${100 * (0.5 - crop.y) * crop.zoom}%`);
    frame.classList.toggle('cropped', crop.zoom > 1);
    changed();
  }

  // Dragging moves the picture; the tap at its end must not open the file picker.
  let from: { x: number; y: number; crop: Crop } | undefined, moved = false;
  frame.addEventListener('pointerdown', (event) => {
    if (crop.zoom === 1) return;
    from = { x: event.clientX, y: event.clientY, crop };
    moved = false;
    frame.setPointerCapture(event.pointerId);
  });
  frame.addEventListener('pointermove', (event) => {
    if (from === undefined) return;
    moved ||= Math.hypot(event.clientX - from.x, event.clientY - from.y) > 4;
    const box = image.getBoundingClientRect(); // as it is zoomed
    set({ ...crop, x: from.crop.x - (event.clientX - from.x) / box.width, y: from.crop.y - (event.clientY - from.y) / box.height });
  });
  for (const name of ['pointerup', 'pointercancel'] as const) frame.addEventListener(name, () => { from = undefined; });
  frame.addEventListener('click', (event) => {
    if (moved) event.preventDefault();
    moved = false;
  });
  zoom.addEventListener('keydown', (event) => {
    const step = event.key === 'ArrowUp' ? [0, -1] : event.key === 'ArrowDown' ? [0, 1] : undefined;
    const side = event.shiftKey && event.key === 'ArrowLeft' ? [-1, 0] : event.shiftKey && event.key === 'ArrowRight' ? [1, 0] : step;
    if (side === undefined || crop.zoom === 1) return;
    event.preventDefault();
    set({ ...crop, x: crop.x + side[0]! * 0.05, y: crop.y + side[1]! * 0.05 });
  });

  async function file(): Promise<File> {
    const chosen = input.files![0]!;
    if (crop.zoom === 1) return chosen;
    const bitmap = await createImageBitmap(chosen);
    const part = partOf(crop, bitmap.width, bitmap.height);
    const canvas = new OffscreenCanvas(part.width, part.height);
    canvas.getContext('2d')!.drawImage(bitmap, -part.left, -part.top);
    bitmap.close();
    const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY });
    return new File([blob], `${chosen.name.replace(/\.[^.]*$/, '')}.jpg`, { type: 'image/jpeg' });
  }
  return { element: h('div', { class: 'style-picture' }, frame, tools), input, file };
}
