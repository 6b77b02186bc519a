// SPDX-License-Identifier: Apache-2.0
// An exported .onnx or .tflite file as a function from RGBA bytes to RGBA bytes, whichever kind it is.
import { existsSync, readFileSync } from 'node:fs';
import { RUNTIMES } from './runtimes.mjs';

/** The kinds of file, told apart by the input's type and shape. */
export function kindOf({ dtype, shape }) {
  if (dtype === 'float32' && shape.length === 4) return shape[3] === 3 ? 'floatNhwc' : 'float'; // RGB 0..1; NAME.tflite, NAME.onnx
  if (dtype === 'uint8' && shape.length === 4 && shape[3] === 3) return 'u8'; //                  RGB; NAME.u8.*
  if (dtype === 'uint8') return 'rgba'; //                                                        NAME.rgba.*: [H, W, 4], or with a batch
  throw new Error(`input ${dtype} [${shape.join(', ')}]: expected float32 or uint8, RGB or RGBA`);
}

/** Loads an exported file, and its manifest if that stands beside it. */
export async function openModel(path) {
  if (!existsSync(path)) throw Object.assign(new Error(`${path}: no such file`), { exitCode: 3 });
  const { open } = path.endsWith('.tflite') ? RUNTIMES.litert : RUNTIMES.node;
  const model = await open(path).catch((error) => {
    throw Object.assign(new Error(`${path}: not a usable model: ${firstLine(error)}`), { exitCode: 3 });
  });
  const manifest = existsSync(`${path}.json`) ? JSON.parse(readFileSync(`${path}.json`, 'utf8')) : {};
  return { model, kind: kindOf(model), minSide: manifest.input?.min_side ?? 1 };
}

/** picture: { data: RGBA bytes, width, height }. Returns a picture of the same size; its alpha is the input's. */
export async function stylize({ model, kind, minSide }, picture) {
  const { width, height } = picture;
  if (Math.min(width, height) < minSide)
    throw new Error(`${width}x${height}: this model takes sides of ${minSide} pixels or more`);
  const shape = { float: [1, 3, height, width], floatNhwc: [1, height, width, 3], u8: [1, height, width, 3],
                  rgba: model.shape.length === 3 ? [height, width, 4] : [1, height, width, 4] }[kind];
  const values = await model.run(toValues(kind, picture), shape);
  if (values.length === 0) throw new Error(`${width}x${height}: this model takes pictures of another size, [${model.shape.join(', ')}]`);
  return { data: fromValues(kind, values, picture), width, height };
}

/** Where channel c of pixel i is in the model's values. */
const places = (kind, pixels) => (kind === 'float' ? (i, c) => c * pixels + i : (i, c) => 3 * i + c);

function toValues(kind, { data, width, height }) {
  if (kind === 'rgba') return data;
  const pixels = width * height;
  const at = places(kind, pixels);
  const values = kind === 'u8' ? new Uint8Array(3 * pixels) : new Float32Array(3 * pixels);
  const scale = kind === 'u8' ? 1 : 255;
  for (let i = 0; i < pixels; ++i) for (let c = 0; c < 3; ++c) values[at(i, c)] = data[4 * i + c] / scale;
  return values;
}

function fromValues(kind, values, { data, width, height }) {
  if (kind === 'rgba') return values;
  const pixels = width * height;
  const at = places(kind, pixels);
  const rgba = Uint8Array.from(data);
  for (let i = 0; i < pixels; ++i)
    for (let c = 0; c < 3; ++c) {
      const value = values[at(i, c)];
      rgba[4 * i + c] = kind === 'u8' ? value : Math.floor(255 * Math.min(Math.max(value, 0), 1) + 0.5);
    }
  return rgba;
}

export function firstLine(error) {
  return String(error?.message ?? error).split('\n')[0];
}

/** Runs a program's main and turns what it throws into one line and an exit code. */
export async function runProgram(name, main) {
  try {
    await main();
  } catch (error) {
    console.error(`${name}: ${firstLine(error)}`);
    process.exitCode = error.exitCode ?? 1;
  }
}

/** Wrong usage: exit code 2, as the pocketstyle program has it. */
export class UsageError extends Error {
  exitCode = 2;
}
