// SPDX-License-Identifier: Apache-2.0
// The owner's page: a new style, and the jobs that were started.
import { getJobs, getOptions, token, type Job } from '../api';
import { h } from '../dom';
import { timeText } from '../format';
import { jobForm } from '../parts/job_form';
import { share, stateText, waitFor } from '../parts/job_words';
import { status } from '../parts/status';
import { tokenField } from '../parts/token_field';
import { link, type View } from './view';

const POLL_MS = 4000;

const jobRow = (job: Job, _: number, jobs: Job[]): HTMLElement =>
  h('li', {},
    h('a', { href: link.job(job.id), class: `job ${job.state}` },
      h('img', { src: job.style_url, alt: '', width: 56, height: 56, loading: 'lazy' }),
      h('span', {}, h('b', {}, job.name), h('small', {}, `${job.preset} · ${timeText(job.created_at)}`)),
      h('span', { class: 'state' }, stateText(job, waitFor(jobs, job))),
      h('progress', { max: 1, value: share(job), 'aria-label': `${job.name}: steps done`, class: job.state === 'training' ? '' : 'quiet' })));

export function train(): View {
  const line = status();
  const form = h('div', { class: 'panel form-box' });
  const list = h('ul', { class: 'jobs' });
  let enable: (on: boolean) => void = () => undefined;
  let queue: (seconds: number | null) => void = () => undefined;
  const owner = tokenField((there) => enable(there));
  const element = h('div', { class: 'view train' },
    h('header', { class: 'view-head' }, h('h1', { tabindex: -1 }, 'Train a style')),
    h('p', { class: 'soft lead' }, 'From one picture. The server trains the network; afterwards it runs on any device.'),
    h('div', { class: 'columns' },
      h('div', {}, owner.element, form),
      h('section', { 'aria-label': 'Trainings' }, h('h2', {}, 'Trainings'), list, line.element)));

  async function refresh(): Promise<void> {
    const jobs = await getJobs();
    list.replaceChildren(...jobs.map(jobRow));
    queue(waitFor(jobs));
    line.say(jobs.length > 0 ? '' : 'None yet.');
  }
  async function start(): Promise<void> {
    const refused = (): void => owner.forget('The server no longer accepts this token.');
    const made = jobForm(await getOptions(), (job) => location.assign(link.job(job.id)), refused);
    enable = made.enable;
    queue = made.queue;
    enable(token.get() !== '');
    form.replaceChildren(made.element);
    await refresh();
  }
  start().catch((error) => {
    form.hidden = form.childElementCount === 0;
    line.fail(error);
  });
  const timer = setInterval(() => document.hidden || list.contains(document.activeElement) || void refresh().catch(line.fail), POLL_MS);
  return { title: 'Train a style', element, close: () => clearInterval(timer) };
}
