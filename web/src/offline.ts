// SPDX-License-Identifier: Apache-2.0
// Registers the service worker, and offers a newer version of the app when there is one.
import { h } from './dom';

export async function registerServiceWorker(): Promise<void> {
  if (!('serviceWorker' in navigator)) return; // plain http: the app works, online only
  const registration = await navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' });
  const offer = (worker: ServiceWorker | null): void => {
    if (worker === null || navigator.serviceWorker.controller === null) return; // the first one has nothing to replace
    if (worker.state === 'installed') offerUpdate(worker);
    else worker.addEventListener('statechange', () => worker.state === 'installed' && offerUpdate(worker));
  };
  offer(registration.waiting);
  registration.addEventListener('updatefound', () => offer(registration.installing));
}

/** The new version would start when the app is next opened; this offers it now. */
function offerUpdate(worker: ServiceWorker): void {
  if (document.querySelector('.update') !== null) return;
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  document.body.append(
    h('div', { class: 'update', role: 'status' }, 'A new version is ready.',
      h('button', { type: 'button', class: 'link', onclick: () => worker.postMessage('take over') }, 'Use it now')));
}
