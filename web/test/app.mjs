// SPDX-License-Identifier: Apache-2.0
// Uses the built app as a person would, in headless Chromium, on a stand-in server with real models:
//   node test/app.mjs APP MODELS PHOTO REFERENCE SCREENSHOTS [STEP]      only this step
// MODELS as test/double.mjs takes them. REFERENCE: what PHOTO (no side above 768), must become in fp32 by starry_night-mini.
// Exit code 1 if anything failed.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny';
import { check, decode, difference, eventually, figure, launch, layoutShift, openPage, pixels, run, shoot, SIZES, smaller, state, tabStops, TIMEOUT } from './browser.mjs';
import { startDouble } from './double.mjs';

const [app, models, photo, reference, shots, how] = process.argv.slice(2);
const STEPS = { fullSize, thereAndBack, otherWaysIn, videos, manage, compareSizes, train, share };
if (how !== undefined && STEPS[how] === undefined) {
  console.error(`${how}: no such step; expected one of ${Object.keys(STEPS).join(', ')}`);
  process.exit(2);
}
if (shots === undefined) {
  console.error('usage: node test/app.mjs APP MODELS PHOTO REFERENCE SCREENSHOTS [STEP]');
  process.exit(2);
}
const original = '.slider canvas.left', styled = '.slider canvas:not(.left)';
const file = 'label:has-text("Choose photo") input';
const pick = (page, group, label) => page.locator(`fieldset:has(legend:text-is("${group}")) label:has(b:text-is("${label}"))`).click();
const photoSide = 'label:has-text("Preview, longest side") select', fileType = 'label:has-text("File type") select';
const strength = '.strength:not(.brush) input', brush = '.brush input';
const openAdvanced = (page) => page.evaluate(() => { document.querySelector('details.advanced').open = true; });
/** Waits until the picture is mixed like this, beside the page. */
const mixed = (page, share, keep = false) => page.waitForSelector(`.stage[data-look="${share} ${keep}"]`);
const settled = (page) => page.waitForSelector('.stylize[data-state]:not([data-state=loading])');
/** Waits until what `action` changes is painted and mixed. */
async function repainted(page, action) {
  await page.evaluate(() => { delete document.querySelector('.stage').dataset.look; });
  await action();
  await page.waitForSelector('.stage[data-look]');
  await state(page, 'done');
}
/** Does `action`, and waits for the state that comes after others; each time the view enters one counts, however short it is. */
async function enters(page, name, action) {
  await page.evaluate(() => {
    const view = document.querySelector('.view');
    window.entered = [];
    new MutationObserver(() => window.entered.push(view.dataset.state)).observe(view, { attributeFilter: ['data-state'] });
  });
  await action();
  await page.waitForFunction((name) => window.entered.at(-1) === name, name, { timeout: TIMEOUT });
}

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
  await page.click('button:has-text("Try again")');
  await state(page, 'empty');
  await eventually('trying again is a button', () => page.isHidden('button:has-text("Try again")'));
  const ranges = double.log.filter(({ path }) => path.includes('/files/')).map(({ range }) => range);
  check('it goes on where it was', ranges[0] === `bytes=${3 * 262144}-${4 * 262144 - 1}`, ranges[0]);
  const kept = () => page.evaluate(async () => (await (await caches.open('models')).keys()).map(({ url }) => new URL(url).pathname).filter((path) => path.startsWith('/stored/')));
  await eventually('the pieces became one file', async () => { const files = await kept(); return files.length === 1 && files[0].split('/').length === 3; }, async () => (await kept()).join(' '));
}

