// SPDX-License-Identifier: Apache-2.0
// Uses the built app as a person would, in headless Chromium, on a stand-in server with real models:
//   node test/app.mjs APP MODELS PHOTO REFERENCE SCREENSHOTS
// MODELS as test/double.mjs takes them. REFERENCE: what PHOTO (no side above 768), must become in fp32 by starry_night-mini.
// Exit code 1 if anything failed.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check, decode, difference, figure, launch, layoutShift, openPage, pixels, run, shoot, SIZES, smaller, state, tabStops, TIMEOUT } from './browser.mjs';
import { startDouble } from './double.mjs';

const [app, models, photo, reference, shots] = process.argv.slice(2);
if (shots === undefined) {
  console.error('usage: node test/app.mjs APP MODELS PHOTO REFERENCE SCREENSHOTS');
  process.exit(2);
}
const original = '.slider canvas.left', styled = '.slider canvas:not(.left)';
const file = 'label:has-text("Choose photo") input';
const pick = (page, group, label) => page.locator(`fieldset:has(legend:text-is("${group}")) label:has(b:text-is("${label}"))`).click();
const settled = (page) => page.waitForFunction(() => document.querySelector('.view')?.dataset.state !== 'loading', null, { timeout: TIMEOUT });

async function brokenDownload(page, double) {
  await page.goto(`${double.origin}/#/style/starry_night-original`);
  await settled(page);
  double.breakAfter(3);
  await page.evaluate(() => caches.delete('models'));
  await page.reload();
  await state(page, 'failed');
  check('a broken download is reported', /connection was lost/.test(await page.textContent('[role=alert]')), await page.textContent('[role=alert]'));
  double.breakAfter(Infinity);
  double.log.length = 0;
  await page.reload();
  await state(page, 'empty');
  const ranges = double.log.filter(({ path }) => path.includes('/files/')).map(({ range }) => range);
  check('it goes on where it was', ranges[0] === `bytes=${3 * 262144}-${4 * 262144 - 1}`, ranges[0]);
  const kept = await page.evaluate(async () => (await (await caches.open('models')).keys()).map(({ url }) => new URL(url).pathname).filter((path) => path.startsWith('/stored/')));
  check('the pieces became one file', kept.length === 1 && kept[0].split('/').length === 3, kept.join(' '));
}

async function stylizePhoto(page) {
  await page.locator('a.size:has(b:text-is("mini"))').click();
  await state(page, 'empty');
  check('the runtime uses threads', /^WASM, [2-9] threads$/.test(await figure(page, 'Runtime')), await figure(page, 'Runtime'));
  await page.reload();
  await state(page, 'empty');
  const shift = await layoutShift(page);
  check('nothing moves while a style opens', shift < 0.02, shift.toFixed(4));
  const stops = await tabStops(page, 20);
  const wanted = ['Styles', 'All styles', 'Choose photo', 'Live camera', 'File type'];
  check('the keyboard reaches the controls', [...wanted, 'Strength', 'Keep', 'int8', 'Runs on'].every((name) => stops.some((stop) => stop.includes(name))), stops.join(' | '));
  check('the smallest file is taken', /int8/.test(await page.textContent('fieldset:has(legend:text-is("Precision of the weights")) label:has(input:checked)')));
  await shoot(page, shots, 'stylize-empty', { looks: ['phone-light', 'desktop-dark'] });
  await pick(page, 'Precision of the weights', 'fp32');
  await settled(page);
  await page.setInputFiles(file, photo);
  await state(page, 'done');
  const [before, after, source] = [await pixels(page, original), await pixels(page, styled), await decode(page, photo)];
  check('the original is the photo', difference(before, source).max === 0, `${before.width}x${before.height}`);
  const error = difference(after, await decode(page, reference));
  check('the styled picture is what the network makes of it, within 2 levels', error.max <= 2, `max ${error.max}, mean ${error.mean.toFixed(4)}`);
  check('time and size are shown', /^[\d.]+ m?s$/.test(await figure(page, 'Time')) && (await figure(page, 'Picture')) === `${source.width} × ${source.height}`,
        `${await figure(page, 'Time')}, ${await figure(page, 'Picture')}, ${await figure(page, 'Model')}`);
  await shoot(page, shots, 'stylize');
}

