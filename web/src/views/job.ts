// SPDX-License-Identifier: Apache-2.0
// One job while it runs: state, losses, previews, and the actions on it.
import { cancelJob, deleteJob, getJob, hasEnded, openEvents, resumeJob, token, type Job, type JobEvents } from '../api';
import { h, icon } from '../dom';
import { durationText, lossText } from '../format';
import { figures } from '../parts/figures';
import { share, stateText } from '../parts/job_words';
import { lossChart } from '../parts/loss_chart';
import { status } from '../parts/status';
import { link, type View } from './view';

export function job(id: string): View {
  const line = status();
  const title = h('h1', { tabindex: -1 }, ' ');
  const recipe = h('p', { class: 'soft lead' }, '\u00a0');
  const state = h('p', { class: 'job-state', 'aria-live': 'polite' });
  const bar = h('progress', { max: 1, value: 0, 'aria-label': 'Steps done' });
  const figure = figures(['Step', 'Speed', 'Left', 'Validation loss']);
  const chart = lossChart();
  const styleImage = h('img', { alt: 'The style picture', width: 320, height: 240 });
  const preview = h('img', { alt: 'A photo as the network paints it now', width: 480, height: 320, hidden: true });
  const caption = h('figcaption', {}, 'No preview yet');
  const actions = h('div', { class: 'actions' });
  const element = h('div', { class: 'view job-view' },
    h('header', { class: 'view-head' }, h('a', { href: link.train, class: 'back', 'aria-label': 'All jobs' }, icon('back')), title),
    recipe,
    h('div', { class: 'columns' },
      h('div', { class: 'panel' }, state, bar, figure.element, actions, chart.element, line.element),
      h('div', { class: 'job-pictures' },
        h('figure', {}, styleImage, h('figcaption', {}, 'Style')),
        h('figure', {}, h('div', { class: 'frame' }, preview), caption))));

  let events: EventSource | undefined;
  let shown = '';

  const button = (label: string, use: () => Promise<unknown>, classes = ''): HTMLElement =>
    h('button', { type: 'button', class: `button ${classes}`, onclick: () => void use().then(() => line.say(''), line.fail) }, label);

  function showActions(current: Job): void {
    const key = `${current.state} ${current.model_id}`;
    if (key === shown) return; // a button that is in use stays
    shown = key;
    const owner = token.get() !== '';
    const ended = hasEnded(current.state);
    actions.replaceChildren();
    if (current.model_id !== null) actions.append(h('a', { href: link.model(current.model_id), class: 'button primary' }, 'Use it'));
    if (!owner) return;
    if (!ended) actions.append(button('Cancel', async () => update(await cancelJob(id))));
    if (ended && current.state !== 'done')
      actions.append(button('Resume', async () => {
        update(await resumeJob(id));
        connect();
      }, 'primary'));
    if (ended)
      actions.append(button('Delete', async () => {
        await deleteJob(id);
        location.assign(link.train);
      }));
  }

  function update(current: Job): void {
    title.textContent = current.name;
    recipe.textContent = `${current.preset}, ${current.steps} steps, strength ${current.strength}`;
    element.dataset.state = current.state;
    const words = current.error === null ? stateText(current) : `${stateText(current)}: ${current.error}`;
    if (state.textContent !== words) state.textContent = words;
    bar.value = share(current);
    figure.set('Step', `${current.step} / ${current.steps}`);
    figure.set('Speed', current.images_per_s === null ? '–' : `${current.images_per_s.toFixed(1)} photos/s`);
    figure.set('Left', current.eta_s === null ? '–' : durationText(current.eta_s));
    figure.set('Validation loss', current.held_out_total === null ? '–' : lossText(current.held_out_total));
    chart.setSteps(current.steps);
    if (!styleImage.src) styleImage.src = current.style_url;
    if (current.preview_url !== null) showPreview(current.preview_url);
    showActions(current);
  }

  function showPreview(url: string): void {
    if (preview.getAttribute('src') === url) return;
    preview.src = url;
    preview.hidden = false;
    const step = new URL(url, location.href).searchParams.get('step');
    caption.textContent = step === null ? 'Newest preview' : `Preview at step ${step}`;
  }

  function connect(): void {
    events?.close();
    const source = (events = openEvents(id));
    const on = <Name extends keyof JobEvents>(name: Name, use: (data: JobEvents[Name]) => void): void =>
      source.addEventListener(name, (event) => use(JSON.parse((event as MessageEvent<string>).data)));
    on('job', (current) => {
      update(current);
      line.say('');
      if (hasEnded(current.state)) source.close(); // else the browser would connect again
    });
    on('loss', ({ step, ...losses }) => chart.add(step, losses));
    on('held_out', ({ step, total }) => chart.addHeldOut(step, total));
    on('preview', ({ url }) => showPreview(url));
    source.onerror = () => line.say(source.readyState === EventSource.CLOSED ? 'No news from the server. Reload the page to try again.' : 'Connecting again …');
  }
  getJob(id).then((current) => {
    update(current);
    connect();
  }, line.fail);
  return { title: 'Training', element, close: () => events?.close() };
}
