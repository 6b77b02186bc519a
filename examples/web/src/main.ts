// SPDX-License-Identifier: Apache-2.0
// The page: a photo or the camera's frames go to the worker, the styled picture is laid over the original.
import type { Picture, Reply, Request } from './messages';

function element<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

const original = element<HTMLCanvasElement>('original');
const styled = element<HTMLCanvasElement>('styled');
const originalContext = original.getContext('2d', { willReadFrequently: true })!;
const styledContext = styled.getContext('2d')!;
const cameraButton = element<HTMLButtonElement>('camera');
const saveButton = element<HTMLButtonElement>('save');
const sideChoice = element<HTMLSelectElement>('side');

/** What the page does now; also for style.css and for tests. */
function setState(state: 'empty' | 'loading' | 'busy' | 'live' | 'done' | 'failed', status = ''): void {
  document.body.dataset.state = state;
  element('status').textContent = status;
}

function showError(text: string): void {
  element('error').textContent = text;
  element('error').hidden = text === '';
}

function fail(error: unknown): void {
  setState('failed');
  showError(error instanceof Error ? error.message : String(error));
}

// ---- the worker: one request at a time ------------------------------------------------------------------------------

const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
let last: Promise<unknown> = Promise.resolve();

function ask(request: Request, transfer: Transferable[]): Promise<Reply> {
  const reply = last.then(
    () =>
      new Promise<Reply>((resolve, reject) => {
        worker.onmessage = ({ data }: MessageEvent<Reply>) =>
          data.kind === 'failed' ? reject(new Error(data.message)) : resolve(data);
        worker.onerror = (event) => reject(new Error(event.message || 'the worker could not start'));
        worker.postMessage(request, transfer);
      }),
  );
  last = reply.catch(() => undefined);
  return reply;
}

// ---- the model ------------------------------------------------------------------------------------------------------

const MODEL = 'model.rgba.onnx'; // where build.mjs puts it
let modelReady = false;
let threads = 1;
const onThreads = () => `${threads} ${threads === 1 ? 'thread' : 'threads'}`;

async function openModel(bytes: ArrayBuffer, name: string): Promise<void> {
  setState('loading', 'Loading the model …');
  showError('');
  const reply = await ask({ kind: 'load', model: bytes }, [bytes]);
  if (reply.kind === 'loaded') threads = reply.threads;
  modelReady = true;
  element('model-name').textContent = name.replace(/\.rgba\.onnx$/, '');
}

async function openShippedModel(): Promise<void> {
  setState('loading', 'Loading the model …');
  const response = await fetch(MODEL);
  if (!response.ok) {
    setState('empty', 'Open a model first: an exported NAME.rgba.onnx.');
    return;
  }
  const manifest = await fetch(`${MODEL}.json`);
  const file: unknown = manifest.ok ? (await manifest.json()).file : MODEL;
  await openModel(await response.arrayBuffer(), String(file));
  setState('empty', `Ready, ${onThreads()}.`);
}

// ---- pictures -------------------------------------------------------------------------------------------------------

/** Draws a photo or a camera frame on the left canvas, no larger than chosen and never enlarged. */
function drawOriginal(source: CanvasImageSource, width: number, height: number): void {
  const scale = Math.min(1, Number(sideChoice.value) / Math.max(width, height));
  const [w, h] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  if (original.width !== w || original.height !== h) {
    for (const canvas of [original, styled]) Object.assign(canvas, { width: w, height: h });
    element('compare').style.setProperty('--ratio', String(w / h));
  }
  originalContext.imageSmoothingQuality = 'high';
  originalContext.drawImage(source, 0, 0, w, h);
  element('compare').hidden = false;
  element('invitation').hidden = true;
}

let turn = 0; // goes up when another photo or the camera takes over; a result of an earlier turn is dropped

/** The left canvas through the model onto the right one. The milliseconds that it took; undefined if it was dropped. */
async function stylizeOriginal(): Promise<number | undefined> {
  const mine = turn;
  const image = originalContext.getImageData(0, 0, original.width, original.height);
  const picture: Picture = { data: image.data.buffer, width: image.width, height: image.height };
  const reply = await ask({ kind: 'stylize', picture }, [picture.data]);
  if (reply.kind !== 'styled') throw new Error('unexpected reply');
  if (turn !== mine) return undefined;
  const { data, width, height } = reply.picture;
  styledContext.putImageData(new ImageData(new Uint8ClampedArray(data), width, height), 0, 0);
  saveButton.disabled = false;
  element('size').textContent = `${width} × ${height}`;
  element('time').textContent = `${reply.milliseconds.toFixed(0)} ms`;
  return reply.milliseconds;
}

