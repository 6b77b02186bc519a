// SPDX-License-Identifier: Apache-2.0
// Requests to the server. Reads are open; changes carry the owner's token.

import type { components } from './api_schema'; // generated from src/serve/openapi.json

type Schemas = components['schemas'];
export type Losses = Schemas['Loss'];
export type Job = Schemas['Job'];
export type JobState = Job['state'];
export type Model = Schemas['Model'];
export type ModelFile = Schemas['ModelFile'];
export type Options = Schemas['Options'];

/** The data of each event of a job, by the event's name. */
export interface JobEvents {
  job: Job;
  loss: Schemas['LossEvent'];
  held_out: Schemas['ValidationEvent'];
  preview: Schemas['PreviewEvent'];
}

export type ErrorCode = Schemas['Error']['code'];

/** The server refused (status, and code for programs), or could not be reached (status 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly code?: ErrorCode,
  ) {
    super(message);
  }
}

const TOKEN = 'pocketstyle.token';
export const token = {
  get: (): string => sessionStorage.getItem(TOKEN) ?? '',
  set: (value: string): void => sessionStorage.setItem(TOKEN, value),
  forget: (): void => sessionStorage.removeItem(TOKEN),
};

async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (init.method !== undefined) headers.set('Authorization', `Bearer ${token.get()}`);
  const response = await fetch(path, { ...init, headers }).catch(() => {
    throw new ApiError(0, 'The server cannot be reached.');
  });
  if (response.ok) return response;
  const body: { error?: string; code?: ErrorCode } = await response.json().catch(() => ({}));
  const wait = response.headers.get('Retry-After');
  const again = response.status === 429 && wait !== null ? ` Try again in ${wait} s.` : '';
  throw new ApiError(response.status, (body.error ?? `The server answered ${response.status}.`) + again, body.code);
}

const json = async <T>(path: string, init?: RequestInit): Promise<T> => (await send(path, init)).json();
const jobPath = (id: string): string => `/api/v1/jobs/${encodeURIComponent(id)}`;

/** One page: more than 1000 models are not shown. */
export const fetchModels = (): Promise<Response> => send('/api/v1/models?limit=1000', { cache: 'no-cache' });
export const getOptions = (): Promise<Options> => json('/api/v1/options');
export async function getJobs(): Promise<Job[]> {
  const jobs: Job[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { jobs: Job[]; next: string | null } = await json(`/api/v1/jobs?limit=1000${cursor === '' ? '' : `&cursor=${cursor}`}`);
    jobs.push(...page.jobs);
    cursor = page.next;
  }
  return jobs;
}
/** A file as the model lists it; the server makes it first if it is not there yet. */
export const fileInfo = (file: ModelFile): Promise<ModelFile> => json(`${file.url}/info`);
export const getModel = (id: string): Promise<Model> => json(`/api/v1/models/${encodeURIComponent(id)}`);
export const getJob = (id: string): Promise<Job> => json(jobPath(id));
export const openEvents = (id: string): EventSource => new EventSource(`${jobPath(id)}/events`);
export const cancelJob = (id: string): Promise<Job> => json(`${jobPath(id)}/cancel`, { method: 'POST' });
export const resumeJob = (id: string): Promise<Job> => json(`${jobPath(id)}/resume`, { method: 'POST' });
export const deleteJob = (id: string): Promise<Response> => send(jobPath(id), { method: 'DELETE' });

/** Removes a model and its files from the server, for everybody. */
export const deleteModel = ({ style_url }: Model): Promise<Response> => send(style_url.replace(/\/style$/, ''), { method: 'DELETE' });

/** `key` identifies this request: sent twice, it makes one job. */
export const startJob = (form: FormData, key: string): Promise<Job> =>
  json('/api/v1/jobs', { method: 'POST', body: form, headers: { 'Idempotency-Key': key } });

export async function tokenIsRight(): Promise<boolean> {
  try {
    await send('/api/v1/token/check', { method: 'POST' });
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return false;
    throw error;
  }
}

/** Ended: nothing more happens unless somebody resumes it. */
export const hasEnded = (state: JobState): boolean => state === 'done' || state === 'failed' || state === 'cancelled';
