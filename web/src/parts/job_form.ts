// SPDX-License-Identifier: Apache-2.0
// The form for a new style: picture, name, network, length of training.
import { ApiError, startJob, type Job, type Options } from '../api';
import { h, icon } from '../dom';
import { bytesText, countText } from '../format';
import { choice } from './choice';
import { status } from './status';

/** A key for this request: 128 random bits, even where crypto.randomUUID is missing (plain http). */
const newKey = (): string => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

function stylePicture(limit: number, changed: () => void): { element: HTMLElement; input: HTMLInputElement } {
  const image = h('img', { alt: 'The style picture', hidden: true });
  const hint = h('span', { class: 'hint' }, icon('photo'), h('b', {}, 'Choose the style picture'), h('small', {}, `JPEG, PNG or WebP, up to ${bytesText(limit)}`));
  const input = h('input', {
    type: 'file', accept: 'image/jpeg,image/png,image/webp', 'aria-label': 'Style picture', required: true,
    onchange: () => {
      const file = input.files?.[0];
      input.setCustomValidity(file && file.size > limit ? `The picture has ${bytesText(file.size)}; the limit is ${bytesText(limit)}.` : '');
      if (image.src !== '') URL.revokeObjectURL(image.src);
      if (file) image.src = URL.createObjectURL(file);
      image.hidden = file === undefined;
      hint.hidden = file !== undefined;
      changed();
    },
  });
  return { element: h('label', { class: 'drop-picture file' }, input, hint, image), input };
}

/** `started` gets the job, `refused` is called if the token is wrong; `enable` says whether there is a token. */
export function jobForm(options: Options, started: (job: Job) => void, refused: () => void): { element: HTMLFormElement; enable(on: boolean): void } {
  const line = status();
  const name = h('input', { name: 'name', required: true, maxlength: 60, autocomplete: 'off', placeholder: 'Waves' });
  const picture = stylePicture(options.max_upload_bytes, () => {
    const file = picture.input.files?.[0];
    if (file && name.value === '') name.value = file.name.replace(/\.[^.]*$/, '').replace(/[_-]+/g, ' ').slice(0, 60);
  });
  const preset = choice('Network', options.presets.map((each) => ({ value: each.name, label: each.name, detail: countText(each.parameters) })), options.default_preset, () => describe());
  const budget = choice('Training', options.budgets.map((each) => ({ value: each.name, label: each.title, detail: `${each.steps.toLocaleString('en')} steps` })), options.default_budget, () => undefined);
  const about = h('p', { class: 'soft about' });
  const describe = (): void => {
    about.textContent = options.presets.find((each) => each.name === preset.value)?.summary ?? '';
  };
  const limits = options.strength;
  const strength = h('input', { name: 'strength', type: 'number', min: limits.min, max: limits.max, step: 'any', value: limits.default, required: true, inputmode: 'decimal' });
  const steps = h('input', { name: 'steps', type: 'number', min: 1, max: 100000, step: 1, placeholder: 'as above', inputmode: 'numeric' });
  const submit = h('button', { class: 'button primary', disabled: true }, icon('train'), 'Start training');

  let key = newKey();
  async function send(event: Event): Promise<void> {
    event.preventDefault();
    const data = new FormData();
    data.set('style', picture.input.files![0]!);
    data.set('name', name.value.trim());
    data.set('preset', preset.value);
    data.set('budget', budget.value);
    data.set('strength', strength.value);
    if (steps.value !== '') data.set('steps', steps.value);
    submit.disabled = true;
    line.progress('Sending …');
    try {
      const job = await startJob(data, key);
      key = newKey();
      started(job);
    } catch (error) {
      submit.disabled = false;
      if (!(error instanceof ApiError && error.status === 401)) return line.fail(error);
      line.say('');
      refused();
    }
  }
  describe();
  const element = h('form', { class: 'job-form', onsubmit: (event) => void send(event), onchange: () => { key = newKey(); } }, // another wish
    picture.element,
    h('div', { class: 'controls' },
      h('label', { class: 'field' }, h('span', {}, 'Name'), name),
      preset.element, about, budget.element,
      h('details', {}, h('summary', {}, 'More'),
        h('div', { class: 'pair' },
          h('label', { class: 'field' }, h('span', {}, 'Strength'), strength),
          h('label', { class: 'field' }, h('span', {}, 'Steps'), steps)),
        h('p', { class: 'soft' }, `Strength ${limits.min} to ${limits.max}: 0.5 is subtle, 1 clear, 2 bold.`)),
      submit, line.element));
  return { element, enable: (on) => { submit.disabled = !on; } };
}
