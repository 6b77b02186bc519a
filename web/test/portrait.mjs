// SPDX-License-Identifier: Apache-2.0
// The README's picture of the app: it is used with real models, at both sizes, and put together in the browser.
//   node test/portrait.mjs APP MODELS PHOTO OUT.jpg          MODELS as test/double.mjs takes them; scripts/bench/app_picture.sh makes them
import { writeFileSync } from 'node:fs';
import { launch, openPage, SIZES, state } from './browser.mjs';
import { startDouble } from './double.mjs';

const [app, models, photo, out] = process.argv.slice(2);
if (out === undefined) {
  console.error('usage: node test/portrait.mjs APP MODELS PHOTO OUT.jpg');
  process.exit(2);
}
const double = await startDouble(app, models);
const browser = await launch();

/** A view as a data URL, twice as fine as it is shown. */
async function take(size, colorScheme, address, use) {
  const context = await browser.newContext({ viewport: SIZES[size], deviceScaleFactor: 2, colorScheme, hasTouch: size === 'phone', serviceWorkers: 'block' });
  const { page } = await openPage(context, double.origin);
  await page.goto(`${double.origin}/${address}`);
  await use(page);
  const picture = await page.screenshot();
  await context.close();
  return `data:image/png;base64,${picture.toString('base64')}`;
}

const gallery = (page) => page.waitForFunction(() => document.images.length > 2 && [...document.images].every(({ complete }) => complete));
async function stylize(page) {
  await state(page, 'empty');
  await page.setInputFiles('label:has-text("Choose photo") input', photo);
  await state(page, 'done');
}

const shots = {
  desktop: await take('desktop', 'light', '#/style/starry_night-bottleneck', stylize),
  gallery: await take('phone', 'light', '', gallery),
  stylize: await take('phone', 'dark', '#/style/starry_night-bottleneck', stylize),
};
const page = await browser.newPage({ viewport: { width: 1600, height: 860 } });
await page.setContent(`<style>
  body { margin: 0; width: 1600px; height: 860px; overflow: hidden; background: linear-gradient(160deg, #dfe5f4, #f3efe6); }
  img { position: absolute; display: block; border-radius: 22px; box-shadow: 0 2px 6px #0002, 0 18px 50px #1b2a5533; }
  .desktop { left: 36px; top: 60px; width: 1060px; border-radius: 14px; }
  .phone { width: 300px; outline: 7px solid #14161b; }
  .gallery { left: 938px; top: 196px; }
  .stylize { left: 1262px; top: 60px; }
</style>
<img class="desktop" src="${shots.desktop}"><img class="phone gallery" src="${shots.gallery}"><img class="phone stylize" src="${shots.stylize}">`);
await page.waitForFunction(() => [...document.images].every(({ complete }) => complete));
for (let quality = 88; quality >= 60; quality -= 4) {
  const picture = await page.screenshot({ type: 'jpeg', quality });
  writeFileSync(out, picture);
  if (picture.length < 250_000) break;
}
await browser.close();
await double.stop();
