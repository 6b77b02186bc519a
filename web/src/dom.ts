// SPDX-License-Identifier: Apache-2.0
// Elements in one expression. Text is always text: nothing here parses HTML.

type Listener = (event: Event) => void;
export type Child = Node | string | null | undefined | false;
export type Props = Record<string, string | number | boolean | null | undefined | Listener>;

function fill<T extends Element>(element: T, props: Props, children: Child[]): T {
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value); // onclick: 'click'
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false));
  return element;
}

export function h<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), props, children);
}

export function svg(tag: string, props: Props = {}, ...children: Child[]): SVGElement {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), props, children);
}

const ICONS = {
  photo: 'M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9.5h.01',
  take: 'M4 8h3l2-3h6l2 3h3v11H4zM12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z',
  live: 'M3 7h12v10H3zM15 11l6-4v10l-6-4z',
  save: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  share: 'M12 15V4M8 7.5 12 4l4 3.5M6 11H5v9h14v-9h-1',
  check: 'M5 12.5 10 17 19 7',
  styles: 'M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z',
  compare: 'M12 3v18M4 6h5v12H4zM15 6h5v12h-5z',
  train: 'M4 20 14.5 9.500M13 5l6 6M16 8l3-4 1 1-4 3M4 20l1-4M5 4v4M3 6h4M18 15v4M16 17h4',
  lock: 'M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3',
  plus: 'M12 5v14M5 12h14',
  back: 'M14 6l-6 6 6 6',
  undo: 'M8 6 4 10l4 4M4 10h10a5 5 0 0 1 0 10h-3',
  redo: 'M16 6l4 4-4 4M20 10H10a5 5 0 0 0 0 10h3',
  expand: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  close: 'M6 6l12 12M18 6 6 18',
  more: 'M5.500 12h.01M12 12h.01M18.500 12h.01',
  eye: 'M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z',
  again: 'M20 5v5h-5M20 10a8 8 0 1 0 .5 5',
  film: 'M3 5h18v14H3zM8 5v14M16 5v14M3 12h18M3 8.500h5M3 15.500h5M16 8.500h5M16 15.500h5',
} as const;

export function icon(name: keyof typeof ICONS): SVGElement {
  return svg('svg', { viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true' }, svg('path', { d: ICONS[name] }));
}
