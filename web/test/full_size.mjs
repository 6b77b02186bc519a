// SPDX-License-Identifier: Apache-2.0
// A large photo saved at its full size in headless Chromium: its time, the memory that it takes, and how it differs from what
// `pocketstyle stylize` makes of the same photo with the same file.
//   node test/full_size.mjs POCKETSTYLE APP MODELS MODEL PHOTO WORK [WIDTHxHEIGHT]
// MODELS as test/double.mjs takes them; MODEL: one of its folders; PHOTO is enlarged. Exit code 1 if anything failed.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, launch, launchProfile, openPage, run, SIZES, state } from './browser.mjs';
import { startDouble } from './double.mjs';

const [pocketstyle, app, models, model, photo, work, size = '4000x3000'] = process.argv.slice(2);
if (work === undefined) {
  console.error('usage: node test/full_size.mjs POCKETSTYLE APP MODELS MODEL PHOTO WORK [WIDTHxHEIGHT]');
  process.exit(2);
}
const [width, height] = size.split('x').map(Number);
const MOST_MB = 600, MOST_LEVELS = 2, LONG = 60 * 60_000;

/** The renderers of a browser, by process: memory that is only theirs, plus their share of what they share, in MB. */
function renderers(parent) {
  const found = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer') || !descends(pid, parent)) continue;
      found.push({ pid, pss: Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]) / 1024 });
    } catch {
      // it ended meanwhile
    }
  return found;
}
function descends(pid, parent) {
  for (; Number(pid) > 1; pid = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) if (pid === String(parent)) return true;
  return false;
}

mkdirSync(work, { recursive: true });
const large = join(work, 'large.png');
const double = await startDouble(app, models);
const browser = await launch();
await run(async () => {
  const page = await (await browser.newContext()).newPage();
  const made = await page.evaluate(async ({ text, width, height }) => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))]));
    const canvas = new OffscreenCanvas(width, height), context = canvas.getContext('2d');
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, 0, 0, width, height);
    const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
    let out = '';
    for (let i = 0; i < bytes.length; i += 32768) out += String.fromCharCode(...bytes.subarray(i, i + 32768));
    return btoa(out);
  }, { text: readFileSync(photo).toString('base64'), width, height });
  writeFileSync(large, Buffer.from(made, 'base64'));
  await page.close();

  rmSync(join(work, 'profile'), { recursive: true, force: true });
  const context = await launchProfile(join(work, 'profile'), { viewport: SIZES.phone, acceptDownloads: true, serviceWorkers: 'block' });
  const opened = await openPage(context, double.origin), view = opened.page;
  await view.goto(`${double.origin}/#/style/${model}`);
  await state(view, 'empty');
  await view.setInputFiles('label:has-text("Choose photo") input', large);
  await state(view, 'done');
  await view.click('.advanced summary');
  await view.selectOption('label:has-text("File type") select', 'image/png');
  const offered = await view.textContent('.save-bar option:checked');
  check('the photo’s own size is what is saved, and it says how long that takes', new RegExp(`^Full size, ${width} × ${height}, about \\d`).test(offered), offered);
  await view.waitForTimeout(3000);

  let most = 0, disk = 0;
  const before = Math.max(...renderers(process.pid).map(({ pss }) => pss));
  const watch = setInterval(() => { most = Math.max(most, ...renderers(process.pid).map(({ pss }) => pss)); }, 250);
  const onDisk = () => view.evaluate(async () => {
    let sum = 0;
    for await (const [name, handle] of (await navigator.storage.getDirectory()).entries()) if (name.startsWith('scratch-')) sum += (await handle.getFile()).size;
    return sum / 1e6;
  });
  const shares = [];
  const begin = Date.now();
  const download = view.waitForEvent('download', { timeout: LONG });
  await view.click('.save-bar button:has-text("Save")');
  await state(view, 'saving');
  const hear = setInterval(() => void view.textContent('.save-busy span').then(async (text) => {
    shares.push(text);
    disk = Math.max(disk, await onDisk());
  }).catch(() => undefined), 2000);
  const file = await download;
  clearInterval(hear);
  clearInterval(watch);
  const seconds = (Date.now() - begin) / 1000;
  const saved = join(work, 'saved.png');
  await file.saveAs(saved);
  check('it says how far it is', shares.some((text) => /: [1-9]\d?%, .* left$/.test(text)), shares.filter((text, i) => text !== shares[i - 1]).slice(0, 6).join(' | '));
  check(`it takes less than ${MOST_MB} MB`, most > 0 && most < MOST_MB, `${Math.round(most)} MB at most, ${Math.round(before)} MB before, ${Math.round(disk)} MB on the disk, ${seconds.toFixed(0)} s`);
  check('nothing stays on the disk', (await onDisk()) === 0);
  await context.close();
  check('no error on the page', opened.problems.length === 0, opened.problems.join(' | '));

  const expected = join(work, 'expected.png');
  const onnx = readdirSync(join(models, model)).filter((name) => name.endsWith('.rgba.onnx')).sort((a, b) => readFileSync(join(models, model, a)).length - readFileSync(join(models, model, b)).length)[0];
  execFileSync(pocketstyle, ['stylize', join(models, model, onnx), large, '-o', expected], { stdio: 'inherit' });
  const other = await (await browser.newContext()).newPage();
  await other.goto('about:blank');
  // Compared in the browser: pictures of this size do not fit through the debugger as numbers.
  const load = (path) => readFileSync(path).toString('base64');
  const difference = await other.evaluate(async (texts) => {
    const [a, b] = await Promise.all(texts.map(async (text) => {
      const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))]));
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d', { willReadFrequently: true });
      context.drawImage(bitmap, 0, 0);
      return context.getImageData(0, 0, bitmap.width, bitmap.height);
    }));
    let max = 0, sum = 0;
    for (let i = 0; i < a.data.length; ++i) {
      const d = Math.abs(a.data[i] - b.data[i]);
      if (d > max) max = d;
      sum += d;
    }
    return { max: a.width === b.width && a.height === b.height ? max : Infinity, mean: sum / a.data.length, size: `${a.width}x${a.height}` };
  }, [load(saved), load(expected)]);
  check(`it is what pocketstyle stylize makes, within ${MOST_LEVELS} levels`, difference.max <= MOST_LEVELS, `max ${difference.max}, mean ${difference.mean.toFixed(4)}, ${difference.size}`);
});
await browser.close();
await double.stop();