async function looks(page) {
  const time = await figure(page, 'Time');
  const full = await pixels(page, styled), source = await pixels(page, original);
  const luma = ({ data }, i) => 0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2];
  await page.fill('.strength input', '0');
  check('strength 0 is the photo', difference(await pixels(page, styled), source).max === 0);
  await page.fill('.strength input', '50');
  const half = await pixels(page, styled);
  check('strength 50 is in the middle', half.data.every((value, i) => Math.abs(value - (source.data[i] + full.data[i]) / 2) <= 1));
  await page.fill('.strength input', '100');
  await page.locator('.switch').click();
  const kept = await pixels(page, styled);
  let inside = 0, off = 0;
  for (let i = 0; i < kept.data.length; i += 4)
    if ([0, 1, 2].every((c) => kept.data[i + c] > 0 && kept.data[i + c] < 255)) {
      ++inside;
      if (Math.abs(luma(kept, i) - luma(full, i)) > 1 || Math.abs(kept.data[i] - luma(kept, i) - (source.data[i] - luma(source, i))) > 1.5) ++off;
    }
  check('kept colors are styled luma with the photo’s chroma', inside > 1000 && off === 0, `${off} of ${inside} pixels are not`);
  check('the network did not run for that', (await figure(page, 'Time')) === time);

  await page.selectOption('.output select', 'image/png');
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('.output button:has-text("Save")')]);
  const saved = await decode(page, await download.path());
  check('the saved file is what is shown', difference(saved, kept).max === 0, download.suggestedFilename());
  await page.selectOption('.output select', 'image/jpeg');
  await page.click('.output button:has-text("Share")');
  await page.waitForFunction(() => window.shared !== undefined);
  check('share hands over a JPEG', /^image\/jpeg .*\.jpg$/.test(await page.evaluate(() => window.shared)), await page.evaluate(() => window.shared));
  await page.locator('.switch').click();

  await page.focus('.slider input');
  for (let i = 0; i < 10; ++i) await page.keyboard.press('ArrowRight');
  check('the slider follows the keyboard', (await page.inputValue('.slider input')) === '60');
}

async function otherWaysIn(page) {
  await page.selectOption('label:has-text("Picture, longest side") select', '256');
  await page.waitForFunction(() => document.querySelector('[data-figure="Picture"] dd').textContent.startsWith('256') && document.querySelector('.view').dataset.state === 'done');
  await pick(page, 'Network', 'original');
  await page.selectOption('label:has-text("Picture, longest side") select', '768');
  await state(page, 'busy');
  await pick(page, 'Network', 'mini');
  await page.selectOption('label:has-text("Picture, longest side") select', '256');
  await page.waitForFunction(() => document.querySelector('[data-figure="Picture"] dd').textContent.startsWith('256') && document.querySelector('.view').dataset.state === 'done');
  check('what takes long is given up for what is wanted now', /200 k/.test(await figure(page, 'Model')) && (await page.textContent('[role=alert]')) === '');
  const bytes = [...readFileSync(photo)];
  for (const kind of ['paste', 'drop']) {
    await page.evaluate(({ bytes, kind }) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(bytes)], `${kind}.jpg`, { type: 'image/jpeg' }));
      document.querySelector('.view').dataset.state = 'test';
      const event = kind === 'paste' ? new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true }) : new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true });
      document.querySelector('.stage').dispatchEvent(event);
    }, { bytes, kind });
    await state(page, 'done');
    check(`a photo can be given by ${kind}`, true);
  }
  await page.setInputFiles(file, fileURLToPath(import.meta.url));
  await state(page, 'failed');
  check('a file that is no picture is refused', /cannot read it/.test(await page.textContent('[role=alert]')), await page.textContent('[role=alert]'));

  await page.click('button:has-text("Live camera")');
  await state(page, 'live');
  await page.waitForFunction(() => /^[1-9]/.test(document.querySelector('[data-figure="Picture"] dd').textContent));
  const first = await pixels(page, styled);
  await page.waitForFunction((old) => document.querySelector('[data-figure="Time"] dd').textContent !== old, await figure(page, 'Time'));
  await page.waitForTimeout(1000);
  check('the camera goes on', difference(first, await pixels(page, styled)).mean > 0, await figure(page, 'Time'));
  await shoot(page, shots, 'camera', { looks: ['phone-dark'] });
  await page.click('button:has-text("Live camera")');
  await state(page, 'done');
  check('the camera stops', (await page.getAttribute('button:has-text("Live camera")', 'aria-pressed')) === 'false');
}

async function compareSizes(page, double) {
  await page.goto(`${double.origin}/#/compare`);
  await page.waitForSelector('.segments');
  await page.setInputFiles(file, photo);
  await page.selectOption('label:has-text("Longest side") select', '256');
  await page.locator('fieldset:has(legend:text-is("Networks")) label:has(b:text-is("mini"))').click();
  await page.click('button:has-text("Compare")');
  await state(page, 'done');
  const rows = await page.locator('tbody tr').allTextContents();
  check('three networks are compared', rows.length === 3 && rows.slice(1).every((row) => /\d+ m?s.*kB.*\d+\.\d$/.test(row)), rows.join(' | '));
  check('their pictures differ', difference(await pixels(page, original), await pixels(page, styled)).mean > 1);
  await shoot(page, shots, 'compare');
}

