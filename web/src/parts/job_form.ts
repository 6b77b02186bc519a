// SPDX-License-Identifier: Apache-2.0
// The form for a new style: picture, name, network, length of training.
import { ApiError, startJob, type Job, type Options } from '../api';
import { h, icon } from '../dom';
import { clockText, countText, durationText } from '../format';
import { choice } from './choice';
import { lengthText } from './job_words';
import { status } from './status';
import { stylePicture } from './style_picture';

/** A key for this request: 128 random bits, even where crypto.randomUUID is missing (plain http). */
const newKey = (): string => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

const QUALITIES = [{ value: 'fast', label: 'Fast' }, { value: 'balanced', label: 'Balanced' }, { value: 'best', label: 'Best' }];

/** The network of a quality: the smallest, the default, the largest. */
function presetOf({ presets, default_preset }: Options, quality: string): string {
  if (quality === 'balanced') return default_preset;
  const sorted = [...presets].sort((a, b) => a.parameters - b.parameters);
  return (quality === 'fast' ? sorted[0]! : sorted.at(-1)!).name;
}

/** `started` gets the job, `refused` is called if the token is wrong; `enable` says whether there is a token. */
export function jobForm(options: Options, started: (job: Job) => void, refused: () => void): {
  element: HTMLFormElement;
  enable(on: boolean): void;
  /** How long other jobs take before this one begins; null if that is not known. */
  queue(seconds: number | null): void;
} {
  const line = status();
  let key = newKey();
  const name = h('input', { name: 'name', required: true, maxlength: 60, autocomplete: 'off', placeholder: 'Waves' });
  const picture = stylePicture(options.max_upload_bytes, () => {
    const file = picture.input.files?.[0];
    key = newKey();
    if (file && name.value === '') name.value = file.name.replace(/\.[^.]*$/, '').replace(/[_-]+/g, ' ').slice(0, 60);
  });
  const preset = choice('Network', options.presets.map((each) => ({ value: each.name, label: each.name, detail: countText(each.parameters) })), options.default_preset, () => {
    quality.set(QUALITIES.find(({ value }) => presetOf(options, value) === preset.value)?.value ?? '');
    describe();
  });
  const quality = choice('Quality', QUALITIES, 'balanced', (value) => {
    preset.set(presetOf(options, value));
    describe();
  });
  const budget = choice('Training', options.budgets.map((each) => ({ value: each.name, label: each.title, detail: lengthText(each.minutes, 0) })), options.default_budget, () => describe());
  let wait: number | null = 0;
  const about = h('p', { class: 'soft about' }), duration = h('p', { class: 'soft about' });
  const describe = (): void => {
    about.textContent = options.presets.find((each) => each.name === preset.value)?.summary ?? '';
    const chosen = options.budgets.find((each) => each.name === budget.value);
    const time = minutes.value === '' ? chosen?.minutes ?? null : Number(minutes.value);
    if (time === null) duration.textContent = '';
    else if (wait === null) duration.textContent = `Trains for ${lengthText(time, 0)} when its turn comes, and then writes the files.`;
    else if (wait === 0) duration.textContent = `Trains for ${lengthText(time, 0)}, until ${clockText(60 * time)}, and then writes the files.`;
    else duration.textContent = `Begins in about ${durationText(wait)}, after the jobs before it. Trains for ${lengthText(time, 0)}, until about ${clockText(wait + 60 * time)}, and then writes the files.`;
  };
  const limits = options.strength;
  const strength = h('input', { name: 'strength', type: 'number', min: limits.min, max: limits.max, step: 'any', value: limits.default, required: true, inputmode: 'decimal' });
  const minutes = h('input', { name: 'minutes', type: 'number', min: 0.1, max: 1440, step: 'any', placeholder: 'as above', inputmode: 'decimal', oninput: () => describe() });
  const submit = h('button', { class: 'button primary', disabled: true }, icon('train'), 'Start training');

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    submit.disabled = true;
    line.progress('Sending …');
    const data = new FormData();
    data.set('style', await picture.file());
    data.set('name', name.value.trim());
    data.set('preset', preset.value);
    data.set('budget', budget.value);
    data.set('strength', strength.value);
    if (minutes.value !== '') data.set('minutes', minutes.value);
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
      quality.element, about, budget.element, duration,
      h('details', {}, h('summary', {}, 'More'),
        preset.element,
        h('div', { class: 'pair' },
          h('label', { class: 'field' }, h('span', {}, 'Strength'), strength),
          h('label', { class: 'field' }, h('span', {}, 'Minutes'), minutes)),
        h('p', { class: 'soft' }, `Strength ${limits.min} to ${limits.max}: 0.5 is subtle, 1 clear, 2 bold.`)),
      submit, line.element));
  return {
    element,
    enable: (on) => { submit.disabled = !on; },
    queue(seconds) {
      wait = seconds;
      describe();
    },
  };
}
