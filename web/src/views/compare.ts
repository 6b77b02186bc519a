// SPDX-License-Identifier: Apache-2.0
// The same photo through several networks of a style: time, size, difference.
import type { Model } from '../api';
import { groupStyles, smallest, type Style } from '../catalog';
import { loadFile } from '../download';
import { h, icon } from '../dom';
import { bytesText, countText } from '../format';
import { select, toggles } from '../parts/choice';
import { comparisonResult } from '../parts/comparison';
import { sideOptions } from '../parts/model_panel';
import { photoInput } from '../parts/photo_input';
import { status } from '../parts/status';
import { openPhoto, previewOf, session } from '../picture';
import { median } from '../pixels';
import { engine } from '../runtime/engine';
import { listModels } from '../store';
import { link, type View } from './view';

const REPEATS = 3;
const SIDE = 512;

/** One network's picture of the photo. */
export interface Entry {
  model: Model;
  bytes: number;
  styled: ImageData;
  latency_ms: number; // median of REPEATS, after a run that warms up
}

export function compare(slug: string): View {
  const line = status();
  const controls = h('div', { class: 'panel' });
  const results = h('section', { class: 'results', 'aria-label': 'Results' });
  const photoBox = h('div', { class: 'photo-box' });
  const element = h('div', { class: 'view compare', 'data-state': 'loading' },
    h('header', { class: 'view-head' }, h('h1', { tabindex: -1 }, 'Compare the networks')),
    controls, results);
  let style: Style | undefined;
  let side = SIDE;
  let closed = false;
  const chosen = new Set<string>();
  const fail = (error: unknown): void => {
    if (closed) return;
    element.dataset.state = 'failed';
    go.disabled = false;
    line.fail(error);
  };
  const input = photoInput(controls, (file) => void openPhoto(file).then(showPhoto, fail));
  const go = h('button', { type: 'button', class: 'button primary', onclick: () => void run().catch(fail) }, icon('compare'), 'Compare');

  function ready(done = ''): void {
    go.disabled = chosen.size < 2 || session.photo === undefined;
    line.say(session.photo === undefined ? 'Choose a photo first.' : chosen.size < 2 ? 'Choose at least two networks.' : done);
  }

  function showPhoto(): void {
    if (session.photo === undefined) photoBox.replaceChildren(input.invitation);
    else {

      const small = previewOf(session.photo, 320);
      const canvas = h('canvas', { width: small.width, height: small.height, role: 'img', 'aria-label': 'Your photo' });
      canvas.getContext('2d')!.putImageData(small, 0, 0);
      photoBox.replaceChildren(canvas);
    }
    ready();
  }

  async function measure(model: Model, photo: ImageData): Promise<Entry> {
    const file = smallest(model)!;
    const bytes = await loadFile(model, file, (share) => line.progress(`Downloading ${model.preset} …`, share));
    line.progress(`Running ${model.preset} …`);
    await engine.load(bytes, 'auto');
    const { styled } = await engine.stylize(photo);
    const times: number[] = [];
    for (let i = 0; i < REPEATS && !closed; ++i) times.push((await engine.stylize(photo)).latency_ms);
    return { model, bytes: file.bytes, styled, latency_ms: median(times) };
  }

  async function run(): Promise<void> {
    const photo = session.photo!;
    const picture = previewOf(photo, side);
    go.disabled = true;
    element.dataset.state = 'busy';
    const entries: Entry[] = [];
    for (const model of style!.models.filter(({ id }) => chosen.has(id))) {
      if (closed) return;
      entries.push(await measure(model, picture));
    }
    results.replaceChildren(comparisonResult(entries, picture, engine.loaded!));
    element.dataset.state = 'done';
    ready('Compared.');
    results.scrollIntoView({ block: 'start', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
  }

  async function start(): Promise<void> {
    const { models } = await listModels();
    const styles = groupStyles(models).filter((group) => group.models.length > 1);
    style = styles.find((group) => group.slug === slug) ?? styles[0];
    if (style === undefined) {
      element.dataset.state = 'empty';
      line.say('There is no style with several sizes yet.');
      controls.replaceChildren(line.element, h('a', { href: link.gallery, class: 'button' }, 'All styles'));
      return;
    }
    for (const model of [style.models[0]!, style.models.at(-1)!]) chosen.add(model.id);
    const options = style.models.map((model) =>
      ({ value: model.id, label: model.preset, detail: `${countText(model.parameters)} · ${bytesText(smallest(model)!.bytes)}` }));
    controls.replaceChildren(
      photoBox,
      h('div', { class: 'controls' },
        h('div', { class: 'actions' }, ...input.buttons),
        h('div', { class: 'pair' },
          select('Style', styles.map((each) => ({ value: each.slug, label: each.name })), style.slug, (value) => location.assign(link.compare(value))),
          select('Longest side', sideOptions, String(side), (value) => { side = Number(value); })),
        toggles('Networks', options, chosen, () => ready()),
        go, line.element));
    showPhoto();
    element.dataset.state = 'empty';
  }
  controls.append(line.element);
  start().catch(fail);
  return {
    title: 'Compare the networks',
    element,
    close() {
      closed = true;
      engine.interrupt();
      input.close();
    },
  };
}
