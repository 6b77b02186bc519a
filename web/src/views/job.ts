// SPDX-License-Identifier: Apache-2.0
// One job while it runs: state, losses, previews, and the actions on it.
import { ApiError, cancelJob, deleteJob, getJob, getJobs, getModel, hasEnded, openEvents, resumeJob, token, type Job, type JobEvents } from '../api';
import { h, icon } from '../dom';
import { durationText, lossText } from '../format';
import { figures } from '../parts/figures';
import { fileList } from '../parts/file_list';
import { lengthText, share, stateText, waitFor } from '../parts/job_words';
import { lossChart } from '../parts/loss_chart';
import { missing } from '../parts/missing';
import { askToNotify, canNotify, notify } from '../notify';
import { sheet } from '../parts/sheet';
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
  const files = fileList();
  const styleImage = h('img', { alt: 'The style picture', width: 320, height: 240 });
  const preview = h('img', { alt: 'A photo as the network paints it now', width: 480, height: 320, hidden: true });
  const caption = h('figcaption', {}, 'No preview yet');
  const actions = h('div', { class: 'actions' });
  const element = h('div', { class: 'view job-view' },
    h('header', { class: 'view-head' }, h('a', { href: link.train, class: 'back', 'aria-label': 'All trainings' }, icon('back')), title),
    recipe,
    h('div', { class: 'columns' },
      h('div', { class: 'panel' }, state, bar, figure.element, actions, chart.element, files.element, line.element),
      h('div', { class: 'job-pictures' },
        h('figure', {}, styleImage, h('figcaption', {}, 'Style')),
        h('figure', {}, h('div', { class: 'frame' }, preview), caption))));

  const bell = h('button', { type: 'button', class: 'link bell', hidden: true, onclick: () => void askToNotify().then((yes) => {
    told = yes;
    bell.textContent = yes ? 'You will be told here when it is done.' : 'The browser does not allow notifications.';
    bell.disabled = true;
  }) }, 'Tell me when it is done');
  state.after(bell);
  let told = false; // somebody wants to be told of the end
  let news: { job: Job; at: number } | undefined; // the last that was heard
  let wait: number | null = null; // of the queue
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
    if (ended) actions.append(button('Delete', async () => askToDelete(current)));
  }

  function askToDelete(current: Job): void {
    const stays = current.model_id !== null;
    const dialog = sheet(`Delete the training of ${current.name}?`,
      h('p', { class: 'soft' }, stays ? 'Its losses, previews and checkpoints go. The style that it made stays in the gallery.' : 'It made no style: its checkpoints and previews go too, and it cannot be resumed.'),
      h('div', { class: 'actions' },
        h('button', { type: 'button', class: 'button', onclick: () => dialog.close() }, 'Keep it'),
        button('Delete it', async () => {
          dialog.close();
          await deleteJob(id);
          location.assign(link.train);
        }, 'danger')));
  }

  function update(current: Job): void {
    title.textContent = current.name;
    recipe.textContent = `${current.preset}, ${lengthText(current.minutes, current.steps)}, strength ${current.strength}`;
    element.dataset.state = current.state;
    if (told && hasEnded(current.state) && news && !hasEnded(news.job.state))
      void notify(current.state === 'done' ? `${current.name} is ready` : `${current.name}: ${stateText(current)}`, current.state === 'done' ? 'Your new style is trained.' : 'The training ended.', link.job(id)).catch(() => undefined);
    news = { job: current, at: Date.now() };
    bell.hidden = hasEnded(current.state) || !canNotify();
    tick();
    figure.set('Step', current.steps > 0 ? `${current.step} / ${current.steps}` : `${current.step}`);
    figure.set('Speed', current.images_per_s === null ? '–' : `${current.images_per_s.toFixed(1)} photos/s`);
    figure.set('Validation loss', current.held_out_total === null ? '–' : lossText(current.held_out_total));
    if (current.steps > 0) chart.setSteps(current.steps);
    if (!styleImage.src) styleImage.src = current.style_url;
    if (current.preview_url !== null) showPreview(current.preview_url);
    if (current.model_id !== null && files.element.hidden) void lookAround().catch(() => undefined);
    showActions(current);
  }

  /** Time goes on between the server's news: while it looks at validation photos, no loss comes for a while. */
  function tick(): void {
    if (news === undefined) return;
    const { job: current, at } = news, past = (Date.now() - at) / 1000;
    const eta_s = current.eta_s === null ? null : Math.max(0, current.eta_s - past);
    const words = stateText({ ...current, eta_s }, wait);
    const all = current.error === null ? words : `${words}: ${current.error}`;
    if (state.textContent !== all) state.textContent = all;
    const done = share(current), moving = current.state === 'training' && current.eta_s !== null && current.eta_s > 0;
    bar.value = moving ? done + (1 - done) * Math.min(1, past / current.eta_s!) : done;
    figure.set('Left', eta_s === null ? '–' : durationText(eta_s));
    document.title = `${current.state === 'training' ? `${Math.round(100 * bar.value)}% ` : ''}${current.name} · pocketstyle`;
  }
  /** Places in the queue and files of the model, which change without news of the job. */
  async function lookAround(): Promise<void> {
    const made = news?.job.model_id;
    if (made) files.show((await getModel(made)).files);
    if (news?.job.state === 'queued') wait = waitFor(await getJobs(), news.job);
    tick();
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
    void lookAround().catch(() => undefined);
  }, (error) => {
    if (error instanceof ApiError && error.status === 404)
      element.replaceChildren(missing('This training is not here', 'It was deleted, or the address is wrong. A style that it made is in the gallery.', { 'All trainings': link.train, 'All styles': link.gallery }));
    else line.fail(error);
  });
  const timer = setInterval(tick, 1000), around = setInterval(() => void lookAround().catch(() => undefined), 15_000);
  return {
    title: 'Training',
    element,
    close() {
      events?.close();
      clearInterval(timer);
      clearInterval(around);
    },
  };
}