async function stylizePhoto(page) {
  await page.click('.card[data-style=starry_night] .pictures');
  await state(page, 'empty');
  check('the gallery opens the balanced quality', /mini$/.test(page.url()), page.url());
  check('the runtime uses threads', /^WASM, [2-9] threads$/.test(await figure(page, 'Runtime')), await figure(page, 'Runtime'));
  await page.reload();
  await state(page, 'empty');
  const shift = await layoutShift(page);
  check('nothing moves while a style opens', shift < 0.02, shift.toFixed(4));
  await openAdvanced(page);
  const stops = await tabStops(page, 24);
  const wanted = ['All styles', 'Choose photo', 'Live camera', 'Strength', 'Brush size', 'Keep', 'Balanced', 'Advanced'];
  check('the keyboard reaches the controls', [...wanted, 'int8', 'Runs on', 'File type'].every((name) => stops.some((stop) => stop.includes(name))), stops.join(' | '));
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
  await page.fill(strength, '0');
  await mixed(page, 0);
  check('strength 0 is the photo', difference(await pixels(page, styled), source).max === 0);
  await page.fill(strength, '50');
  await mixed(page, 0.5);
  const half = await pixels(page, styled);
  check('strength 50 is in the middle', half.data.every((value, i) => Math.abs(value - (source.data[i] + full.data[i]) / 2) <= 1));
  await page.fill(strength, '100');
  await page.locator('.switch').click();
  await mixed(page, 1, true);
  const kept = await pixels(page, styled);
  let inside = 0, off = 0;
  for (let i = 0; i < kept.data.length; i += 4)
    if ([0, 1, 2].every((c) => kept.data[i + c] > 0 && kept.data[i + c] < 255)) {
      ++inside;
      if (Math.abs(luma(kept, i) - luma(full, i)) > 1 || Math.abs(kept.data[i] - luma(kept, i) - (source.data[i] - luma(source, i))) > 1.5) ++off;
    }
  check('kept colors are styled luma with the photo’s chroma', inside > 1000 && off === 0, `${off} of ${inside} pixels are not`);
  check('the network did not run for that', (await figure(page, 'Time')) === time);

  await page.selectOption(fileType, 'image/png');
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('.save-bar button:has-text("Save")')]);
  const saved = await decode(page, await download.path());
  check('the saved file is what is shown', difference(saved, kept).max === 0, download.suggestedFilename());
  await page.selectOption(fileType, 'image/jpeg');
  await page.click('.save-bar button:has-text("Share")');
  await page.waitForFunction(() => window.shared !== undefined);
  check('share hands over a JPEG', /^image\/jpeg .*\.jpg$/.test(await page.evaluate(() => window.shared)), await page.evaluate(() => window.shared));
  await page.locator('.switch').click();
  await mixed(page, 1);

  await page.focus('.slider input');
  for (let i = 0; i < 10; ++i) await page.keyboard.press('ArrowRight');
  await eventually('the slider follows the keyboard', async () => (await page.inputValue('.slider input')) === '60');
}

/** A photo larger than its preview, saved at its own size: in strips, the same as in one piece. */
async function fullSize(page) {
  await openAdvanced(page);
  await page.selectOption(photoSide, '256');
  await page.waitForFunction(() => document.querySelector('[data-figure="Picture"] dd').textContent.startsWith('256') && document.querySelector('.view').dataset.state === 'done');
  const offered = await page.textContent('.save-bar option:checked');
  const source = await decode(page, photo);
  check('the photo’s own size is what is saved, and it says how long that takes', offered.startsWith(`Full size, ${source.width} × ${source.height}, about `), offered);
  await page.selectOption(fileType, 'image/png');
  const download = page.waitForEvent('download');
  await page.click('.save-bar button:has-text("Save")');
  await page.waitForSelector('.save-busy button:has-text("Cancel")');
  check('saving can be cancelled', true);
  const error = difference(await decode(page, await (await download).path()), await decode(page, reference));
  check('the file in strips is what the network makes of the whole photo, within 2 levels', error.max <= 2, `max ${error.max}, mean ${error.mean.toFixed(4)}, ${await page.textContent('[role=status]')}`);
  await state(page, 'done');
  await page.click('.save-bar button:has-text("Save")');
  await state(page, 'saving');
  await page.click('.save-busy button');
  await state(page, 'done');
  await eventually('after Cancel the picture is there again', () => page.isVisible('.save-bar button:has-text("Save")'));
  await page.selectOption(fileType, 'image/jpeg');
}

