// SPDX-License-Identifier: Apache-2.0
// Quality for everybody; under "Advanced" the network, its precision, the preview's size, the runtime, the file's type, and figures.
import type { Model, ModelFile } from '../api';
import { modelFor, qualities, smallest, webFiles, type Style } from '../catalog';
import { h } from '../dom';
import { bytesText, countText } from '../format';
import type { FileType } from '../picture';
import type { RuntimeChoice } from '../runtime/engine';
import { keepSettings, settings } from '../settings';
import { removeFile, storedHashes } from '../store';
import { link } from '../views/view';
import { choice, select } from './choice';

export const SIDES = [256, 384, 512, 768, 1080, 1600, 2048];
export const sideOptions = SIDES.map((side) => ({ value: String(side), label: `${side} px` }));

export interface ModelPanel {
  element: HTMLElement;
  /** The file that belongs to the choices. */
  file(): ModelFile | undefined;
  show(style: Style, model: Model): void;
  /** Looks again at what is on the device. */
  showStored(): Promise<void>;
}

interface Actions {
  /** Another network, precision or runtime. */
  network(model: Model): void;
  resize(): void;
  fail(error: unknown): void;
}

export function modelPanel(figures: HTMLElement, actions: Actions): ModelPanel {
  let style: Style, model: Model;
  let stored = new Set<string>();
  let precision: string | undefined; // as chosen; until then what is here already, else the smallest
  const quality = h('div', {}), networks = h('div', {}), precisions = h('div', {});
  const keep = h('p', { class: 'kept soft' });
  const compare = h('a', { class: 'link compare-link' }, 'Compare the networks');

  const file = (): ModelFile | undefined => {
    const files = webFiles(model);
    return files.find((each) => each.precision === precision) ?? files.find((each) => stored.has(each.sha256)) ?? smallest(model);
  };

  function showKept(): void {
    const here = webFiles(model).filter(({ sha256 }) => stored.has(sha256));
    const remove = h('button', {
      type: 'button', class: 'link',
      onclick: () => void Promise.all(here.map(({ sha256 }) => removeFile(sha256))).then(showStored).catch(actions.fail),
    }, 'Remove');
    keep.replaceChildren(...(here.length > 0 ? ['Available offline. ', remove] : ['Not kept on this device.']));
  }
  async function showStored(): Promise<void> {
    stored = await storedHashes();
    if (model !== undefined) showKept();
  }

  function show(nextStyle: Style, nextModel: Model): void {
    [style, model] = [nextStyle, nextModel];
    const levels = qualities(style);
    const current = levels.find((each) => each.model === model)?.value ?? '';
    quality.replaceChildren(...(levels.length < 2 ? [] : [choice('Quality', levels.map(({ value, label }) => ({ value, label })), current, (value) => {
      keepSettings({ quality: value });
      actions.network(modelFor(style, value));
    }).element]));
    networks.replaceChildren(choice(
      'Network', style.models.map((each) => ({ value: each.id, label: each.preset, detail: countText(each.parameters) })), model.id,
      (id) => actions.network(style.models.find((each) => each.id === id)!)).element);
    precisions.replaceChildren(choice(
      'Precision of the weights', webFiles(model).map((each) => ({ value: each.precision, label: each.precision, detail: bytesText(each.bytes) })), file()?.precision ?? '',
      (value) => {
        precision = value;
        actions.network(model);
      }).element);
    compare.href = link.compare(style.slug);
    compare.hidden = style.models.length < 2;
    showKept();
  }

  const runtimes = [{ value: 'auto', label: 'Automatic' }, { value: 'webgpu', label: 'WebGPU' }, { value: 'wasm', label: 'WebAssembly' }];
  const types = [{ value: 'image/jpeg', label: 'JPEG' }, { value: 'image/png', label: 'PNG' }];
  const advanced = h('details', { class: 'advanced' }, h('summary', {}, 'Advanced'),
    h('div', { class: 'model-panel' },
      networks, precisions,
      h('div', { class: 'pair' },
        select('Preview, longest side', sideOptions, String(settings.side), (value) => {
          keepSettings({ side: Number(value) });
          actions.resize();
        }),
        select('Runs on', runtimes, settings.runtime, (value) => {
          keepSettings({ runtime: value as RuntimeChoice });
          actions.network(model);
        })),
      select('File type', types, settings.type, (value) => keepSettings({ type: value as FileType })),
      figures, keep, compare));
  return { element: h('div', { class: 'settings' }, quality, advanced), file, show, showStored };
}
