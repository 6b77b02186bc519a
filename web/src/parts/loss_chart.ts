// SPDX-License-Identifier: Apache-2.0
// The losses of a run over its steps, with a logarithmic axis: they fall by a factor of a hundred.
import type { Losses } from '../api';
import { h, svg } from '../dom';
import { lossText } from '../format';
import { logTicks, scaleOf, thin } from '../scale';

const HEIGHT = 260; // px, as are all lengths here; the width is what the page gives
const BOX = { left: 44, right: 8, top: 10, bottom: 32 };
const LINES = ['total', 'content', 'style'] as const;
const POINTS = 400; // more cannot be told apart

export interface LossChart {
  element: HTMLElement;
  add(step: number, losses: Losses): void;
  addHeldOut(step: number, total: number): void;
  /** How far the axis goes. */
  setSteps(steps: number): void;
}

export function lossChart(): LossChart {
  const losses = new Map<number, Losses>();
  const heldOut = new Map<number, number>();
  let steps = 1;
  let pending = 0;
  const plot = svg('svg', { height: HEIGHT, class: 'chart', role: 'img', 'aria-label': 'Losses: none yet' });
  const legend = [...LINES, 'validation'].map((name) => h('li', { class: name }, name));
  const element = h('figure', { class: 'loss-chart' }, h('figcaption', {}, h('b', {}, 'Loss'), h('ul', {}, ...legend)), plot);

  function draw(): void {
    pending = 0;
    const width = plot.clientWidth;
    if (width === 0) return; // not in the page yet
    const points = thin([...losses].sort(([a], [b]) => a - b), POINTS);
    const held = [...heldOut].sort(([a], [b]) => a - b);
    const values = [...points.flatMap(([, each]) => LINES.map((name) => each[name])), ...held.map(([, total]) => total)].filter((value) => value > 0);
    if (values.length === 0) return plot.replaceChildren();
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const last = Math.max(steps, points.at(-1)?.[0] ?? 1);
    const x = scaleOf(0, last, BOX.left, width - BOX.right);
    const logY = scaleOf(Math.log10(low) - 0.05, Math.log10(high) + 0.05, HEIGHT - BOX.bottom, BOX.top);
    const y = (value: number): number => logY(Math.log10(Math.max(value, low)));

    const rows = logTicks(low, high).map((tick) =>
      svg('g', { class: 'tick' },
        svg('line', { x1: BOX.left, x2: width - BOX.right, y1: y(tick), y2: y(tick) }),
        svg('text', { x: BOX.left - 8, y: y(tick) + 4, 'text-anchor': 'end' }, tick.toExponential(0).replace('e+', 'e'))));
    const columns = [0, 0.25, 0.5, 0.75, 1].map((part) =>
      svg('text', { x: x(part * last), y: HEIGHT - 10, 'text-anchor': part === 0 ? 'start' : part === 1 ? 'end' : 'middle', class: 'step' },
        `${Math.round(part * last)}${part === 1 ? ' steps' : ''}`));
    const lines = LINES.map((name) =>
      svg('polyline', { class: name, points: points.map(([step, each]) => `${x(step).toFixed(1)},${y(each[name]).toFixed(1)}`).join(' ') }));
    const dots = held.map(([step, total]) => svg('circle', { class: 'validation', cx: x(step), cy: y(total), r: 4 }));
    plot.replaceChildren(...rows, ...columns, ...lines.reverse(), ...dots);

    const [first, newest] = [points[0], points.at(-1)];
    const held_text = held.length > 0 ? ` Validation loss ${lossText(held.at(-1)![1])}.` : '';
    if (first && newest)
      plot.setAttribute('aria-label', `Total loss: ${lossText(first[1].total)} at step ${first[0]}, ${lossText(newest[1].total)} at step ${newest[0]}.${held_text}`);
  }
  const later = (): void => {
    if (pending === 0) pending = requestAnimationFrame(draw); // many losses come at once after connecting
  };
  /** A training that rolled back repeats its steps: later points are dropped. */
  function put<T>(points: Map<number, T>, step: number, value: T): void {
    for (const other of points.keys()) if (other > step) points.delete(other);
    points.set(step, value);
    later();
  }
  new ResizeObserver(later).observe(plot);
  return {
    element,
    add: (step, each) => put(losses, step, each),
    addHeldOut: (step, total) => put(heldOut, step, total),
    setSteps(wanted) {
      steps = wanted;
      later();
    },
  };
}