/** Undo and redo, another style with the same settings, and everything again after a reload. */
async function thereAndBack(page) {
  const undo = 'button[aria-label=Undo]', redo = 'button[aria-label=Redo]';
  await page.fill(strength, '40');
  await page.dispatchEvent(strength, 'change');
  await mixed(page, 0.4);
  await page.fill(brush, '2');
  await repainted(page, () => page.dispatchEvent(brush, 'change'));
  await mixed(page, 0.4);
  const large = await pixels(page, styled);
  await repainted(page, () => page.click(undo));
  await page.waitForFunction(() => document.querySelector('.brush input').value === '0');
  await mixed(page, 0.4);
  check('undo goes back to finer strokes, and keeps the rest', (await page.inputValue(strength)) === '40' && difference(large, await pixels(page, styled)).mean > 1);
  await page.click(undo);
  await mixed(page, 1);
  await page.click(redo);
  await mixed(page, 0.4);
  await eventually('redo goes forward', async () => (await page.inputValue(strength)) === '40');
  await page.reload();
  await state(page, 'done');
  await mixed(page, 0.4);
  await eventually('photo, look and the way back are there after a reload', async () => !(await page.isDisabled(undo)) && (await page.inputValue(strength)) === '40');

  await page.waitForFunction(() => document.querySelectorAll('.strip-item').length > 1 && [...document.querySelectorAll('.strip-item')].every((each) => each.classList.contains('made')));
  const other = page.locator('.strip-item:not([aria-pressed="true"])').first();
  const name = await other.textContent();
  await other.click();
  await page.waitForFunction((wanted) => document.querySelector('h1').textContent === wanted && document.querySelector('.view').dataset.state === 'done', name);
  await mixed(page, 0.4);
  check('the photo is there in every style, and a tap opens one with the same settings', (await page.inputValue(strength)) === '40', name);
  await page.click(undo);
  await page.waitForFunction((other) => document.querySelector('h1').textContent !== other && document.querySelector('.view').dataset.state === 'done', name);
  check('undo goes back to the style before', /starry_night/.test(page.url()), page.url());
  await page.fill(strength, '100');
  await page.dispatchEvent(strength, 'change');
  await mixed(page, 1);

  await page.click('button[aria-label="Full screen"]');
  const box = await page.locator('.viewer canvas').boundingBox();
  const hold = page.locator('.viewer button:has-text("Hold to see the photo")');
  const painted = await pixels(page, '.viewer canvas');
  await hold.dispatchEvent('pointerdown');
  const seenPhoto = await pixels(page, original);
  await eventually('holding shows the photo', async () => difference(await pixels(page, '.viewer canvas'), seenPhoto).max === 0);
  await hold.dispatchEvent('pointerup');
  await eventually('letting go shows the painted picture', async () => difference(await pixels(page, '.viewer canvas'), painted).max === 0);
  const pinch = (spread) => page.evaluate((spread) => {
    const stage = document.querySelector('.viewer-stage');
    stage.setPointerCapture = () => undefined;
    const send = (type, id, x) => stage.dispatchEvent(new PointerEvent(type, { pointerId: id, clientX: x, clientY: 300, bubbles: true }));
    send('pointerdown', 1, 150), send('pointerdown', 2, 200);
    send('pointermove', 2, 150 + spread);
    send('pointerup', 1, 150), send('pointerup', 2, 150 + spread);
  }, spread);
  await pinch(150);
  const zoomed = async () => (await page.locator('.viewer canvas').boundingBox()).width;
  await eventually('two fingers zoom', async () => Math.abs((await zoomed()) / box.width - 3) < 0.1, async () => `${box.width} to ${await zoomed()} px`);
  const seen = await page.locator('.viewer-stage').boundingBox(), at = await page.locator('.viewer canvas').boundingBox();
  check('the picture stays on the screen', at.y + at.height > seen.height / 2 && at.y < seen.height / 2, `${at.y} to ${at.y + at.height} of ${seen.height}`);
  await shoot(page, shots, 'full-screen', { looks: ['phone-dark', 'sideways-light'] });
  await page.keyboard.press('Escape');
  await eventually('Escape closes it', async () => (await page.locator('.viewer').count()) === 0);
}

