// SPDX-License-Identifier: Apache-2.0
// What the router shows: an element, and what to close when another view replaces it.

export interface View {
  title: string;
  element: HTMLElement;
  close?(): void;
}

/** Ids and slugs have letters, digits, - and _ only. */
export const link = {
  gallery: '#/',
  model: (id: string): string => `#/style/${id}`,
  compare: (slug = ''): string => (slug === '' ? '#/compare' : `#/compare/${slug}`),
  train: '#/train',
  job: (id: string): string => `#/jobs/${id}`,
};