let photo: ImageBitmap | undefined;

async function showPhoto(): Promise<void> {
  if (photo === undefined) return;
  ++turn;
  drawOriginal(photo, photo.width, photo.height);
  if (!modelReady) return setState('empty', 'Open a model first: an exported NAME.rgba.onnx.');
  styledContext.drawImage(original, 0, 0); // seen until the result is there
  setState('busy', 'Painting …');
  showError('');
  element('rate').textContent = '–';
  const milliseconds = await stylizeOriginal();
  if (milliseconds !== undefined) setState('done', `Done in ${milliseconds.toFixed(0)} ms on ${onThreads()}.`);
}

async function choosePhoto(file: File | undefined): Promise<void> {
  if (file === undefined) return;
  stopCamera();
  const next = await createImageBitmap(file).catch(() => {
    throw new Error(`${file.name}: not a picture that this browser reads`);
  });
  photo?.close();
  photo = next;
  await showPhoto();
}

// ---- the camera -----------------------------------------------------------------------------------------------------

let camera: MediaStream | undefined;

function stopCamera(): void {
  camera?.getTracks().forEach((track) => track.stop());
  camera = undefined;
  cameraButton.setAttribute('aria-pressed', 'false');
  cameraButton.textContent = 'Use camera';
}

async function runCamera(): Promise<void> {
  if (!modelReady) throw new Error('open a model first: an exported NAME.rgba.onnx');
  if (navigator.mediaDevices === undefined) throw new Error('the camera needs https, or this machine itself (localhost)');
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } }).catch((error) => {
    throw new Error(`no camera: ${error instanceof Error ? error.message : error}`);
  });
  camera = stream;
  cameraButton.setAttribute('aria-pressed', 'true');
  cameraButton.textContent = 'Stop camera';
  showError('');
  const video = document.createElement('video');
  video.srcObject = stream;
  video.playsInline = true;
  video.muted = true;
  await video.play();

  ++turn;
  photo?.close();
  photo = undefined;
  setState('live', `Live on ${onThreads()}.`);
  let rate = 0;
  while (camera === stream) {
    const start = performance.now();
    drawOriginal(video, video.videoWidth, video.videoHeight);
    if ((await stylizeOriginal()) === undefined) break;
    await new Promise(requestAnimationFrame); // also waits while the page is hidden
    const now = 1000 / (performance.now() - start);
    rate = rate === 0 ? now : 0.8 * rate + 0.2 * now;
    element('rate').textContent = rate.toFixed(1);
  }
  video.srcObject = null;
  if (document.body.dataset.state === 'live') setState('done', 'Camera stopped.');
}

// ---- controls -------------------------------------------------------------------------------------------------------

element<HTMLInputElement>('photo').addEventListener('change', (event) => {
  const input = event.target as HTMLInputElement;
  choosePhoto(input.files?.[0]).catch(fail);
  input.value = ''; // so that the same photo can be chosen again
});

element<HTMLInputElement>('model').addEventListener('change', async (event) => {
  const input = event.target as HTMLInputElement;
  const file = input.files?.[0];
  if (file === undefined) return;
  try {
    await openModel(await file.arrayBuffer(), file.name);
    if (camera) setState('live', `Live on ${onThreads()}.`);
    else if (photo) await showPhoto();
    else setState('empty', 'Ready.');
  } catch (error) {
    fail(error);
  }
  input.value = '';
});

cameraButton.addEventListener('click', () => {
  if (camera) return stopCamera();
  runCamera().catch((error) => {
    stopCamera();
    fail(error);
  });
});

sideChoice.addEventListener('change', () => void showPhoto().catch(fail)); // the camera's next frame follows by itself

saveButton.addEventListener('click', () =>
  styled.toBlob((blob) => {
    if (blob === null) return fail('the picture could not be made into a file');
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = 'styled.png';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }, 'image/png'),
);

element<HTMLInputElement>('split').addEventListener('input', (event) => {
  element('compare').style.setProperty('--split', `${(event.target as HTMLInputElement).value}%`);
});

const stage = element('stage');
stage.addEventListener('dragover', (event) => {
  event.preventDefault();
  stage.classList.add('dropping');
});
stage.addEventListener('dragleave', () => stage.classList.remove('dropping'));
stage.addEventListener('drop', (event) => {
  event.preventDefault();
  stage.classList.remove('dropping');
  choosePhoto(event.dataTransfer?.files[0]).catch(fail);
});

openShippedModel().catch(fail);
