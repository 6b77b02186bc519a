// SPDX-License-Identifier: Apache-2.0
// From a picture to a styled photo on the real server: uploaded in the browser, trained, published, downloaded, used.
//   node test/end_to_end.mjs POCKETSTYLE APP DATA STYLE PHOTO SCREENSHOTS
// Exit code 1 if anything failed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, difference, eventually, figure, launch, openPage, pixels, run, shoot, SIZES, state, TIMEOUT } from './browser.mjs';
import { startServer } from './server.mjs';

const [pocketstyle, app, data, style, photo, shots] = process.argv.slice(2);
if (shots === undefined) {
  console.error('usage: node test/end_to_end.mjs POCKETSTYLE APP DATA STYLE PHOTO SCREENSHOTS');
  process.exit(2);
}

const server = startServer(pocketstyle, data, ['--web', app]);
const browser = await launch();
await run(async () => {
  const origin = await server.origin;
  const context = await browser.newContext({ viewport: SIZES.phone, colorScheme: 'light' });
  const { page, problems } = await openPage(context, origin);
  await page.goto(`${origin}/#/train`);
  await page.waitForSelector('.job-form');
  check('the page may share memory between threads', await page.evaluate(() => crossOriginIsolated));

  await page.fill('[name=token]', readFileSync(join(data, 'token'), 'utf8').trim());
  await page.click('button:has-text("Unlock")');
  await page.waitForSelector('.unlocked');
  await page.setInputFiles('.job-form input[type=file]', style);
  await page.fill('[name=name]', 'Night sky');
  await page.click('summary');
  await page.locator('fieldset:has(legend:text-is("Network")) label:has(b:text-is("micro"))').click();
  await page.locator('fieldset:has(legend:text-is("Training")) label').first().click(); // the smallest crop
  await page.fill('[name=minutes]', '1.5');
  const words = () => page.textContent('.job-form');
  await eventually('it says how long it will take, and until when', async () => /Trains for 1\.5 minutes, until \d\d?:\d\d/.test(await words()), words);
  await page.click('button:has-text("Start training")');
  await page.waitForSelector('.job-view .chart polyline');
  check('losses come while it trains', true, await page.getAttribute('.chart', 'aria-label'));
  await state(page, 'done', 5 * TIMEOUT); // every file of the export is verified
  check('it is trained and published', /^(\d+) \/ \1$/.test(await figure(page, 'Step')), await page.textContent('.job-state'));
  await eventually('a validation loss is known', async () => /\d/.test(await figure(page, 'Validation loss')), () => figure(page, 'Validation loss'));
  await shoot(page, shots, 'server-job', { looks: ['phone-light', 'desktop-dark'] });

  await page.click('a:has-text("Use it")');
  await state(page, 'empty');
  await page.setInputFiles('label:has-text("Choose photo") input', photo);
  await state(page, 'done');
  const change = difference(await pixels(page, '.slider canvas.left'), await pixels(page, '.slider canvas:not(.left)'));
  check('a photo is painted with it', change.mean > 5, `mean difference ${change.mean.toFixed(1)}, ${await figure(page, 'Time')}, ${await figure(page, 'Model')}`);
  await page.goto(`${origin}/#/`);
  await page.waitForSelector('.card.stored');
  check('the gallery says that it is here', (await page.textContent('.card h2')) === 'Night sky');
  await shoot(page, shots, 'server-gallery', { looks: ['phone-light'] });
  check('no error on the page, no request to elsewhere', problems.length === 0, problems.join(' | '));
});
await browser.close();
await server.stop();
