// SPDX-License-Identifier: Apache-2.0
// All styles as cards, each with the sizes that it comes in.
import type { Model } from '../api';
import { groupStyles, smallest, webFiles, type Style } from '../catalog';
import { h, icon } from '../dom';
import { bytesText, countText, plural } from '../format';
import { status } from '../parts/status';
import { listModels, storedHashes } from '../store';
import { link, type View } from './view';

const isStored = (model: Model, stored: Set<string>): boolean => webFiles(model).some(({ sha256 }) => stored.has(sha256));

function sizeLink(model: Model, stored: Set<string>): HTMLElement {
  const here = isStored(model, stored);
  const bytes = bytesText(smallest(model)!.bytes);
  return h('li', {},
    h('a', { href: link.model(model.id), class: here ? 'size stored' : 'size' },
      h('b', {}, model.preset, here && icon('check')),
      h('small', {}, `${countText(model.parameters)} parameters`),
      h('small', {}, here ? 'available offline' : `${bytes} download`)));
}

function card(style: Style, stored: Set<string>): HTMLElement {
  // The card opens a size that is already on the device, otherwise the middle of the range.
  const main = style.models.find((model) => isStored(model, stored)) ?? style.models[Math.floor(style.models.length / 2)]!;
  return h('article', { class: 'card', 'data-style': style.slug },
    h('a', { href: link.model(main.id), class: 'pictures', 'aria-label': `Stylize a photo with ${style.name}` },
      h('img', { src: main.thumbnail_url, alt: `A photo in the style ${style.name}`, width: 480, height: 320, class: 'thumbnail' }),
      h('img', { src: main.style_url, alt: '', width: 96, height: 96, class: 'inset' })),
    h('div', { class: 'card-head' }, h('h2', {}, style.name), h('span', { class: 'soft' }, plural(style.models.length, 'size'))),
    h('ul', { class: 'sizes' }, ...style.models.map((model) => sizeLink(model, stored))),
    style.models.length > 1 && h('a', { href: link.compare(style.slug), class: 'more' }, icon('compare'), 'Compare the sizes'));
}

const trainCard = (): HTMLElement =>
  h('a', { href: link.train, class: 'card train-card' }, icon('plus'), h('b', {}, 'Train a style'),
    h('span', { class: 'soft' }, 'From any picture, on your server'));

const skeleton = (): HTMLElement =>
  h('div', { class: 'card skeleton', 'aria-hidden': 'true' }, h('div', { class: 'pictures' }), h('div', { class: 'card-head' }));

export function gallery(): View {
  const line = status();
  const cards = h('div', { class: 'cards', 'aria-busy': 'true' }, skeleton(), skeleton());
  const element = h('div', { class: 'view gallery' },
    h('header', { class: 'hero' },
      h('h1', { tabindex: -1 }, 'Your photo, painted.'),
      h('p', {}, 'Small networks that run right here. ', h('span', { class: 'private' }, icon('lock'), 'Your photo never leaves this device.'))),
    line.element, cards);

  const fill = async (): Promise<void> => {
    const [{ models, offline }, stored] = await Promise.all([listModels(), storedHashes()]);
    const shown = offline ? models.filter((model) => isStored(model, stored)) : models;
    const styles = groupStyles(shown);
    cards.classList.toggle('single', styles.length === 1);
    cards.replaceChildren(...styles.map((style) => card(style, stored)), ...(offline ? [] : [trainCard()]));
    cards.removeAttribute('aria-busy');
    document.body.classList.toggle('offline', offline);
    if (offline) line.say(styles.length > 0 ? 'You are offline. These styles are on this device.' : 'You are offline, and no style is on this device yet.');
    else if (styles.length === 0) line.say('No style has been published yet. Train the first one.');
  };
  fill().catch((error) => {
    cards.replaceChildren();
    line.fail(error);
  });
  return { title: 'Styles', element };
}
