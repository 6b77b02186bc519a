// SPDX-License-Identifier: Apache-2.0
// The service worker: serves the app's own files from the device, all of one installed version.
// Names contain the content's hash, so files that did not change between versions are copied, not fetched.
declare const self: ServiceWorkerGlobalScope;
declare const PRECACHE: string[];
declare const VERSION: string;

const SHELL = `shell-${VERSION}`;
const EXTRAS = 'extras'; // hashed files that not every device needs: the WebGPU runtime
const isHashed = (path: string): boolean => path.startsWith('/assets/');
const isModelPicture = (path: string): boolean => /^\/api\/v1\/models\/[^/]+\/(thumbnail|style)$/.test(path);

async function install(): Promise<void> {
  const cache = await caches.open(SHELL);
  await Promise.all(
    PRECACHE.map(async (path) => {
      const known = isHashed(path) ? await caches.match(path) : undefined;
      const response = known ?? (await fetch(path, { cache: isHashed(path) ? 'default' : 'no-cache' }));
      if (!response.ok) throw new Error(`${path}: ${response.status}`);
      await cache.put(path, response);
    }),
  );
}

async function activate(): Promise<void> {
  for (const name of await caches.keys()) if (name.startsWith('shell-') && name !== SHELL) await caches.delete(name);
  await self.clients.claim();
}

async function fromShell(path: string, request: Request): Promise<Response> {
  return (await (await caches.open(SHELL)).match(path)) ?? fetch(request);
}

async function fromExtras(request: Request): Promise<Response> {
  const kept = await caches.match(request);
  if (kept !== undefined) return kept;
  const response = await fetch(request);
  if (response.ok) await (await caches.open(EXTRAS)).put(request, response.clone());
  return response;
}

/** The page stores the pictures of downloaded models; others come from the server. */
const fromModels = async (request: Request): Promise<Response> => (await caches.match(request.url)) ?? fetch(request);

/** A photo from another app: kept where the page looks for one, then the page. */
async function takeShared(request: Request): Promise<Response> {
  const photo = (await request.formData()).get('photo');
  if (photo instanceof File)
    await (await caches.open('session')).put('/session/photo', new Response(photo, { headers: { 'Content-Type': photo.type, 'X-Name': encodeURIComponent(photo.name) } }));
  return Response.redirect(new URL('/#/', self.location.href).href, 303);
}

async function openPage(address: string): Promise<void> {
  const [page] = await self.clients.matchAll({ type: 'window' });
  const url = new URL(`/${address}`, self.location.href).href;
  if (page === undefined) await self.clients.openWindow(url);
  else await (await page.focus()).navigate(url);
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(openPage(String(event.notification.data)));
});
self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(activate()));
self.addEventListener('message', ({ data }) => {
  if (data === 'take over') void self.skipWaiting();
});
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method === 'POST' && pathname === '/share-target' && origin === self.location.origin) return event.respondWith(takeShared(request));
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (isModelPicture(pathname)) event.respondWith(fromModels(request));
  else if (pathname.startsWith('/api/')) return; // the page keeps what it needs by itself
  else if (PRECACHE.includes(pathname)) event.respondWith(fromShell(pathname, request));
  else if (isHashed(pathname)) event.respondWith(fromExtras(request));
});
