// SPDX-License-Identifier: Apache-2.0
// Uses the built page as a person would, in headless Chromium, and takes screenshots of it:
//   npm run build
//   node test.mjs NAME.rgba.onnx PHOTO SCREENSHOTS [--reference STYLED.png [--tolerance 2]] [--chromium PATH]
// --reference: what the photo, at its own size (no side above 720), must become; the largest difference allowed at any
// value, 0..255. Exit codes: 0 all passed, 1 something failed, 2 wrong usage, 3 missing files.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { serve } from './serve.mjs';

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
               '--disable-component-update', '--disable-sync', '--use-fake-device-for-media-stream',
               '--use-fake-ui-for-media-stream'];
const SIZES = { phone: { width: 360, height: 800 }, desktop: { width: 1280, height: 800 } };
const TIMEOUT = 120_000; // a small machine takes seconds for a picture

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { reference: { type: 'string' }, tolerance: { type: 'string', default: '2' },
               chromium: { type: 'string', default: '/usr/bin/chromium' } },
  });
  if (positionals.length !== 3) {
    console.error('usage: node test.mjs NAME.rgba.onnx PHOTO SCREENSHOTS [--reference STYLED.png] [--tolerance N]');
    process.exit(2);
  }
  return { model: positionals[0], photo: positionals[1], shots: positionals[2], ...values };
}

const { model, photo, shots, reference, tolerance, chromium: executablePath } = readArguments();
const dist = join(dirname(fileURLToPath(import.meta.url)), 'dist');
for (const path of [dist, model, photo, executablePath, ...(reference ? [reference] : [])])
  if (!existsSync(path)) {
    console.error(`test: ${path}: missing`);
    process.exit(3);
  }
mkdirSync(shots, { recursive: true });

let passed = 0, failed = 0;
function check(what, good, found = '') {
  good ? ++passed : ++failed;
  console.log(`${good ? 'ok  ' : 'FAIL'} ${what}${found === '' ? '' : `: ${found}`}`);
}

/** A canvas' size and RGBA bytes, brought here from the page. */
async function readCanvas(page, id) {
  const { width, height, base64 } = await page.evaluate((name) => {
    const canvas = document.getElementById(name);
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let text = '';
    for (let i = 0; i < data.length; i += 32768) text += String.fromCharCode(...data.subarray(i, i + 32768));
    return { width: canvas.width, height: canvas.height, base64: btoa(text) };
  }, id);
  return { width, height, data: Buffer.from(base64, 'base64') };
}

/** A picture file, decoded by the browser as it decodes photos. */
async function decode(page, path) {
  const base64 = readFileSync(path).toString('base64');
  const { width, height, bytes } = await page.evaluate(async (text) => {
    const binary = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([binary]));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext('2d');
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    return { width: canvas.width, height: canvas.height, bytes: Array.from(data) };
  }, base64);
  return { width, height, data: Buffer.from(bytes) };
}

function difference(a, b) {
  if (a.width !== b.width || a.height !== b.height) return { max: Infinity, mean: Infinity };
  let max = 0, sum = 0;
  for (let i = 0; i < a.data.length; ++i) {
    const d = Math.abs(a.data[i] - b.data[i]);
    max = Math.max(max, d);
    sum += d;
  }
  return { max, mean: sum / a.data.length };
}

const state = (page, name) => page.waitForSelector(`body[data-state="${name}"]`, { timeout: TIMEOUT });
const text = (page, id) => page.locator(`#${id}`).textContent();

/** The whole page, and no sideways scrolling. */
async function screenshot(page, name) {
  await page.screenshot({ path: join(shots, `${name}.png`) });
  const { content, window: visible } = await page.evaluate(() =>
    ({ content: document.documentElement.scrollWidth, window: document.documentElement.clientWidth }));
  check(`${name}: no sideways scrolling`, content <= visible, `${content} of ${visible} px`);
}

