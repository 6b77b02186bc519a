// SPDX-License-Identifier: Apache-2.0
// Builds the page into dist/, ready for any web server:
//   npm run build -- [path/to/NAME.rgba.onnx]
// Everything is served from dist/: the page's own code, ONNX Runtime's WebAssembly, the model and its manifest.
import { build } from 'esbuild';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const model = process.argv[2];
if (model !== undefined && !existsSync(model)) {
  console.error(`build: ${model}: no such file`);
  process.exit(3);
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
for (const name of ['index.html', 'style.css', 'icon.svg']) cpSync(join(here, name), join(dist, name));

await build({
  entryPoints: [join(here, 'src/main.ts'), join(here, 'src/worker.ts')],
  outdir: dist,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  // The runtime's loader stays a file of its own: its threads start from that file, not from worker.js.
  conditions: ['onnxruntime-web-use-extern-wasm'],
  logLevel: 'warning',
});
const runtime = join(here, 'node_modules/onnxruntime-web/dist');
for (const name of ['ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'])
  cpSync(join(runtime, name), join(dist, name));

if (model !== undefined) {
  cpSync(model, join(dist, 'model.rgba.onnx'));
  if (existsSync(`${model}.json`)) cpSync(`${model}.json`, join(dist, 'model.rgba.onnx.json'));
}
console.log(`dist/ is ready${model === undefined ? ', without a model: the page asks for one' : ` with ${basename(model)}`}`);
