// SPDX-License-Identifier: Apache-2.0
// A job's state in words.
import type { Job } from '../api';
import { clockText, durationText, plural } from '../format';

/** "5 minutes", or "600 steps" where there is no time. */
export const lengthText = (minutes: number | null, steps: number): string =>
  minutes === null ? plural(steps, 'step') : plural(minutes, 'minute');

/** Seconds until the jobs before this one are done, or all jobs that wait or run; null if one of them has no known end. */
export function waitFor(jobs: Job[], job?: Job): number | null {
  let seconds = 0;
  for (const other of jobs) {
    const runs = other.state === 'training' || other.state === 'publishing';
    const before = other.state === 'queued' && other.id !== job?.id && (job === undefined || (other.queue_position ?? 0) < (job.queue_position ?? Infinity));
    if (!runs && !before) continue;
    const left = other.eta_s ?? (other.state === 'publishing' ? 0 : other.minutes === null ? null : 60 * other.minutes);
    if (left === null) return null;
    seconds += left;
  }
  return seconds;
}

/** `wait`: what waitFor says of it, if it is known. */
export function stateText(job: Job, wait: number | null = null): string {
  switch (job.state) {
    case 'queued': {
      const place = job.queue_position === null ? 'Waiting' : `Waiting, number ${job.queue_position} in the queue`;
      if (wait === null || job.minutes === null) return place;
      return `${place}: starts about ${clockText(wait)}, ready about ${clockText(wait + 60 * job.minutes)}`;
    }
    case 'training': return job.eta_s === null ? 'Training' : `Training, ${durationText(job.eta_s)} left, until ${clockText(job.eta_s)}`;
    case 'publishing': return 'Writing the files';
    case 'done': return 'Ready';
    case 'failed': return 'Failed';
    case 'cancelled': return 'Cancelled';
  }
}

export const share = (job: Job): number => (job.steps > 0 ? job.step / job.steps : 0);