/** A clip of a moving colour with a tone, made in the browser; WebM, as MediaRecorder writes it. */
const clip = (page, seconds) => page.evaluate(async (seconds) => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 96, height: 64 }), context = canvas.getContext('2d');
  const audio = new AudioContext(), tone = audio.createOscillator(), sink = audio.createMediaStreamDestination();
  tone.connect(sink), tone.start();
  const stream = canvas.captureStream(10);
  stream.addTrack(sink.stream.getAudioTracks()[0]);
  const recorder = new MediaRecorder(stream, { mimeType: 'video/webm;codecs=vp8,opus' }), parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  recorder.start();
  const begin = performance.now();
  while (performance.now() - begin < 1000 * seconds) {
    const share = (performance.now() - begin) / 1000 / seconds;
    context.fillStyle = `hsl(${360 * share} 80% 50%)`;
    context.fillRect(0, 0, 96, 64);
    context.fillStyle = '#fff';
    context.fillRect(90 * share, 20, 6, 24);
    await new Promise((done) => setTimeout(done, 50));
  }
  await new Promise((done) => { recorder.onstop = done; recorder.stop(); });
  audio.close();
  return Array.from(new Uint8Array(await new Blob(parts).arrayBuffer()));
}, seconds);

async function tracksOf(bytes) {
  const input = new Input({ source: new BufferSource(bytes), formats: ALL_FORMATS });
  const [video, audio] = [await input.getPrimaryVideoTrack(), await input.getPrimaryAudioTrack()];
  const times = [];
  if (video) for await (const { timestamp } of new EncodedPacketSink(video).packets()) times.push(timestamp.toFixed(3));
  const frames = times.length;
  return { frames, times: times.join(' '), width: video && await video.getDisplayWidth(), codec: video && await video.getCodec(), sound: audio && await audio.getCodec(), seconds: await input.computeDuration() };
}

async function videos(page) {
  const picker = 'label.file:has-text("Video") input';
  const bytes = Buffer.from(await clip(page, 1.5)), before = await tracksOf(bytes);
  const [download] = await Promise.all([page.waitForEvent('download'), page.setInputFiles(picker, { name: 'clip.webm', mimeType: 'video/webm', buffer: bytes })]);
  const after = await tracksOf(readFileSync(await download.path()));
  // What MediaRecorder writes has no duration for its last frame, which is left out.
  check('a video is painted frame by frame, as long as it was', before.frames > 3 && after.frames >= before.frames - 1 && before.times.startsWith(after.times) && after.width === 96 && Math.abs(after.seconds - before.seconds) < 0.2,
        `${JSON.stringify(before)} became ${JSON.stringify(after)}, ${download.suggestedFilename()}`);
  await eventually('it keeps its sound', async () => after.sound !== null && /with its sound/.test(await page.textContent('[role=status]')), () => page.textContent('[role=status]'));
  await state(page, 'done');
  await page.setInputFiles(picker, { name: 'clip.mp4', mimeType: 'video/mp4', buffer: Buffer.from('no video') });
  await state(page, 'failed');
  check('a file that is no video is refused', /not a video/.test(await page.textContent('[role=alert]')), await page.textContent('[role=alert]'));
  await page.evaluate(() => { window.kept = window.VideoEncoder; delete window.VideoEncoder; });
  await page.setInputFiles(picker, { name: 'clip.webm', mimeType: 'video/webm', buffer: bytes });
  await page.waitForFunction(() => /WebCodecs/.test(document.querySelector('[role=alert]').textContent));
  await eventually('where videos cannot be written it says why', async () => (await page.getAttribute('.view', 'data-state')) === 'failed');
  await page.evaluate(() => { window.VideoEncoder = window.kept; });
}