async function train(page, double) {
  await page.goto(`${double.origin}/#/train`);
  await page.waitForSelector('.job-form');
  await page.fill('[name=token]', 'wrong');
  await page.click('button:has-text("Unlock")');
  await page.waitForFunction(() => /does not accept/.test(document.querySelector('.token').textContent));
  check('a wrong token is refused', await page.isDisabled('button:has-text("Start training")'));
  await page.fill('[name=token]', 'secret');
  await page.click('button:has-text("Unlock")');
  await page.waitForSelector('.unlocked');
  await page.setInputFiles('.job-form input[type=file]', photo);
  await page.fill('[name=name]', 'Skyline');
  await page.evaluate(() => sessionStorage.setItem('pocketstyle.token', 'old'));
  await page.click('button:has-text("Start training")');
  await page.waitForFunction(() => /no longer accepts/.test(document.querySelector('.token').textContent));
  check('a token that does not hold any more is asked for again', await page.isDisabled('button:has-text("Start training")'));
  await page.fill('[name=token]', 'secret');
  await page.click('button:has-text("Unlock")');
  await page.waitForSelector('.unlocked');
  await shoot(page, shots, 'train');
  await page.click('button:has-text("Start training")');
  await page.waitForSelector('.job-view .chart polyline');
  await page.waitForFunction(() => document.querySelectorAll('.chart .tick').length > 2 && document.querySelector('.chart .total').points.length > 10);
  await page.click('button:has-text("Cancel")');
  await state(page, 'cancelled');
  const step = await figure(page, 'Step');
  await page.reload();
  await state(page, 'cancelled');
  check('a cancelled training stays where it was', (await figure(page, 'Step')) === step, step);
  await page.click('button:has-text("Resume")');
  await state(page, 'training');
  await page.waitForFunction((old) => document.querySelector('[data-figure="Step"] dd').textContent !== old, step);
  await shoot(page, shots, 'job');
  await page.waitForSelector('.view[data-state="done"]');
  check('the losses are there', /Total loss: .* at step 600/.test(await page.getAttribute('.chart', 'aria-label')), await page.getAttribute('.chart', 'aria-label'));
  await page.click('a:has-text("Use it")');
  await state(page, 'empty');
  await page.setInputFiles(file, photo);
  await state(page, 'done');
  check('what was trained can be used', (await page.textContent('h1')) === 'Skyline');
  check('the token is kept in this tab only', await page.evaluate(() => sessionStorage.length === 1 && localStorage.length === 0));
}

async function newVersion(page, folder, origin) {
  for (const name of ['sw.js', 'index.html'])
    writeFileSync(join(folder, name), readFileSync(join(folder, name), 'utf8').replace(/shell-([0-9a-f]{10})/, 'shell-next$1').replace('lang="en"', 'lang="en-GB"'));
  await page.goto(`${origin}/#/`);
  await page.waitForSelector('.card[data-style]');
  await page.evaluate(() => navigator.serviceWorker.getRegistration().then((registration) => registration.update()));
  await page.waitForSelector('.update');
  check('a new version is offered, and the old one stays meanwhile', (await page.getAttribute('html', 'lang')) === 'en');
  await Promise.all([page.waitForEvent('load'), page.click('.update button')]);
  await page.waitForSelector('.card[data-style]');
  check('it is taken when one wants', (await page.getAttribute('html', 'lang')) === 'en-GB');
}

async function offline(page, double) {
  await page.goto(`${double.origin}/#/`);
  await page.waitForSelector('.card[data-style]');
  await shoot(page, shots, 'gallery');
  await double.stop();
  await page.reload();
  await page.waitForSelector('.card[data-style]');
  await page.waitForFunction(() => [...document.images].every(({ complete, naturalWidth }) => complete && naturalWidth > 0));
  const sizes = await page.locator('.size').allTextContents();
  check('offline, the gallery shows what is on the device', sizes.length > 0 && sizes.every((text) => /available offline/.test(text)), `${sizes.length} sizes`);
  await shoot(page, shots, 'offline', { looks: ['phone-light'] });
  await page.locator('a.size:has(b:text-is("mini"))').first().click();
  await settled(page);
  await page.setInputFiles(file, photo);
  await state(page, 'done');
  check('offline, a photo is painted', difference(await pixels(page, original), await pixels(page, styled)).mean > 5);
}

