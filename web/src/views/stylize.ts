// SPDX-License-Identifier: Apache-2.0
// One style: a photo or the camera goes in, the painted picture comes out. There is one state, and one piece of work at a time: whatever
// somebody changes begins it again, and what an earlier one brings is dropped.
import type { Model, ModelFile } from '../api';
import { groupStyles, modelFor, webFiles, type Style } from '../catalog';
import { startCamera, type Camera } from '../camera';
import { loadFile } from '../download';
import { h, icon } from '../dom';
import { bytesText, countText, millisecondsText } from '../format';
import { networkSize } from '../full/file';
import { layersOf, type Layer } from '../full/network';
import { secondsFor } from '../full/estimate';
import { canStep, push, shownEntry, step } from '../history';
import { asFile, fileOf, openPhoto, previewOf, resized, save, session, share } from '../picture';
import { figures } from '../parts/figures';
import { looks } from '../parts/looks';
import { missing } from '../parts/missing';
import { modelPanel } from '../parts/model_panel';
import { photoInput, videoInput } from '../parts/photo_input';
import { saveBar } from '../parts/save_bar';
import { slider } from '../parts/slider';
import { status } from '../parts/status';
import { styleStrip, type StyleStrip } from '../parts/style_strip';
import { viewer } from '../parts/viewer';
import { Stopped } from '../runtime/client';
import { engine, runtimeText } from '../runtime/engine';
import { Mixer } from '../runtime/mixer';
import { stopSamples } from '../runtime/samples';
import { entryOf, keepHistory, keepPhoto, keepSettings, keptHistory, keptPhoto, keptShelf, settings } from '../settings';
import { arrange } from '../shelf';
import { listModels, storedHashes } from '../store';
import { link, type View } from './view';

declare const VIDEO: string; // the address of the bundle that paints videos

const LIVE_SIDE = 384; // a camera is watched, not printed

type State =
  | { name: 'loading'; text: string; share?: number } // the network is on its way
  | { name: 'empty' } // ready for a photo
  | { name: 'busy' } // the preview is painted
  | { name: 'done' }
  | { name: 'live' } // the camera
  | { name: 'saving'; share: number; what?: string } // a file is made
  | { name: 'failed'; error: unknown };

/** What was painted last. */
interface Painted {
  original: ImageData;
  styled: ImageData; // of the same size
  shown: ImageData; // mixed
  ms: number;
}

