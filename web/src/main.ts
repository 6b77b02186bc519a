// SPDX-License-Identifier: Apache-2.0
// The frame around the views: finds the view for the address, and navigates between them.
import { h, icon } from './dom';
import { messageOf } from './format';
import { clearScratch } from './full/scratch';
import { listenForInstall } from './install';
import { registerServiceWorker } from './offline';
import { compare } from './views/compare';
import { gallery } from './views/gallery';
import { job } from './views/job';
import { stylize } from './views/stylize';
import { train } from './views/train';
import { link, type View } from './views/view';

const ROUTES: [RegExp, (argument: string) => View][] = [
  [/^#\/style\/([^/]+)$/, stylize],
  [/^#\/compare(?:\/([^/]+))?$/, compare],
  [/^#\/train$/, train],
  [/^#\/jobs\/([^/]+)$/, job],
];
const TABS = [
  { name: 'Styles', href: link.gallery, symbol: 'styles', pattern: /^#?\/?$|^#\/style\// },
  { name: 'Compare', href: link.compare(), symbol: 'compare', pattern: /^#\/compare/ },
  { name: 'Train', href: link.train, symbol: 'train', pattern: /^#\/(train|jobs)/ },
] as const;

const main = document.querySelector('main')!;
const tabs = TABS.map(({ name, href, symbol }) => h('a', { href }, icon(symbol), name));
document.querySelector('nav')!.replaceChildren(...tabs);
let current: View | undefined;

function open(hash: string): View {
  for (const [pattern, view] of ROUTES) {
    const found = pattern.exec(hash);
    if (found !== null) return view(found[1] ?? '');
  }
  return gallery();
}

function navigate(first: boolean): void {
  current?.close?.();
  current = open(location.hash);
  main.replaceChildren(current.element);
  document.title = `${current.title} · pocketstyle`;
  TABS.forEach(({ pattern }, i) => {
    if (pattern.test(location.hash)) tabs[i]!.setAttribute('aria-current', 'page');
    else tabs[i]!.removeAttribute('aria-current');
  });
  if (first) return;
  scrollTo(0, 0);
  main.querySelector('h1')?.focus({ preventScroll: true }); // so that a screen reader reads where one is now
}

listenForInstall();
clearScratch().catch(() => undefined); // of work that was cut off
addEventListener('hashchange', () => navigate(false));
navigate(true);
registerServiceWorker().catch((error) => console.warn(`no offline use: ${messageOf(error)}`));