/** From another app's share sheet: the browser posts a form, which the service worker takes. */
async function share(page, double) {
  await page.goto(`${double.origin}/#/`);
  await page.waitForSelector('.card[data-style]');
  await page.evaluate(async (bytes) => {
    const form = Object.assign(document.createElement('form'), { method: 'POST', action: '/share-target', enctype: 'multipart/form-data' });
    const input = Object.assign(document.createElement('input'), { type: 'file', name: 'photo' });
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(bytes)], 'shared.jpg', { type: 'image/jpeg' }));
    input.files = transfer.files;
    form.append(input);
    document.body.append(form);
    form.submit();
  }, [...readFileSync(photo)]);
  await page.waitForSelector('.photo-chip canvas');
  check('a photo from another app waits for a style', /#\/$/.test(page.url()) && !double.log.some(({ path }) => path === '/share-target'), page.url());
  await page.click('.card[data-style=starry_night] .pictures');
  await state(page, 'done');
  await openAdvanced(page);
  await page.selectOption(photoSide, '768'); // steps before this one have chosen less, and settings stay
  await page.waitForFunction(() => document.querySelector('[data-figure="Picture"] dd').textContent.startsWith('720') && document.querySelector('.view').dataset.state === 'done');
  check('and is painted in the one that is chosen', difference(await pixels(page, original), await decode(page, photo)).max === 0);
}

/** Names, order and hidden styles, each with a way back. */
async function manage(page, double) {
  const names = () => page.locator('.card[data-style] h2').allTextContents();
  const item = async (style, label) => {
    await page.click(`button[aria-label="More about ${style}"]`);
    await page.click(`.sheet-item:has-text("${label}")`);
  };
  await page.goto(`${double.origin}/#/`);
  await page.waitForSelector('.card[data-style]');
  const before = await names();
  const [first, second] = before;
  await page.click(`button[aria-label="More about ${first}"]`);
  await shoot(page, shots, 'style-menu', { looks: ['phone-light', 'desktop-dark'] });
  await page.fill('.sheet input', 'My favourite');
  await page.click('.sheet-form button');
  await eventually('a style gets another name', async () => (await names())[0] === 'My favourite', async () => (await names()).join(', '));
  await page.click('.snack button:has-text("Undo")');
  await eventually('undo gives the old one back', async () => (await names())[0] === first);
  await item(second, 'Move forward');
  await eventually('styles can be put in another order', async () => (await names())[0] === second);
  await item(second, 'Hide');
  await eventually('a hidden style is not there', async () => !(await names()).includes(second));
  await page.reload();
  await page.waitForSelector('.card[data-style]');
  check('nor after a reload', !(await names()).includes(second));
  await page.click('.hidden-styles summary');
  await page.click(`.hidden-styles li:has-text("${second}") button`);
  await eventually('and can be shown again', async () => (await names()).includes(second));
  await page.click('.card.stored button[aria-label^="More about"]');
  await page.click('.sheet-item:has-text("Remove from this device")');
  const stored = () => page.evaluate(async () => (await (await caches.open('models')).keys()).filter(({ url }) => url.includes('/stored/')).length);
  const kept = await stored();
  await page.click('.snack button:has-text("Undo")');
  check('removing from the device can be undone', kept > 0 && (await stored()) === kept, `${kept} files`);
  await page.evaluate(() => localStorage.removeItem('pocketstyle.shelf'));
}

async function otherWaysIn(page) {
  await openAdvanced(page);
  await page.selectOption(photoSide, '256');
  await page.waitForFunction(() => document.querySelector('[data-figure="Picture"] dd').textContent.startsWith('256') && document.querySelector('.view').dataset.state === 'done');
  await pick(page, 'Network', 'original');
  await page.selectOption(photoSide, '768');
  await state(page, 'busy');
  await pick(page, 'Network', 'mini');
  await page.selectOption(photoSide, '256');
  await page.waitForFunction(() => document.querySelector('[data-figure="Picture"] dd').textContent.startsWith('256') && document.querySelector('.view').dataset.state === 'done');
  await eventually('what takes long is given up for what is wanted now', async () => /200 k/.test(await figure(page, 'Model')) && (await page.textContent('[role=alert]')) === '');
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
  await eventually('the camera goes on', async () => difference(first, await pixels(page, styled)).mean > 0, () => figure(page, 'Time'));
  await shoot(page, shots, 'camera', { looks: ['phone-dark'] });
  await page.click('button:has-text("Live camera")');
  await state(page, 'done');
  await eventually('the camera stops', async () => (await page.getAttribute('button:has-text("Live camera")', 'aria-pressed')) === 'false');
}

