// SPDX-License-Identifier: Apache-2.0
// Which network, its precision, the picture's size, and the runtime.
import type { Model, ModelFile } from '../api';
import { smallest, webFiles, type Style } from '../catalog';
import { h } from '../dom';
import { bytesText, countText } from '../format';
import type { RuntimeChoice } from '../runtime/engine';
import { removeFile, storedHashes } from '../store';
import { choice, select } from './choice';

export const SIDES = [256, 384, 512, 768, 1080, 1600, 2048];
export const DEFAULT_SIDE = 768;
export const sideOptions = SIDES.map((side) => ({ value: String(side), label: `${side} px` }));

export interface ModelPanel {
  element: HTMLElement;
  side(): number;
  runtime(): RuntimeChoice;
  file(): ModelFile | undefined;
  /** Checks again what is on the device. */
  showStored(): Promise<void>;
}

interface Actions {
  reopen(model: Model, file: ModelFile): void;
  resize(): void;
  fail(error: unknown): void;
}

export function modelPanel(style: Style, first: Model, stored: Set<string>, actions: Actions): ModelPanel {
  let model = first;
  let precision: string | undefined; // as chosen; until then what is here already, else the smallest
  let side = DEFAULT_SIDE;
  let runtime: RuntimeChoice = 'auto';
  const precisions = h('div', {});
  const keep = h('p', { class: 'kept soft' });

  const file = (): ModelFile | undefined => {
    const files = webFiles(model);
    return files.find((each) => each.precision === precision) ?? files.find((each) => stored.has(each.sha256)) ?? smallest(model);
  };
  const reopen = (): void => {
    const wanted = file();
    if (wanted) actions.reopen(model, wanted);
  };

  function showKept(): void {
    const here = webFiles(model).filter(({ sha256 }) => stored.has(sha256));
    const remove = h('button', {
      type: 'button', class: 'link',
      onclick: () =>
        void Promise.all(here.map(({ sha256 }) => removeFile(sha256))).then(showStored).catch(actions.fail),
    }, 'Remove');
    keep.replaceChildren(...(here.length > 0 ? ['Available offline. ', remove] : ['Not kept on this device.']));
  }

  async function showStored(): Promise<void> {
    stored = await storedHashes();
    showKept();
  }

  function showPrecisions(): void {
    const options = webFiles(model).map((each) => ({ value: each.precision, label: each.precision, detail: bytesText(each.bytes) }));
    precisions.replaceChildren(
      choice('Precision of the weights', options, file()?.precision ?? '', (value) => {
        precision = value;
        reopen();
      }).element);
    showKept();
  }

  const sizes = choice(
    'Network', style.models.map((each) => ({ value: each.id, label: each.preset, detail: countText(each.parameters) })), first.id,
    (id) => {
      model = style.models.find((each) => each.id === id)!;
      showPrecisions();
      reopen();
    });
  const sideChoice = select('Picture, longest side', sideOptions, String(side), (value) => {
    side = Number(value);
    actions.resize();
  });
  const runtimes = [{ value: 'auto', label: 'Automatic' }, { value: 'webgpu', label: 'WebGPU' }, { value: 'wasm', label: 'WebAssembly' }];
  const runtimeChoice = select('Runs on', runtimes, runtime, (value) => {
    runtime = value as RuntimeChoice;
    reopen();
  });
  showPrecisions();
  return {
    element: h('div', { class: 'model-panel' }, sizes.element, precisions, h('div', { class: 'pair' }, sideChoice, runtimeChoice), keep),
    side: () => side,
    runtime: () => runtime,
    file,
    showStored,
  };
}
