// SPDX-License-Identifier: Apache-2.0
// The files of a model: what is there, what is still made, and what could not be made and why.
import type { ModelFile } from '../api';
import { h } from '../dom';
import { bytesText, plural } from '../format';

export interface FileList {
  element: HTMLElement;
  show(files: ModelFile[]): void;
}

function summaryOf(files: ModelFile[]): string {
  const count = (state: ModelFile['state']): number => files.filter((file) => file.state === state).length;
  const failed = count('failed'), waiting = count('waiting');
  return [plural(files.length - failed, 'file'), waiting > 0 && `${waiting} still to be made`, failed > 0 && `${failed} could not be made`].filter(Boolean).join(', ');
}

const row = (file: ModelFile): HTMLElement => {
  switch (file.state) {
    case 'ready': return h('li', {}, h('a', { href: file.url, download: file.name }, file.name), h('small', {}, bytesText(file.bytes)));
    case 'waiting': return h('li', {}, h('span', {}, file.name), h('small', {}, 'still to be made'));
    case 'failed': return h('li', { class: 'failed' }, h('span', {}, file.name), h('small', {}, `could not be made: ${file.error ?? 'the reason is not known'}`));
  }
};

export function fileList(): FileList {
  const title = h('summary', {}), list = h('ul', {});
  const element = h('details', { class: 'file-list', hidden: true }, title, list);
  let shown = '';
  return {
    element,
    show(files) {
      const key = JSON.stringify(files);
      if (key === shown) return; // a link that is in use stays
      shown = key;
      title.textContent = summaryOf(files);
      list.replaceChildren(...files.map(row));
      if (element.hidden) element.open = files.some(({ state }) => state === 'failed');
      element.hidden = false;
    },
  };
}