async function compareSizes(page, double) {
  await page.goto(`${double.origin}/#/compare/starry_night`);
  await page.waitForSelector('.segments');
  await page.setInputFiles(file, photo);
  await page.selectOption('label:has-text("Longest side") select', '256');
  await page.locator('fieldset:has(legend:text-is("Networks")) label:has(b:text-is("mini"))').click();
  await page.click('button:has-text("Compare")');
  await state(page, 'done');
  const rows = await page.locator('tbody tr').allTextContents();
  check('three networks are compared', rows.length === 3 && rows.slice(1).every((row) => /\d+ m?s.*kB.*\d+\.\d$/.test(row)), rows.join(' | '));
  await page.waitForFunction(() => { const { top } = document.querySelector('.results').getBoundingClientRect(); return top >= 0 && top < innerHeight / 2; });
  check('the results come into view', true);
  check('their pictures differ', difference(await pixels(page, original), await pixels(page, styled)).mean > 1);
  await shoot(page, shots, 'compare');
}

async function train(page, double) {
  await page.goto(`${double.origin}/#/train`);
  await page.waitForSelector('.job-form');
  await page.fill('[name=token]', 'wrong');
  await page.click('button:has-text("Unlock")');
  await page.waitForFunction(() => /does not accept/.test(document.querySelector('.token').textContent));
  await eventually('a wrong token is refused', () => page.isDisabled('button:has-text("Start training")'));
  await page.fill('[name=token]', 'secret');
  await page.click('button:has-text("Unlock")');
  await page.waitForSelector('.unlocked');
  await page.setInputFiles('.job-form input[type=file]', photo);
  await page.fill('[name=name]', 'Skyline');
  await page.fill('input[aria-label^="Zoom of"]', '2');
  await page.focus('input[aria-label^="Zoom of"]');
  await page.keyboard.press('ArrowDown');
  await eventually('the style picture is cropped with the keyboard', () => page.evaluate(() => getComputedStyle(document.querySelector('.drop-picture')).getPropertyValue('--y').startsWith('-')));
  await page.evaluate(() => sessionStorage.setItem('pocketstyle.token', 'old'));
  await page.click('button:has-text("Start training")');
  await page.waitForFunction(() => /no longer accepts/.test(document.querySelector('.token').textContent));
  await eventually('a token that does not hold any more is asked for again', () => page.isDisabled('button:has-text("Start training")'));
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
  await page.evaluate(() => {
    window.told = [];
    Notification.requestPermission = async () => 'granted';
    Object.defineProperty(Notification, 'permission', { get: () => 'granted' });
    ServiceWorkerRegistration.prototype.showNotification = async (title) => void window.told.push(title);
  });
  await page.click('button:has-text("Resume")');
  await state(page, 'training');
  await page.click('button:has-text("Tell me when it is done")');
  await page.waitForFunction((old) => document.querySelector('[data-figure="Step"] dd').textContent !== old, step);
  await shoot(page, shots, 'job');
  await page.waitForSelector('.view[data-state="done"]');
  await page.waitForFunction(() => window.told.length > 0);
  check('a notification says that it is done', (await page.evaluate(() => window.told.join())) === 'Skyline is ready', await page.evaluate(() => window.told.join()));
  check('the losses are there', /Total loss: .* at step 300/.test(await page.getAttribute('.chart', 'aria-label')), await page.getAttribute('.chart', 'aria-label'));
  await page.waitForSelector('.file-list[open] .failed');
  const files = await page.textContent('.file-list');
  check('a file that could not be made says why, beside those that are there', /1 could not be made/.test(files) && /differs by 3\.1 levels/.test(files) && (await page.locator('.file-list a').count()) > 0, files);
  await shoot(page, shots, 'job-done', { looks: ['narrow-light', 'phone-dark', 'desktop-light'] });
  const sent = await page.evaluate(async (url) => { const bitmap = await createImageBitmap(await (await fetch(url)).blob()); return `${bitmap.width}x${bitmap.height}`; }, await page.getAttribute('.job-pictures img', 'src'));
  const whole = await decode(page, photo);
  check('only the part that shows was sent', sent === `${whole.width / 2}x${whole.height / 2}`, sent);
  await page.click('.actions button:has-text("Delete")');
  check('deleting says that the style stays', /stays in the gallery/.test(await page.textContent('.sheet')));
  await page.click('.sheet button:has-text("Keep it")');
  await page.goto(`${double.origin}/#/jobs/nothing`);
  await page.waitForSelector('.missing');
  check('a training that is not there has a page that says so', /not here/.test(await page.textContent('h1')));
  await shoot(page, shots, 'missing', { looks: ['phone-light'] });
  await page.goBack();
  await page.click('a:has-text("Use it")');
  await page.waitForSelector('.stylize[data-state="done"]'); // the job's own view says done too
  check('what was trained can be used, with the photo that was there', (await page.textContent('h1')) === 'Skyline');
  check('the token is kept in this tab only', await page.evaluate(() => sessionStorage.length === 1 && !JSON.stringify(localStorage).includes('secret')));
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
  const here = await page.locator('.card[data-style]').allTextContents();
  check('offline, the gallery shows what is on the device', here.length > 0 && here.every((text) => /Available offline/.test(text)), here.join(' | '));
  await shoot(page, shots, 'offline', { looks: ['phone-light'] });
  await page.click('.card[data-style=starry_night] .pictures');
  await settled(page);
  await page.setInputFiles(file, photo);
  await state(page, 'done');
  check('offline, a photo is painted', difference(await pixels(page, original), await pixels(page, styled)).mean > 5);
  await page.evaluate(async () => { for (const { url } of await (await caches.open('models')).keys()) if (url.includes('/stored/')) await (await caches.open('models')).delete(url); });
  await page.goto('about:blank');
  await page.goto(`${double.origin}/#/style/starry_night-mini`);
  await state(page, 'failed');
  check('what is not here and cannot be fetched says so at once', /not on this device/.test(await page.textContent('[role=alert]')), await page.textContent('[role=alert]'));
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
  await openAdvanced(page);
  await enters(page, 'done', () => page.selectOption('label:has-text("Runs on") select', 'webgpu'));
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
  if (how === undefined) {
    await plainHttp(double);
    await badGpu(browser, double);
    await webGpu(double);
  }
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
  if (how !== undefined) {
    await page.goto(`${double.origin}/#/style/starry_night-mini`);
    await state(page, 'empty');
    await openAdvanced(page);
    await pick(page, 'Precision of the weights', 'fp32');
    await settled(page);
    await page.setInputFiles(file, photo);
    await state(page, 'done');
    await STEPS[how](page, double);
    return check('no error on the page, no request to elsewhere', problems.every((text) => /401|404/.test(text)), problems.join(' | '));
  }
  await brokenDownload(page, double);
  problems.length = 0; // the browser names the connections that were cut
  await page.goto(double.origin);
  await page.waitForSelector('.card[data-style]');
  const shift = await layoutShift(page);
  check('nothing moves while the gallery opens', shift < 0.02, shift.toFixed(4));
  await stylizePhoto(page);
  await looks(page);
  await fullSize(page);
  await thereAndBack(page);
  await otherWaysIn(page);
  await videos(page);
  await manage(page, double);
  await share(page, double);
  await compareSizes(page, double);
  await train(page, double);
  problems.splice(0, problems.length, ...problems.filter((text) => !/401|404/.test(text))); // the wrong token, and the training that is not there
  await newVersion(page, folder, double.origin);
  check('no error on the page, no request to elsewhere', problems.length === 0, problems.join(' | '));
  await offline(page, double);
});
await browser.close();
await double.stop().catch(() => undefined);
rmSync(folder, { recursive: true, force: true });
