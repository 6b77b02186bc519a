// SPDX-License-Identifier: Apache-2.0
// What the router shows: an element, and what must end when another view takes its place.

export interface View {
  title: string;
  element: HTMLElement;
  close?(): void;
}

export const link = {
  gallery: '#/',
  model: (id: string): string => `#/style/${encodeURIComponent(id)}`,
  compare: (slug = ''): string => (slug === '' ? '#/compare' : `#/compare/${encodeURIComponent(slug)}`),
  train: '#/train',
  job: (id: string): string => `#/jobs/${encodeURIComponent(id)}`,
};
