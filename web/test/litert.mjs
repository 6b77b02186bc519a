// SPDX-License-Identifier: Apache-2.0
// Exported .tflite files of a fixed size in LiteRT.js in headless Chromium, on WebGPU (SwiftShader): whether the GPU takes
// the whole network, and how far its results are from the references of `pocketstyle export`; then a photo through shipped
// models in WebAssembly, compared with the program's pictures of it:
//   node test/litert.mjs LITERT MODELS REFERENCES PHOTO SHIPPED
// LITERT: node_modules/@litertjs. SHIPPED: NAME.tflite of PHOTO's size, and what the program makes of PHOTO, NAME.png.
// Files in fp32 and fp16 must run on the GPU as a whole. Exit code 1 if anything failed.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, normalize } from 'node:path';
import { check, decode, launch, openPage, run } from './browser.mjs';

const [litert, models, references, photoPath, shipped] = process.argv.slice(2);
if (shipped === undefined) {
  console.error('usage: node test/litert.mjs LITERT MODELS REFERENCES PHOTO SHIPPED');
  process.exit(2);
}
const TYPES = { html: 'text/html', js: 'text/javascript', wasm: 'application/wasm' };
const PAGE = `<!doctype html><title>LiteRT</title><link rel="icon" href="data:,"><script type="importmap">
{ "imports": { "@litertjs/wasm-utils": "/litert/wasm-utils/dist/index.js" } }</script>`;
const ROOTS = { litert, models, references, shipped };

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  const [, root, ...rest] = pathname.split('/');
  const path = root === '' ? undefined : join(ROOTS[root] ?? '/nowhere', normalize(rest.join('/')));
  if (path !== undefined && !existsSync(path)) return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': TYPES[path === undefined ? 'html' : path.split('.').pop()] ?? 'application/octet-stream' });
  response.end(path === undefined ? PAGE : readFileSync(path));
});
await new Promise((done) => server.listen(0, 'localhost', done));
const origin = `http://localhost:${server.address().port}`;

// These run in the page.

async function load() {
  const { loadLiteRt } = await import('/litert/core/dist/index.js');
  await loadLiteRt('/litert/core/wasm/', { jspi: true });
}

/** The first case of each model, at the GPU's full precision. */
async function runOnGpu(cases) {
  const { loadAndCompile, Tensor } = await import('/litert/core/dist/index.js');
  const read = async (name) => (await fetch(name)).arrayBuffer();
  const results = [];
  for (const { case: name, model: file, dtype, shape } of cases) {
    const array = dtype === 'uint8' ? Uint8Array : Float32Array;
    const model = await loadAndCompile(new Uint8Array(await read(`/models/${file}`)), { accelerator: 'webgpu', gpuOptions: { precision: 'fp32' } });
    const input = new Tensor(new array(await read(`/references/${name}.in.bin`)), shape);
    const [output] = await model.run(input);
    const found = await output.data();
    const expected = new array(await read(`/references/${name}.out.bin`));
    let max = found.length === expected.length ? 0 : Infinity;
    for (let i = 0; i < expected.length; ++i) max = Math.max(max, Math.abs(found[i] - expected[i]));
    results.push({ file, max, whole: model.isFullyAccelerated });
    model.delete();
  }
  return results;
}

/** A picture's bytes, RGBA, through a model in WebAssembly; alpha is copied. */
async function stylize({ file, width, height, rgba }) {
  const { loadAndCompile, Tensor } = await import('/litert/core/dist/index.js');
  const model = await loadAndCompile(new Uint8Array(await (await fetch(file)).arrayBuffer()), { accelerator: 'wasm' });
  const rgb = rgba.filter((_, i) => i % 4 < 3);
  const [output] = await model.run(new Tensor(Float32Array.from(rgb, (value) => value / 255), [1, height, width, 3]));
  const styled = await output.data();
  model.delete();
  return rgba.map((alpha, i) => (i % 4 === 3 ? alpha : Math.floor(255 * styled[3 * (i >> 2) + (i % 4)] + 0.5)));
}

const browser = await launch({ gpu: true });
await run(async () => {
  const { page } = await openPage(await browser.newContext(), origin);
  await page.goto(origin);
  await page.evaluate(load);
  const { cases } = JSON.parse(readFileSync(join(references, 'index.json'), 'utf8'));
  const chosen = cases.filter(({ model }, i) => model.endsWith('.tflite') && cases.findIndex((c) => c.model === model) === i);
  check('there are models', chosen.length > 0);
  const tolerances = new Map(chosen.map((c) => [c.model, c.tolerance]));
  for (const { file, max, whole } of await page.evaluate(runOnGpu, chosen)) {
    const forGpu = !/\.int8\./.test(file);
    if (forGpu) check(`${file}: the GPU takes the whole network`, whole);
    check(`${file}: as the references${forGpu ? '' : `, ${whole ? 'all' : 'not all'} of it on the GPU`}`, max <= tolerances.get(file), max.toExponential(1));
  }

  const { width, height, data: rgba } = await decode(page, photoPath);
  const files = readdirSync(shipped).filter((name) => name.endsWith('.tflite'));
  check('there are shipped models', files.length > 0);
  for (const file of files) {
    const styled = await page.evaluate(stylize, { file: `/shipped/${file}`, width, height, rgba: Array.from(rgba) });
    const wanted = await decode(page, join(shipped, file.replace('.tflite', '.png')));
    const max = styled.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted.data[i])), styled.length === wanted.data.length ? 0 : 255);
    check(`${file}: a photo as the program stylises it`, max <= 1, `${max} of 255`);
  }
});
await browser.close();
server.close();
