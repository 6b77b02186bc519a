// SPDX-License-Identifier: Apache-2.0
// One style: a photo or the camera goes in, the painted picture comes out.
import type { Model, ModelFile } from '../api';
import { groupStyles, webFiles, type Style } from '../catalog';
import { startCamera, type Camera } from '../camera';
import { loadFile } from '../download';
import { h, icon } from '../dom';
import { bytesText, countText, millisecondsText } from '../format';
import { openPhoto, pixelsOf, session } from '../picture';
import { mix, type Bytes } from '../pixels';
import { figures } from '../parts/figures';
import { looks } from '../parts/looks';
import { modelPanel, type ModelPanel } from '../parts/model_panel';
import { outputButtons } from '../parts/output_buttons';
import { photoInput } from '../parts/photo_input';
import { slider } from '../parts/slider';
import { status } from '../parts/status';
import { engine, runtimeText } from '../runtime/engine';
import { listModels, storedHashes } from '../store';
import { link, type View } from './view';

const LIVE_SIDE = 384; // a camera is watched, not printed

export function stylize(id: string): View {
  const line = status();
  const pictures = slider();
  pictures.label('Original', 'Styled');
  const stage = h('section', { class: 'stage', 'aria-label': 'Picture' });
  const figure = figures(['Time', 'Runtime', 'Model', 'Picture']);
  const title = h('h1', { tabindex: -1 }, ' ');
  const camera = h('button', { type: 'button', class: 'button', 'aria-pressed': 'false', onclick: toggleCamera }, icon('live'), 'Live camera');
  const input = photoInput(stage, (file) => void takePhoto(file).catch(fail));
  const look = looks(redraw);
  const output = outputButtons(() => shown && { picture: shown, name: `${session.photo?.name ?? 'camera'} ${model?.name ?? ''}` }, fail);
  const settings = h('div', { class: 'settings' });
  const element = h('div', { class: 'view stylize', 'data-state': 'loading' },
    h('header', { class: 'view-head' }, h('a', { href: link.gallery, class: 'back', 'aria-label': 'All styles' }, icon('back')), title),
    stage,
    h('div', { class: 'panel' }, h('div', { class: 'actions' }, ...input.buttons, camera), line.element, look.element, output.element, figure.element, settings));

  let model: Model | undefined;
  let panel: ModelPanel | undefined;
  let original: ImageData | undefined, styled: ImageData | undefined, shown: ImageData | undefined;
  let live: Camera | undefined;
  let turn = 0; // goes up when another picture is wanted; what an earlier turn brings is dropped
  let opening = 0; // the same for the network
  let ready: Promise<void> = Promise.resolve();

  const setState = (state: 'loading' | 'empty' | 'busy' | 'live' | 'done' | 'failed'): void => {
    element.dataset.state = state;
  };
  function fail(error: unknown): void {
    setState('failed');
    line.fail(error);
  }

  function redraw(): void {
    if (original === undefined) return;
    if (pictures.element.parentElement !== stage) stage.replaceChildren(pictures.element);
    shown = styled && new ImageData(mix(original.data as Bytes, styled.data as Bytes, look.strength(), look.keepColors()), original.width, original.height);
    pictures.show(original, shown ?? original);
    output.enable(shown !== undefined);
    figure.set('Picture', `${original.width} × ${original.height}`);
  }

  /** One picture through the network; false if the user asked for something else meanwhile. */
  async function paintOne(picture: ImageData): Promise<boolean> {
    const mine = turn;
    const result = await engine.stylize(picture).catch((error) => {
      if (mine === turn) throw error;
    });
    if (mine !== turn || result === undefined) return false;
    [original, styled] = [picture, result.styled];
    redraw();
    figure.set('Time', millisecondsText(result.latency_ms));
    if (engine.loaded) figure.set('Runtime', runtimeText(engine.loaded));
    return true;
  }

  async function paintPhoto(): Promise<void> {
    const photo = session.photo;
    if (photo === undefined || panel === undefined) return;
    const mine = ++turn;
    engine.interrupt();
    [original, styled] = [pixelsOf(photo.bitmap, photo.bitmap.width, photo.bitmap.height, panel.side()), undefined];
    redraw();
    setState('busy');
    line.progress('Painting …');
    await ready;
    if (mine !== turn || original === undefined || !(await paintOne(original))) return;
    setState('done');
    line.say(`Painted on this device. ${engine.loaded?.note ?? ''}`.trim());
  }

  async function takePhoto(file: File): Promise<void> {
    const photo = await openPhoto(file);
    stopCamera();
    if (session.photo === photo) await paintPhoto();
  }

  async function openFile(next: Model, file: ModelFile): Promise<void> {
    const mine = ++opening;
    ++turn;
    if (!live) engine.interrupt();
    model = next;
    title.textContent = next.name;
    history.replaceState(null, '', link.model(next.id));
    figure.set('Model', `${bytesText(file.bytes)}, ${countText(next.parameters)}`);
    setState('loading');
    line.progress(`Getting ${next.preset} …`);
    const bytes = await loadFile(next, file, (share) => mine === opening && line.progress(`Downloading ${next.preset}, ${bytesText(file.bytes)} …`, share));
    if (mine !== opening) return;
    await panel?.showStored();
    line.progress('Preparing the network …');
    const loaded = await engine.load(bytes, panel?.runtime() ?? 'auto');
    if (mine !== opening) return;
    figure.set('Runtime', runtimeText(loaded));
    setState(live ? 'live' : 'empty');
    line.say(`Ready. ${loaded.note}`.trim());
  }

  /** Loads another network, or another way to run it; then paints the picture again. */
  function reopen(next: Model, file: ModelFile): void {
    ready = openFile(next, file);
    ready.then(() => (live ? undefined : paintPhoto())).catch(fail);
  }

  function stopCamera(): void {
    if (live === undefined) return;
    live.stop();
    live = undefined;
    ++turn;
    camera.setAttribute('aria-pressed', 'false');
    setState(styled ? 'done' : 'empty');
    line.say('Camera stopped.');
  }

  async function runCamera(): Promise<void> {
    await ready;
    camera.setAttribute('aria-pressed', 'true');
    live = await startCamera(() => Math.min(LIVE_SIDE, panel!.side()), async (picture) => void (await paintOne(picture)), (error) => {
      stopCamera();
      fail(error);
    });
    ++turn;
    setState('live');
    line.say('Live. Nothing is recorded or sent.');
  }

  function toggleCamera(): void {
    if (live) return stopCamera();
    runCamera().catch((error) => {
      camera.setAttribute('aria-pressed', 'false');
      fail(error);
    });
  }

  async function start(): Promise<void> {
    const [{ models }, stored] = await Promise.all([listModels(), storedHashes()]);
    const style: Style | undefined = groupStyles(models).find((group) => group.models.some((each) => each.id === id));
    if (style === undefined) throw new Error('This style no longer exists.');
    const first = style.models.find((each) => each.id === id)!;
    panel = modelPanel(style, first, stored, { reopen, resize: () => void (live ? undefined : paintPhoto().catch(fail)), fail });
    settings.replaceChildren(panel.element);
    if (!session.photo) {
      input.invitation.prepend(h('img', { src: first.thumbnail_url, alt: '', class: 'backdrop' }));
      stage.replaceChildren(input.invitation);
    }
    reopen(first, panel.file() ?? webFiles(first)[0]!);
  }
  start().catch(fail);

  return {
    title: 'Stylize',
    element,
    close() {
      ++turn;
      ++opening;
      live?.stop();
      engine.interrupt();
      input.close();
    },
  };
}
