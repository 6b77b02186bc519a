// SPDX-License-Identifier: Apache-2.0
// Builds the app into a folder, ready for `pocketstyle serve`:
//   npm run build [-- FOLDER]        default: dist/
// Everything comes from there: the app's own code, ONNX Runtime's WebAssembly. Names in assets/ carry a hash.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const target = resolve(process.argv[2] ?? join(here, 'dist'));
const folder = `${target}.new`; // takes the place of the old one when it is whole
const runtimes = join(here, 'node_modules/onnxruntime-web/dist');

const hashOf = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 10);

/** Copies a file of ONNX Runtime; its address in the app. */
function asset(name) {
  const bytes = readFileSync(join(runtimes, name));
  const type = extname(name);
  const path = `/assets/${basename(name, type)}-${hashOf(bytes)}${type}`;
  writeFileSync(join(folder, path), bytes);
  return path;
}

/** One bundle; its address in the app. */
async function bundle(entry, options = {}) {
  const { metafile } = await build({
    entryPoints: [join(here, entry)], outdir: folder, entryNames: 'assets/[name]-[hash]', metafile: true, bundle: true, minify: true,
    format: 'esm', target: 'es2022', logLevel: 'warning', absWorkingDir: here,
    // The runtime's loader stays a file of its own: its threads start from that file, not from the worker.
    conditions: ['onnxruntime-web-use-extern-wasm'],
    ...options,
  });
  const output = Object.keys(metafile.outputs).find((path) => metafile.outputs[path].entryPoint !== undefined);
  return `/${resolve(here, output).slice(folder.length + 1)}`;
}

/** The worker with one of ONNX Runtime's builds. */
function worker(name, module, provider, runtime) {
  const files = { mjs: asset(`${runtime}.mjs`), wasm: asset(`${runtime}.wasm`) };
  return bundle('src/runtime/worker.ts', {
    entryNames: `assets/worker-${name}-[hash]`,
    alias: { ort: `onnxruntime-web/${module}` },
    define: { PROVIDER: JSON.stringify(provider), RUNTIME_FILES: JSON.stringify(files) },
  });
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(join(folder, 'assets'), { recursive: true });
const mixer = await bundle('src/runtime/mixer.worker.ts', { entryNames: 'assets/mixer-[hash]' });
const workers = { wasm: await worker('wasm', 'wasm', 'wasm', 'ort-wasm-simd-threaded') };
const shell = readdirSync(join(folder, 'assets')).map((name) => `/assets/${name}`); // so far: what every device needs
workers.webgpu = await worker('webgpu', 'webgpu', 'webgpu', 'ort-wasm-simd-threaded.asyncify');
workers.webgpu_jspi = await worker('webgpu-jspi', 'jspi', 'webgpu', 'ort-wasm-simd-threaded.jspi');

const video = await bundle('src/video.ts'); // fetched when it is needed
const main = await bundle('src/main.ts', { define: { WORKERS: JSON.stringify(workers), MIXER: JSON.stringify(mixer), VIDEO: JSON.stringify(video) } });
const style = await bundle('src/css/app.css');
cpSync(join(here, 'static'), folder, { recursive: true });
const page = readFileSync(join(here, 'static/index.html'), 'utf8').replace('MAIN_JS', main).replace('STYLE_CSS', style);
writeFileSync(join(folder, 'index.html'), page);

const fixed = ['/manifest.webmanifest', ...readdirSync(join(folder, 'icons')).map((name) => `/icons/${name}`)];
const version = hashOf([page, ...shell, ...fixed.map((path) => hashOf(readFileSync(join(folder, path)))), readFileSync(join(here, 'src/sw.ts'))].join('\n'));
await bundle('src/sw.ts', {
  entryNames: '[name]',
  define: { PRECACHE: JSON.stringify(['/', main, style, ...shell, ...fixed]), VERSION: JSON.stringify(version) },
});

rmSync(target, { recursive: true, force: true });
renameSync(folder, target);
