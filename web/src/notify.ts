// SPDX-License-Identifier: Apache-2.0
// A notification of the device, while the page is open, also in the background.

export const canNotify = (): boolean => 'Notification' in globalThis && Notification.permission !== 'denied';

export const mayNotify = (): boolean => 'Notification' in globalThis && Notification.permission === 'granted';

/** Asks if it was not asked before; whether notifications may be shown. */
export async function askToNotify(): Promise<boolean> {
  return canNotify() && (await Notification.requestPermission()) === 'granted';
}

export async function notify(title: string, body: string, address: string): Promise<void> {
  if (!mayNotify()) return;
  const options = { body, icon: '/icons/icon-192.png', tag: address, data: address };
  const registration = await navigator.serviceWorker?.getRegistration();
  if (registration) await registration.showNotification(title, options); // phones allow no other way
  else new Notification(title, options);
}