export function stylize(id: string): View {
  const line = status();
  const pictures = slider();
  pictures.label('Original', 'Styled');
  const screen = viewer();
  const stage = h('section', { class: 'stage', 'aria-label': 'Picture' });
  const figure = figures(['Time', 'Runtime', 'Model', 'Picture']);
  const title = h('h1', { tabindex: -1 }, ' ');
  const camera = h('button', { type: 'button', class: 'button', 'aria-pressed': 'false', onclick: toggleCamera }, icon('live'), 'Live camera');
  const input = photoInput(stage, (file) => void takePhoto(file).catch(fail));
  const iconButton = (symbol: 'undo' | 'redo' | 'expand', label: string, use: () => void): HTMLButtonElement =>
    h('button', { type: 'button', class: 'icon-button round', 'aria-label': label, title: label, disabled: true, onclick: use }, icon(symbol));
  const undo = iconButton('undo', 'Undo', () => go(-1)), redo = iconButton('redo', 'Redo', () => go(1));
  const expand = iconButton('expand', 'Full screen', () => painted && screen.open(painted.original, painted.shown));
  expand.classList.add('expand');
  const again = h('button', { type: 'button', class: 'button', hidden: true, onclick: () => begin() }, icon('again'), 'Try again');
  const look = looks({ mix, paint: () => begin(), settled });
  const panel = modelPanel(figure.element, { network: (next) => choose(style!, next), resize: () => begin(), fail });
  const output = saveBar((way) => void deliver(way).catch(fail), () => begin());
  const strips = h('div', { class: 'strip-place' });
  const element = h('div', { class: 'view stylize', 'data-state': 'loading' },
    h('header', { class: 'view-head' }, h('a', { href: link.gallery, class: 'back', 'aria-label': 'All styles' }, icon('back')), title, undo, redo),
    h('div', { class: 'picture-side' }, stage, strips),
    h('div', { class: 'panel' },
      line.element, again, output.element, h('div', { class: 'actions' }, ...input.buttons, camera, videoInput((file) => void takeVideo(file))), look.element, panel.element));

  let style: Style | undefined, model: Model | undefined;
  let strip: StyleStrip | undefined;
  let layers: Layer[] = []; // of the network that is loaded
  let loaded = ''; // the file and the runtime that the engine has
  let painted: Painted | undefined;
  let live: Camera | undefined;
  let history = keptHistory();
  let work = 0; // the number of the newest piece of work
  let online = true;
  const mixer = new Mixer((shown, { strength, keepColors }) => {
    if (painted === undefined) return;
    painted.shown = shown;
    pictures.show(painted.original, shown);
    stage.dataset.look = `${strength} ${keepColors}`;
  });

  function enter(state: State): void {
    element.dataset.state = state.name;
    again.hidden = state.name !== 'failed';
    expand.disabled = painted === undefined;
    undo.disabled = !canStep(history, -1);
    redo.disabled = !canStep(history, 1);
    camera.setAttribute('aria-pressed', String(state.name === 'live'));
    output.progress(state.name === 'saving' ? state.share : undefined, state.name === 'saving' ? state.what : undefined);
    output.offer(painted && ['done', 'saving', 'live'].includes(state.name) ? offered(painted) : undefined);
    switch (state.name) {
      case 'loading': return line.progress(state.text, state.share);
      case 'empty': return line.say(`Ready. ${engine.loaded?.note ?? ''}`.trim());
      case 'busy': return line.progress('Painting …');
      case 'done': return line.say(`Painted on this device. ${engine.loaded?.note ?? ''}`.trim());
      case 'live': return line.say('Live. Nothing is recorded or sent.');
      case 'saving': return line.say('');
      case 'failed': return line.fail(state.error);
    }
  }
  function fail(error: unknown): void {
    if (!(error instanceof Stopped)) enter({ name: 'failed', error });
  }

  function offered({ shown, ms }: Painted): Parameters<typeof output.offer>[0] & object {
    const photo = session.photo, size = { width: shown.width, height: shown.height };
    if (photo === undefined || live || (photo.width === size.width && settings.scale === 1)) return { shown: size, full: undefined };
    const { width, height } = photo;
    return { shown: size, full: { width, height, seconds: secondsFor(layers, networkSize({ width, height }, settings.scale), networkSize(size, settings.scale), ms) } };
  }

  function mix(): void {
    mixer.mix({ strength: settings.strength, keepColors: settings.keepColors });
  }

  function showPhoto(picture: ImageData): void {
    if (pictures.element.parentElement !== stage) stage.replaceChildren(pictures.element, expand);
    pictures.show(picture, painted?.original === picture ? painted.shown : picture);
    figure.set('Picture', `${picture.width} × ${picture.height}`);
  }

  /** One picture through the network; false if something else is wanted meanwhile. */
  async function paintOne(original: ImageData, mine: number): Promise<boolean> {
    const seen = networkSize(original, settings.scale);
    const result = await engine.stylize(resized(original, seen.width, seen.height)).catch((error) => {
      if (mine === work) throw error;
    });
    if (mine !== work || result === undefined) return false;
    const styled = resized(result.styled, original.width, original.height);
    painted = { original, styled, shown: styled, ms: result.latency_ms };
    mixer.set(original, styled);
    showPhoto(original);
    mix();
    figure.set('Time', millisecondsText(result.latency_ms));
    if (engine.loaded) figure.set('Runtime', runtimeText(engine.loaded));
    return true;
  }

  /** Brings the engine the network that is wanted. */
  async function prepare(mine: number): Promise<boolean> {
    const next = model!, file: ModelFile = panel.file() ?? webFiles(next)[0]!;
    const wanted = `${file.url} ${settings.runtime}`;
    figure.set('Model', `${bytesText(file.bytes)}, ${countText(next.parameters)}`);
    if (loaded === wanted) return true;
    loaded = '';
    enter({ name: 'loading', text: `Getting ${next.name} …` });
    if (!online && !(await storedHashes()).has(file.sha256)) throw new Error('This style is not on this device, and the server cannot be reached.');
    const bytes = await loadFile(next, file, (share) => mine === work && enter({ name: 'loading', text: `Downloading ${next.name}, ${bytesText(file.bytes)} …`, share }));
    if (mine !== work) return false;
    await panel.showStored();
    enter({ name: 'loading', text: 'Preparing the network …' });
    const ready = await engine.load(bytes, settings.runtime);
    if (mine !== work) return false;
    layers = layersOf(bytes);
    loaded = wanted;
    figure.set('Runtime', runtimeText(ready));
    return true;
  }

  /** The work for what is wanted now, in place of what is going on. */
  async function run(mine: number): Promise<void> {
    if (style === undefined) await find();
    if (mine !== work) return;
    if (!(await prepare(mine))) return;
    if (live) return enter({ name: 'live' });
    if (session.photo === undefined) return enter({ name: 'empty' });
    const original = previewOf(session.photo, settings.side);
    if (painted?.original.width !== original.width || painted.original.height !== original.height) painted = undefined;
    if (painted === undefined) showPhoto(original);
    enter({ name: 'busy' });
    if (!(await paintOne(original, mine))) return;
    enter({ name: 'done' });
    strip?.fill();
  }
  function begin(): void {
    const mine = ++work;
    stopSamples();
    if (!live) engine.interrupt();
    run(mine).catch((error) => mine === work && fail(error));
  }

  function choose(nextStyle: Style, nextModel: Model, remember = true): void {
    [style, model] = [nextStyle, nextModel];
    title.textContent = style.name;
    window.history.replaceState(null, '', link.model(model.id));
    panel.show(style, model);
    strip?.choose(style.slug);
    if (remember) settled();
    begin();
  }

  /** A look to come back to. */
  function settled(): void {
    if (model === undefined || session.photo === undefined) return;
    history = push(history, entryOf(model.id));
    keepHistory(history);
    undo.disabled = !canStep(history, -1);
    redo.disabled = !canStep(history, 1);
  }

  function go(by: -1 | 1): void {
    history = step(history, by);
    keepHistory(history);
    const entry = shownEntry(history);
    if (entry === undefined) return;
    const { strength, keepColors, scale } = entry;
    const repaint = scale !== settings.scale || entry.model !== model?.id;
    keepSettings({ strength, keepColors, scale });
    look.refresh();
    const found = styles.find((each) => each.models.some((one) => one.id === entry.model));
    if (repaint && found) return choose(found, found.models.find((one) => one.id === entry.model)!, false);
    mix();
    undo.disabled = !canStep(history, -1);
    redo.disabled = !canStep(history, 1);
  }

  async function takePhoto(file: File): Promise<void> {
    const photo = await openPhoto(file);
    void keepPhoto(file);
    stopCamera();
    if (session.photo !== photo) return;
    painted = undefined;
    settled();
    begin();
  }

  /** The file, at the size that is chosen, to where it is wanted. */
  async function deliver(way: 'save' | 'share'): Promise<void> {
    if (painted === undefined || model === undefined) return;
    const use = way === 'save' ? save : share;
    const name = `${live ? 'camera' : (session.photo?.name ?? 'camera')} ${model.name}`.trim();
    const { full } = offered(painted);
    if (!full || !settings.full) return void (await use(await fileOf(painted.shown, name, settings.type)));
    const mine = ++work;
    stopSamples();
    enter({ name: 'saving', share: 0 });
    const { strength, keepColors, scale, type } = settings;
    const { file, ms } = await engine.full(
      { photo: session.photo!.file, width: full.width, height: full.height, look: { strength, keepColors, scale }, type },
      (share) => mine === work && enter({ name: 'saving', share }));
    if (mine !== work) return;
    enter({ name: 'done' });
    line.say(`${way === 'save' ? 'Saved' : 'Made'} at ${full.width} × ${full.height} in ${millisecondsText(ms)}.`);
    await use(asFile(file, name));
  }

  /** A clip, frame by frame; saved when it is done. */
  async function takeVideo(file: File): Promise<void> {
    const mine = ++work, what = 'Painting the video';
    stopSamples();
    engine.interrupt();
    stopCamera();
    try {
      if (!('VideoEncoder' in globalThis)) throw new Error('This browser cannot write videos: it has no WebCodecs. Recent versions of Chrome, Edge, Safari and Firefox do.');
      work = mine;
      if (style === undefined || !(await prepare(mine))) return;
      enter({ name: 'saving', share: 0, what });
      const address = VIDEO;
      const { paintVideo } = (await import(address)) as typeof import('../video');
      const made = await paintVideo({
        file, side: settings.side,
        async paint(frame) {
          if (mine !== work || !(await paintOne(frame, mine))) throw new Stopped('stopped');
          await mixer.done();
          return painted!.shown;
        },
        progress: (share) => mine === work && enter({ name: 'saving', share, what }),
      });
      if (mine !== work) return;
      enter({ name: 'done' });
      const sound = { kept: 'with its sound', none: 'it has no sound', lost: 'without its sound, which this browser cannot read or write' }[made.sound];
      line.say(`Saved the video at ${made.width} × ${made.height}, ${sound}.`);
      save(new File([made.blob], `${file.name.replace(/\.[^.]*$/, '')} ${model!.name}.${made.extension}`, { type: made.blob.type }));
    } catch (error) {
      if (mine === work) fail(error);
    }
  }

  function stopCamera(): void {
    if (live === undefined) return;
    live.stop();
    live = undefined;
    ++work;
    enter({ name: painted ? 'done' : 'empty' });
    line.say('Camera stopped.');
  }
  async function runCamera(): Promise<void> {
    const mine = ++work;
    stopSamples();
    if (!(await prepare(mine))) return;
    live = await startCamera(() => Math.min(LIVE_SIDE, settings.side), async (picture) => void (await paintOne(picture, work)), (error) => {
      stopCamera();
      fail(error);
    });
    enter({ name: 'live' });
  }
  function toggleCamera(): void {
    if (live) stopCamera();
    else if (style) runCamera().catch(fail);
  }

  let styles: Style[] = [];
  async function find(): Promise<void> {
    const [{ models, offline }, photo] = await Promise.all([listModels(), session.photo ? undefined : keptPhoto()]);
    online = !offline;
    if (photo) await openPhoto(photo).catch(() => undefined);
    styles = arrange(groupStyles(models), keptShelf()).shown;
    const found = arrange(groupStyles(models), { ...keptShelf(), hidden: [] }).shown.find((group) => group.models.some((each) => each.id === id));
    if (found === undefined) {
      ++work; // there is nothing to do any more
      element.dataset.state = 'missing';
      return element.replaceChildren(missing('This style is not here', offline ? 'You are offline, and it is not in the list on this device.' : 'It was deleted, or the address is wrong.', { 'All styles': link.gallery }));
    }
    await panel.showStored();
    strip = styleStrip(styles, (next) => next !== style && choose(next, modelFor(next, settings.quality)));
    if (styles.length > 1) strips.replaceChildren(strip.element);
    const first = found.models.find((each) => each.id === id)!;
    if (session.photo === undefined) {
      input.invitation.prepend(h('img', { src: first.thumbnail_url, alt: '', class: 'backdrop' }));
      stage.replaceChildren(input.invitation);
    }
    choose(found, first);
  }
  begin();

  return {
    title: 'Stylize',
    element,
    close() {
      ++work;
      live?.stop();
      engine.interrupt();
      stopSamples();
      mixer.close();
      screen.close();
      input.close();
    },
  };
}
