// SPDX-License-Identifier: Apache-2.0
// Offers to install the app, where the browser says that it can be.
import { h, icon } from './dom';

interface InstallEvent extends Event {
  prompt(): Promise<unknown>;
}

let offer: InstallEvent | undefined;
const buttons = new Set<HTMLElement>();
const show = (): void => buttons.forEach((button) => { button.hidden = offer === undefined; });

export function listenForInstall(): void {
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault(); // the browser's own bar would cover the page
    offer = event as InstallEvent;
    show();
  });
  addEventListener('appinstalled', () => {
    offer = undefined;
    show();
  });
}

export function installButton(): HTMLElement {
  const button = h('button', {
    type: 'button', class: 'button install', hidden: offer === undefined,
    onclick: () => {
      const asked = offer;
      offer = undefined; // it can be asked once
      void asked?.prompt().catch(() => undefined).then(show);
    },
  }, icon('save'), 'Install the app');
  buttons.clear(); // those of views that are closed
  buttons.add(button);
  return button;
}
