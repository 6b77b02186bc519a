// SPDX-License-Identifier: Apache-2.0
// How somebody arranged the styles on this device: their order, their names, and which are hidden.
import type { Style } from './catalog';

export interface Shelf {
  order: string[]; // slugs; styles that are not named come first, as new ones do
  hidden: string[];
  names: Record<string, string>;
}

export const EMPTY: Shelf = { order: [], hidden: [], names: {} };

export function arrange(styles: Style[], shelf: Shelf): { shown: Style[]; hidden: Style[] } {
  const place = (style: Style): number => shelf.order.indexOf(style.slug);
  const all = styles.map((style) => ({ ...style, name: shelf.names[style.slug] ?? style.name }));
  all.sort((a, b) => place(a) - place(b)); // stable: those without a place stay as they are
  return { shown: all.filter(({ slug }) => !shelf.hidden.includes(slug)), hidden: all.filter(({ slug }) => shelf.hidden.includes(slug)) };
}

export function rename(shelf: Shelf, slug: string, name: string): Shelf {
  const { [slug]: _, ...names } = shelf.names;
  return { ...shelf, names: name.trim() === '' ? names : { ...names, [slug]: name.trim() } };
}

export function hide(shelf: Shelf, slug: string, on: boolean): Shelf {
  const hidden = shelf.hidden.filter((each) => each !== slug);
  return { ...shelf, hidden: on ? [...hidden, slug] : hidden };
}

/** One place forward (-1) or back (1) among those that are shown. */
export function move(shelf: Shelf, shown: string[], slug: string, by: -1 | 1): Shelf {
  const from = shown.indexOf(slug), to = from + by;
  if (from < 0 || to < 0 || to >= shown.length) return shelf;
  const order = [...shown];
  [order[from], order[to]] = [order[to]!, order[from]!];
  return { ...shelf, order: [...order, ...shelf.order.filter((each) => !order.includes(each))] };
}
