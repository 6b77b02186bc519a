// SPDX-License-Identifier: Apache-2.0
// What the tests in Chromium share: the browser, screenshots, pixels.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { check } from './checks.mjs';

export { check, eventually, run } from './checks.mjs';

export const SIZES = {
  narrow: { width: 320, height: 640 }, phone: { width: 360, height: 740 }, large: { width: 412, height: 915 }, sideways: { width: 740, height: 360 },
  tablet: { width: 768, height: 1024 }, desktop: { width: 1280, height: 800 }, wide: { width: 1440, height: 900 },
};
const LOOKS = ['narrow-light', 'phone-dark', 'large-light', 'sideways-dark', 'tablet-light', 'desktop-dark', 'wide-light'];
export const TIMEOUT = 120_000; // a small machine takes seconds for a picture
const FLAGS = ['--headless', '--no-sandbox', '--hide-scrollbars', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
               '--disable-sync', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
const AXE = readFileSync(fileURLToPath(new URL('../node_modules/axe-core/axe.min.js', import.meta.url)), 'utf8');

const optionsOf = ({ gpu = false, flags = [] } = {}) => {
  const graphics = gpu ? ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan'] : ['--disable-gpu'];
  return { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: [...FLAGS, ...graphics, ...flags] };
};
export const launch = (options) => chromium.launch(optionsOf(options));

/** A browser with a profile in a folder, as people have one: what a page stores is on the disk, not in memory. */
export const launchProfile = (folder, options) => chromium.launchPersistentContext(folder, { ...optionsOf(), ...options });

/** A page of its own, with what must never happen counted in `problems`. */
export async function openPage(context, origin) {
  const page = await context.newPage();
  page.setDefaultTimeout(TIMEOUT);
  const problems = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('request', (request) => {
    const { protocol, origin: to } = new URL(request.url());
    if (protocol.startsWith('http') && to !== origin) problems.push(`a request to ${to}`);
  });
  return { page, problems };
}

export const state = (page, name, timeout = TIMEOUT) => page.waitForSelector(`.view[data-state="${name}"]`, { timeout });
export const figure = (page, name) => page.locator(`[data-figure="${name}"] dd`).textContent();

/** The picture of a canvas in the page, RGBA. */
export async function pixels(page, selector) {
  const { width, height, base64 } = await page.evaluate(async (query) => {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))); // what was changed is painted then
    const canvas = document.querySelector(query);
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let text = '';
    for (let i = 0; i < data.length; i += 32768) text += String.fromCharCode(...data.subarray(i, i + 32768));
    return { width: canvas.width, height: canvas.height, base64: btoa(text) };
  }, selector);
  return { width, height, data: Buffer.from(base64, 'base64') };
}

/** A picture file, decoded by the browser as it decodes photos. */
export async function decode(page, path) {
  const base64 = readFileSync(path).toString('base64');
  const { width, height, bytes } = await page.evaluate(async (text) => {
    const binary = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([binary]));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext('2d');
    context.drawImage(bitmap, 0, 0);
    return { width: canvas.width, height: canvas.height, bytes: Array.from(context.getImageData(0, 0, canvas.width, canvas.height).data) };
  }, base64);
  return { width, height, data: Buffer.from(bytes) };
}

/** A picture file made smaller, as the bytes of a PNG. */
export async function smaller(page, path, width) {
  const base64 = readFileSync(path).toString('base64');
  return Buffer.from(await page.evaluate(async ({ base64, width }) => {
    const binary = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([binary]), { resizeWidth: width });
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext('2d').drawImage(bitmap, 0, 0);
    return Array.from(new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer()));
  }, { base64, width }));
}

export function difference(a, b) {
  if (a.width !== b.width || a.height !== b.height) return { max: Infinity, mean: Infinity };
  let max = 0, sum = 0;
  for (let i = 0; i < a.data.length; ++i) {
    const d = Math.abs(a.data[i] - b.data[i]);
    max = Math.max(max, d);
    sum += d;
  }
  return { max, mean: sum / a.data.length };
}

/** Accessibility, by axe-core, and small targets and sideways scrolling, which it does not see. */
async function inspect(page, name) {
  await page.evaluate(AXE); // evaluated by the debugger, which the page's policy does not hold back
  const found = await page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id} ${target}`));
  });
  check(`${name}: accessible`, found.length === 0, found.join(' | '));
  const layout = await page.evaluate(() => {
    const small = [...document.querySelectorAll('a, button, select, input:not([type=checkbox], [type=file]), summary')]
      .filter((each) => each.checkVisibility())
      .map((each) => [each.closest('label')?.textContent || each.textContent || each.ariaLabel, (each.type === 'radio' ? each.parentElement : each).getBoundingClientRect()])
      .filter(([, { width, height }]) => width < 43.5 || height < 43.5)
      .map(([text, { width, height }]) => `${text.trim()} ${Math.round(width)}x${Math.round(height)}`);
    return { small, content: document.documentElement.scrollWidth, visible: document.documentElement.clientWidth };
  });
  check(`${name}: every target is large enough for a finger`, layout.small.length === 0, layout.small.join(' | '));
  check(`${name}: no sideways scrolling`, layout.content <= layout.visible, `${layout.content} of ${layout.visible} px`);
}

/** How much of the page moved by itself since it was opened, as browsers count it (cumulative layout shift). */
export const layoutShift = (page) =>
  page.evaluate(() => new Promise((done) => {
    let sum = 0;
    const add = (list) => list.getEntries().forEach(({ value, hadRecentInput }) => { sum += hadRecentInput ? 0 : value; });
    new PerformanceObserver(add).observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => done(sum), 300);
  }));

/** The names of what the Tab key reaches, from the top. */
export async function tabStops(page, count) {
  const names = [];
  await page.evaluate(() => document.activeElement?.blur());
  for (let i = 0; i < count; ++i) {
    await page.keyboard.press('Tab');
    names.push(await page.evaluate(() => {
      const { ariaLabel, labels, textContent } = document.activeElement;
      return (ariaLabel ?? labels?.[0]?.textContent ?? textContent).replace(/\s+/g, ' ').trim().slice(0, 40);
    }));
  }
  return names;
}

/** Screenshots of a view at several sizes, light and dark; it is inspected in each. */
export async function shoot(page, folder, view, { looks = LOOKS } = {}) {
  mkdirSync(folder, { recursive: true });
  for (const look of looks) {
    const [size, colorScheme] = look.split('-');
    await page.setViewportSize(SIZES[size]);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(() => { scrollTo(0, 0); return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))); });
    await page.screenshot({ path: join(folder, `${view}-${look}.png`) });
    await inspect(page, `${view}, ${look}`);
    await page.screenshot({ path: join(folder, `${view}-${look}-whole.png`), fullPage: true });
  }
}
