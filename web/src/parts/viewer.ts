// SPDX-License-Identifier: Apache-2.0
// The picture alone on the screen: zoom with two fingers, the wheel or a double tap; hold to see the photo.
import { h, icon } from '../dom';
import { paint } from './slider';

const MOST = 8;

export interface Viewer {
  open(photo: ImageData, styled: ImageData): void;
  close(): void;
}

export function viewer(): Viewer {
  const canvas = h('canvas', { role: 'img', 'aria-label': 'The painted picture' });
  const stage = h('div', { class: 'viewer-stage' }, canvas);
  const compare = h('button', { type: 'button', class: 'button round', 'aria-pressed': 'false' }, icon('eye'), 'Hold to see the photo');
  const shut = h('button', { type: 'button', class: 'round icon-button', 'aria-label': 'Close', onclick: () => dialog.close() }, icon('close'));
  const dialog = h('dialog', { class: 'viewer', 'aria-label': 'Full screen' }, stage, h('div', { class: 'viewer-bar' }, compare, shut));
  let pictures: [ImageData, ImageData] | undefined;
  let zoom = 1, x = 0, y = 0;
  const fingers = new Map<number, { x: number; y: number }>();

  const place = (): void => {
    // No further than to the picture's edges.
    const room = { x: Math.max(0, (canvas.offsetWidth * zoom - stage.clientWidth) / 2), y: Math.max(0, (canvas.offsetHeight * zoom - stage.clientHeight) / 2) };
    x = Math.max(-room.x, Math.min(room.x, x));
    y = Math.max(-room.y, Math.min(room.y, y));
    canvas.style.transform = `translate(${x}px, ${y}px) scale(${zoom})`;
  };
  /** Zooms around a point of the screen, which stays where it is. */
  function zoomTo(next: number, at: { x: number; y: number }): void {
    next = Math.max(1, Math.min(MOST, next));
    const box = stage.getBoundingClientRect(), cx = at.x - box.left - box.width / 2, cy = at.y - box.top - box.height / 2;
    x = cx - ((cx - x) * next) / zoom;
    y = cy - ((cy - y) * next) / zoom;
    zoom = next;
    place();
  }
  const show = (photo: boolean): void => {
    compare.setAttribute('aria-pressed', String(photo));
    if (pictures) paint(canvas, pictures[photo ? 0 : 1]);
  };

  const middle = (): { x: number; y: number; spread: number } => {
    const [a, b] = [...fingers.values()];
    return b && a ? { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, spread: Math.hypot(a.x - b.x, a.y - b.y) } : { x: a!.x, y: a!.y, spread: 0 };
  };
  stage.addEventListener('pointerdown', (event) => {
    stage.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  });
  stage.addEventListener('pointermove', (event) => {
    if (!fingers.has(event.pointerId)) return;
    const before = middle();
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const after = middle();
    x += after.x - before.x;
    y += after.y - before.y;
    if (before.spread > 0) zoomTo((zoom * after.spread) / before.spread, after);
    else place();
  });
  for (const name of ['pointerup', 'pointercancel'] as const) stage.addEventListener(name, (event) => fingers.delete(event.pointerId));
  stage.addEventListener('wheel', (event) => {
    event.preventDefault();
    zoomTo(zoom * 2 ** (-event.deltaY / 300), { x: event.clientX, y: event.clientY });
  }, { passive: false });
  stage.addEventListener('dblclick', (event) => zoomTo(zoom > 1 ? 1 : 3, { x: event.clientX, y: event.clientY }));

  compare.addEventListener('pointerdown', () => show(true));
  for (const name of ['pointerup', 'pointercancel', 'pointerleave', 'blur'] as const) compare.addEventListener(name, () => show(false));
  compare.addEventListener('keydown', (event) => (event.key === ' ' || event.key === 'Enter') && show(true));
  compare.addEventListener('keyup', () => show(false));
  compare.addEventListener('contextmenu', (event) => event.preventDefault());
  dialog.addEventListener('keydown', (event) => {
    const center = { x: innerWidth / 2, y: innerHeight / 2 };
    if (event.key === '+') zoomTo(zoom * 1.5, center);
    if (event.key === '-') zoomTo(zoom / 1.5, center);
  });
  dialog.addEventListener('close', () => dialog.remove());

  return {
    open(photo, styled) {
      pictures = [photo, styled];
      [zoom, x, y] = [1, 0, 0];
      document.body.append(dialog);
      dialog.style.setProperty('--ratio', String(photo.width / photo.height));
      show(false);
      dialog.showModal();
      place();
    },
    close: () => dialog.close(),
  };
}
