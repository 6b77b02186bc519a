// SPDX-License-Identifier: Apache-2.0
// The page of `pocketstyle report --compare` in headless Chromium, opened as a file: node test/report.mjs REPORT
// Exit code 1 if anything failed.
import { pathToFileURL } from 'node:url';
import { check, launch, openPage, run, SIZES } from './browser.mjs';

const [report] = process.argv.slice(2);
if (report === undefined) {
  console.error('usage: node test/report.mjs REPORT');
  process.exit(2);
}

/** Where the divider is, in percent of the picture's width, and what a screen reader hears of it. */
const divider = (page) =>
  page.evaluate(() => {
    const stage = document.querySelector('.stage');
    return { at: parseFloat(getComputedStyle(stage).getPropertyValue('--at')), text: stage.querySelector('input').getAttribute('aria-valuetext') };
  });

const browser = await launch();
await run(async () => {
  const context = await browser.newContext({ viewport: SIZES.desktop, colorScheme: 'light' });
  const { page, problems } = await openPage(context, 'null');
  await page.goto(pathToFileURL(report).href);
  await page.waitForSelector('.viewer:not([hidden])');
  check('the slider begins in the middle', (await divider(page)).at === 50);
  await page.locator('.stage').scrollIntoViewIfNeeded();
  const before = await page.locator('.stage').screenshot();

  await page.focus('.stage input');
  for (let i = 0; i < 20; ++i) await page.keyboard.press('ArrowRight');
  const keyed = await divider(page);
  check('the keyboard moves it', keyed.at === 70, JSON.stringify(keyed));
  check('a screen reader hears how much of which', /^70% .+, 30% .+$/.test(keyed.text), keyed.text);
  check('the pictures follow', !before.equals(await page.locator('.stage').screenshot()));

  const { x, y, width, height } = await page.locator('.stage').boundingBox();
  await page.mouse.move(x + width * 0.7, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.2, y + height / 2, { steps: 5 });
  await page.mouse.up();
  const dragged = await divider(page);
  check('the mouse drags it', Math.abs(dragged.at - 20) < 8, JSON.stringify(dragged));

  const source = await page.getAttribute('.stage img.left', 'src');
  await page.selectOption('.viewer select[data-side=left]', { index: 0 });
  check('another picture can be chosen for a side', (await page.getAttribute('.stage img.left', 'src')) !== source);
  if ((await page.locator('.thumbs label').count()) > 1) {
    const shown = await page.getAttribute('.stage img.left', 'src');
    await page.locator('.thumbs label').nth(1).click();
    check('another photo can be chosen', (await page.getAttribute('.stage img.left', 'src')) !== shown);
  }
  check('nothing is wider than the page on a phone', await page.setViewportSize(SIZES.phone).then(() =>
    page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth)));
  await page.emulateMedia({ media: 'print' });
  check('paper gets the pictures, not the slider', !(await page.locator('.viewer').isVisible()) && (await page.locator('.gallery img').first().isVisible()));
  check('no error on the page, no request to elsewhere', problems.length === 0, problems.join(' | '));
});
await browser.close();
