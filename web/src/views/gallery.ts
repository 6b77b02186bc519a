// SPDX-License-Identifier: Apache-2.0
// All styles as cards, in the order of this device.
import type { Model } from '../api';
import { groupStyles, modelFor, webFiles, type Style } from '../catalog';
import { h, icon } from '../dom';
import { plural } from '../format';
import { snack } from '../parts/snack';
import { status } from '../parts/status';
import { styleMenu } from '../parts/style_menu';
import { installButton } from '../install';
import { openPhoto, previewOf, session } from '../picture';
import { paint } from '../parts/slider';
import { forgetPhoto, keepShelf, keptPhoto, keptShelf, settings } from '../settings';
import { arrange, hide, type Shelf } from '../shelf';
import { listModels, storedHashes } from '../store';
import { link, type View } from './view';

const POLL_MS = 2000; // while the server prepares its styles

const isStored = (model: Model, stored: Set<string>): boolean => webFiles(model).some(({ sha256 }) => stored.has(sha256));

function card(style: Style, stored: Set<string>, offline: boolean, menu: () => void): HTMLElement {
  // Opens the quality that was used last, or offline what is here.
  const wanted = modelFor(style, settings.quality);
  const here = style.models.filter((model) => isStored(model, stored));
  const main = !offline || here.includes(wanted) ? wanted : here[0]!;
  return h('article', { class: here.length > 0 ? 'card stored' : 'card', 'data-style': style.slug },
    h('a', { href: link.model(main.id), class: 'pictures', 'aria-label': `Paint a photo like ${style.name}` },
      h('img', { src: main.thumbnail_url, alt: `A photo in the style ${style.name}`, width: 480, height: 480, class: 'thumbnail' }),
      h('img', { src: main.style_url, alt: '', width: 96, height: 96, class: 'inset' })),
    h('div', { class: 'card-head' },
      h('h2', {}, style.name),
      here.length > 0 && h('span', { class: 'here', title: 'Available offline' }, icon('check'), h('span', { class: 'hear' }, 'Available offline')),
      h('button', { type: 'button', class: 'icon-button', 'aria-label': `More about ${style.name}`, onclick: menu }, icon('more'))));
}

const trainCard = (): HTMLElement =>
  h('a', { href: link.train, class: 'card train-card' }, icon('plus'), h('b', {}, 'Train a style'),
    h('span', { class: 'soft' }, 'From any picture, on your server'));

const skeleton = (): HTMLElement =>
  h('div', { class: 'card skeleton', 'aria-hidden': 'true' }, h('div', { class: 'pictures' }), h('div', { class: 'card-head' }));

export function gallery(): View {
  const line = status();
  const cards = h('div', { class: 'cards', 'aria-busy': 'true' }, skeleton(), skeleton(), skeleton(), skeleton());
  const hiddenList = h('details', { class: 'hidden-styles', hidden: true });
  const chip = h('div', { class: 'photo-chip', hidden: true });
  const element = h('div', { class: 'view gallery' },
    h('header', { class: 'hero' },
      h('h1', { tabindex: -1 }, 'Your photo, painted.'),
      h('p', {}, 'Choose a style. ', h('span', { class: 'private' }, icon('lock'), 'Your photo never leaves this device.')),
      chip, installButton()),
    line.element, cards, hiddenList);
  let timer = 0;
  let closed = false;
  let known: { styles: Style[]; offline: boolean; stored: Set<string> } | undefined;
  const gone = new Set<string>(); // deleted, while that can be undone

  function show(): void {
    if (known === undefined) return;
    const { stored, offline } = known;
    const { shown, hidden } = arrange(known.styles.filter(({ slug }) => !gone.has(slug)), keptShelf());
    const order = shown.map(({ slug }) => slug);
    const change = (shelf: Shelf): void => {
      keepShelf(shelf);
      show();
    };
    const menu = (style: Style) => (): void => styleMenu(style, {
      shelf: keptShelf, arrange: change, shown: order, stored,
      gone: (slug, on) => {
        if (on) gone.add(slug);
        else gone.delete(slug);
        show();
      },
      refresh: () => void fill().catch(line.fail), fail: line.fail,
    });
    cards.replaceChildren(...shown.map((style) => card(style, stored, offline, menu(style))), ...(offline ? [] : [trainCard()]));
    const back = (style: Style): HTMLElement =>
      h('li', {}, style.name, h('button', { type: 'button', class: 'link', onclick: () => {
        change(hide(keptShelf(), style.slug, false));
        snack(`${style.name} is back.`);
      } }, 'Show'));
    hiddenList.hidden = hidden.length === 0;
    hiddenList.replaceChildren(h('summary', {}, `${plural(hidden.length, 'hidden style')}`), h('ul', {}, ...hidden.map(back)));
  }

  const fill = async (): Promise<void> => {
    const [{ models, offline, preparing }, stored] = await Promise.all([listModels(), storedHashes()]);
    if (closed) return;
    const styles = groupStyles(offline ? models.filter((model) => isStored(model, stored)) : models);
    known = { styles, offline, stored };
    show();
    cards.removeAttribute('aria-busy');
    document.body.classList.toggle('offline', offline);
    const waiting = !offline && preparing !== null && preparing !== undefined && preparing.done < preparing.total;
    clearTimeout(timer);
    if (waiting) {
      line.progress(`The server is preparing its styles: ${preparing.done} of ${preparing.total} pictures and files.`, preparing.done / preparing.total);
      timer = window.setTimeout(() => void fill().catch(line.fail), POLL_MS);
    } else if (offline) line.say(styles.length > 0 ? 'You are offline. These styles are on this device.' : 'You are offline, and no style is on this device yet.');
    else line.say(styles.length === 0 ? 'No style has been published yet. Train the first one.' : '');
  };
  /** The photo that the next style paints, from before or from another app. */
  async function showPhoto(): Promise<void> {
    const kept = session.photo ? undefined : await keptPhoto();
    if (kept) await openPhoto(kept);
    if (session.photo === undefined) return;
    const canvas = h('canvas', { role: 'img', 'aria-label': 'Your photo' });
    paint(canvas, previewOf(session.photo, 128));
    const forget = h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Put the photo away', onclick: () => {
      chip.hidden = true;
      session.photo = undefined;
      void forgetPhoto();
    } }, icon('close'));
    chip.replaceChildren(canvas, h('span', {}, 'Choose a style for this photo'), forget);
    chip.hidden = false;
  }
  void showPhoto().catch(() => forgetPhoto()); // one that cannot be read
  fill().catch((error) => {
    cards.replaceChildren();
    line.fail(error);
  });
  return {
    title: 'Styles',
    element,
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