async function webGpu(double) {
  const browser = await launch({ gpu: true });
  const context = await browser.newContext({ viewport: SIZES.desktop, serviceWorkers: 'block' });
  const { page, problems } = await openPage(context, double.origin);
  await page.goto(`${double.origin}/#/style/starry_night-micro`);
  await settled(page);
  await page.setInputFiles(file, { name: 'small.png', mimeType: 'image/png', buffer: await smaller(page, photo, 160) }); // such a GPU is slow
  await state(page, 'done');
  check('a processor that plays GPU is not taken by itself', /^WASM/.test(await figure(page, 'Runtime')), await figure(page, 'Runtime'));
  const expected = await pixels(page, styled);
  await page.selectOption('label:has-text("Runs on") select', 'webgpu');
  await page.waitForFunction(() => document.querySelector('.view').dataset.state === 'loading');
  await state(page, 'done');
  const runtime = await figure(page, 'Runtime');
  if (runtime === 'WebGPU') {
    const error = difference(expected, await pixels(page, styled));
    check('WebGPU gives the picture that WebAssembly gives, within 2 levels', error.max <= 2, `max ${error.max}, ${await figure(page, 'Time')}`);
  } else console.log(`SKIPPED: WebGPU (${await page.textContent('.status')})`);
  check('no error on the page', problems.length === 0, problems.join(' | '));
  await browser.close();
}

async function badGpu(browser, double) {
  const context = await browser.newContext({ serviceWorkers: 'block' });
  await context.addInitScript(() => Object.defineProperty(navigator, 'gpu', { value: { requestAdapter: async () => ({ info: {} }) } }));
  const { page } = await openPage(context, double.origin);
  await page.goto(`${double.origin}/#/style/starry_night-micro`);
  await state(page, 'empty');
  check('a GPU that fails is left, with a note', /WebGPU was tried and does not work/.test(await page.textContent('[role=status]')) && /^WASM/.test(await figure(page, 'Runtime')), await page.textContent('[role=status]'));
  await context.close();
}

/** Plain http on a name that is not localhost: no storage, no threads, no hashes from the browser. */
async function plainHttp(double) {
  const browser = await launch({ flags: ['--host-resolver-rules=MAP pocket.test 127.0.0.1'] });
  const origin = double.origin.replace('localhost', 'pocket.test');
  const { page, problems } = await openPage(await browser.newContext({ viewport: SIZES.phone }), origin);
  await page.goto(`${origin}/#/style/starry_night-micro`);
  await settled(page);
  await page.setInputFiles(file, photo);
  await state(page, 'done');
  check('on plain http a photo is painted too, on one thread', (await figure(page, 'Runtime')) === 'WASM, 1 thread', await page.textContent('.kept'));
  check('no error on plain http', problems.filter((text) => !/Cross-Origin-Opener-Policy/.test(text)).length === 0, problems.join(' | '));
  await browser.close();
}

const folder = mkdtempSync(join(tmpdir(), 'pocketstyle-web-'));
cpSync(app, folder, { recursive: true }); // newVersion() changes it
const double = await startDouble(folder, models);
const browser = await launch();
await run(async () => {
  await plainHttp(double);
  await badGpu(browser, double);
  await webGpu(double);
  const context = await browser.newContext({ viewport: SIZES.phone, hasTouch: true, colorScheme: 'light' });
  await context.addInitScript(() => {
    navigator.canShare = () => true;
    navigator.share = async ({ files }) => { window.shared = `${files[0].type} ${files[0].name}`; };
  });
  const { page, problems } = await openPage(context, double.origin);
  await page.goto(double.origin);
  await page.waitForSelector('.card[data-style]');
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await brokenDownload(page, double);
  problems.length = 0; // the browser names the connections that were cut
  await page.goto(double.origin);
  await page.waitForSelector('.card[data-style]');
  const shift = await layoutShift(page);
  check('nothing moves while the gallery opens', shift < 0.02, shift.toFixed(4));
  await stylizePhoto(page);
  await looks(page);
  await otherWaysIn(page);
  await compareSizes(page, double);
  await train(page, double);
  problems.splice(0, problems.length, ...problems.filter((text) => !/401/.test(text))); // the wrong token
  await newVersion(page, folder, double.origin);
  check('no error on the page, no request to elsewhere', problems.length === 0, problems.join(' | '));
  await offline(page, double);
});
await browser.close();
await double.stop().catch(() => undefined);
rmSync(folder, { recursive: true, force: true });
