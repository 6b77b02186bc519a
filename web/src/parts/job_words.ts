// SPDX-License-Identifier: Apache-2.0
// A job's state in words.
import type { Job } from '../api';
import { durationText } from '../format';

export function stateText(job: Job): string {
  switch (job.state) {
    case 'queued': return job.queue_position === null ? 'Waiting' : `Waiting, number ${job.queue_position} in the queue`;
    case 'training': return job.eta_s === null ? 'Training' : `Training, ${durationText(job.eta_s)} left`;
    case 'publishing': return 'Writing the files';
    case 'done': return 'Ready';
    case 'failed': return 'Failed';
    case 'cancelled': return 'Cancelled';
  }
}

export const share = (job: Job): number => (job.steps > 0 ? job.step / job.steps : 0);
