// SPDX-License-Identifier: Apache-2.0
// A page in place of something that does not exist: what it is, and where to go.
import { h, icon } from '../dom';

export function missing(title: string, text: string, links: Record<string, string>): HTMLElement {
  return h('section', { class: 'missing' }, icon('styles'), h('h1', { tabindex: -1 }, title), h('p', { class: 'soft' }, text),
    h('div', { class: 'actions' }, ...Object.entries(links).map(([label, href]) => h('a', { href, class: 'button' }, label))));
}