const server = await serve(dist, {
  extra: { '/model.rgba.onnx': model, ...(existsSync(`${model}.json`) && { '/model.rgba.onnx.json': `${model}.json` }) },
});
const origin = `http://localhost:${server.address().port}`;
const browser = await chromium.launch({ executablePath, args: FLAGS });
try {
  const page = await browser.newPage({ viewport: SIZES.phone, colorScheme: 'light' });
  const problems = [], elsewhere = new Set();
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('request', (request) => {
    const { protocol, origin: to } = new URL(request.url());
    if (protocol.startsWith('http') && to !== origin) elsewhere.add(to);
  });

  await page.goto(origin);
  await state(page, 'empty');
  check('the model loads', /^Ready/.test(await text(page, 'status')), await text(page, 'status'));
  await screenshot(page, 'phone-light-start');

  // The keyboard reaches every control, and every control has a name.
  const names = [];
  for (let i = 0; i < 4; ++i) {
    await page.keyboard.press('Tab');
    names.push(await page.evaluate(() => {
      const e = document.activeElement;
      return e.getAttribute('aria-label') ?? e.labels?.[e.labels.length - 1]?.textContent.trim() ?? e.textContent.trim();
    }));
  }
  const expected = ['Choose photo', 'Use camera', 'Longest side', 'Open another model'];
  check('the keyboard reaches the controls', expected.every((name) => names.includes(name)), names.join(' | '));

  // A photo.
  await page.selectOption('#side', '720');
  await page.setInputFiles('#photo', photo);
  await state(page, 'done');
  const [before, after, file] = [await readCanvas(page, 'original'), await readCanvas(page, 'styled'), await decode(page, photo)];
  check('the original is the photo', difference(before, file).max === 0, `${before.width}x${before.height}`);
  check('the styled picture has its size', after.width === file.width && after.height === file.height, `${after.width}x${after.height}`);
  const change = difference(before, after);
  check('the styled picture is another', change.mean > 5, `mean difference ${change.mean.toFixed(1)}`);
  check('it is opaque', after.data.every((value, i) => i % 4 !== 3 || value === 255));
  check('size and time are shown', (await text(page, 'size')) === `${after.width} × ${after.height}` && /^\d+ ms$/.test(await text(page, 'time')),
        `${await text(page, 'size')}, ${await text(page, 'time')}`);
  if (reference) {
    const d = difference(after, await decode(page, reference));
    check(`the styled picture is the reference, within ${tolerance}`, d.max <= Number(tolerance), `max ${d.max}, mean ${d.mean.toFixed(4)}`);
  }
  await screenshot(page, 'phone-light-photo');
  await page.emulateMedia({ colorScheme: 'dark' });
  await screenshot(page, 'phone-dark-photo');

  // The slider, with the keyboard and with a pointer.
  await page.focus('#split');
  for (let i = 0; i < 10; ++i) await page.keyboard.press('ArrowRight');
  check('the slider follows the arrow keys', (await page.inputValue('#split')) === '60');
  const box = await page.locator('#compare').boundingBox();
  await page.mouse.click(box.x + 0.25 * box.width, box.y + 0.5 * box.height);
  check('the slider follows the pointer', Math.abs(Number(await page.inputValue('#split')) - 25) <= 1, await page.inputValue('#split'));
  await page.fill('#split', '50');
  await page.setViewportSize(SIZES.desktop);
  await screenshot(page, 'desktop-dark-photo');
  await page.emulateMedia({ colorScheme: 'light' });
  await screenshot(page, 'desktop-light-photo');

  // Another size, and the file that is saved.
  await page.selectOption('#side', '256');
  await page.waitForFunction(() => document.body.dataset.state === 'done' && document.getElementById('size').textContent.includes('256'), null, { timeout: TIMEOUT });
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save')]);
  const saved = await decode(page, await download.path());
  check('the saved file is the styled picture', difference(saved, await readCanvas(page, 'styled')).max === 0, `${saved.width}x${saved.height}`);

  // The camera: Chromium's test picture, which moves.
  await page.click('#camera');
  await state(page, 'live');
  await page.waitForFunction(() => document.getElementById('rate').textContent !== '–', null, { timeout: TIMEOUT });
  const first = await readCanvas(page, 'styled');
  check('a camera frame is styled', difference(await readCanvas(page, 'original'), first).mean > 5, `${first.width}x${first.height}`);
  await page.waitForTimeout(3000);
  check('the camera goes on', difference(first, await readCanvas(page, 'styled')).max > 0, `${await text(page, 'time')} a frame, ${await text(page, 'rate')} frames/s`);
  await screenshot(page, 'desktop-light-camera');
  await page.setViewportSize(SIZES.phone);
  await page.emulateMedia({ colorScheme: 'dark' });
  await screenshot(page, 'phone-dark-camera');
  await page.click('#camera');
  await state(page, 'done');
  check('the camera stops', (await page.getAttribute('#camera', 'aria-pressed')) === 'false');

  // A file that is no model, and one that is no picture, are said so; the page goes on.
  await page.setInputFiles('#model', photo);
  await state(page, 'failed');
  check('a wrong model is refused', await page.isVisible('#error'), (await text(page, 'error')).slice(0, 80));
  await page.setInputFiles('#photo', fileURLToPath(import.meta.url));
  await page.waitForFunction(() => document.getElementById('error').textContent.includes('not a picture'), null, { timeout: TIMEOUT });
  check('a wrong photo is refused', true, await text(page, 'error'));
  await page.setInputFiles('#photo', photo);
  await state(page, 'done');
  check('a photo works after that', !(await page.isVisible('#error')));

  check('no request leaves this machine', elsewhere.size === 0, [...elsewhere].join(' '));
  check('no error in the console', problems.length === 0, problems.join(' | '));
} catch (error) {
  check('the test runs to its end', false, error.message);
} finally {
  await browser.close();
  server.close();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
