// SPDX-License-Identifier: Apache-2.0
// An exported .onnx file as a function from RGBA bytes to RGBA bytes, whichever of the three kinds it is.
import { existsSync, readFileSync } from 'node:fs';
import ort from 'onnxruntime-node';

/** The kinds of file, told apart by the input's type and number of dimensions. */
export function kindOf({ type, shape }) {
  if (type === 'float32' && shape.length === 4) return 'float'; // NAME.onnx       [N, 3, H, W], RGB 0..1
  if (type === 'uint8' && shape.length === 4) return 'u8'; //      NAME.u8.onnx    [1, H, W, 3], RGB
  if (type === 'uint8' && shape.length === 3) return 'rgba'; //    NAME.rgba.onnx  [H, W, 4], RGBA
  throw new Error(`input ${type} [${shape.join(', ')}]: expected float32 NCHW, uint8 NHWC or uint8 RGBA`);
}

/** Loads an exported file, and its manifest if that stands beside it. */
export async function openModel(path) {
  if (!existsSync(path)) throw Object.assign(new Error(`${path}: no such file`), { exitCode: 3 });
  const session = await ort.InferenceSession.create(path).catch((error) => {
    throw Object.assign(new Error(`${path}: not a usable ONNX model: ${firstLine(error)}`), { exitCode: 3 });
  });
  const manifest = existsSync(`${path}.json`) ? JSON.parse(readFileSync(`${path}.json`, 'utf8')) : {};
  return { session, kind: kindOf(session.inputMetadata[0]), minSide: manifest.input?.min_side ?? 1 };
}

/** picture: { data: RGBA bytes, width, height }. Returns a picture of the same size; its alpha is the input's. */
export async function stylize({ session, kind, minSide }, picture) {
  const { width, height } = picture;
  if (Math.min(width, height) < minSide)
    throw new Error(`${width}x${height}: this model takes sides of ${minSide} pixels or more`);
  const outputs = await session.run({ [session.inputNames[0]]: toTensor(kind, picture) });
  const data = fromTensor(kind, outputs[session.outputNames[0]].data, picture);
  return { data, width, height };
}

function toTensor(kind, { data, width, height }) {
  const pixels = width * height;
  if (kind === 'rgba') return new ort.Tensor('uint8', data, [height, width, 4]);
  if (kind === 'u8') {
    const rgb = new Uint8Array(3 * pixels);
    for (let i = 0; i < pixels; ++i) rgb.set(data.subarray(4 * i, 4 * i + 3), 3 * i);
    return new ort.Tensor('uint8', rgb, [1, height, width, 3]);
  }
  const planes = new Float32Array(3 * pixels); // all of red, then green, then blue
  for (let c = 0; c < 3; ++c) for (let i = 0; i < pixels; ++i) planes[c * pixels + i] = data[4 * i + c] / 255;
  return new ort.Tensor('float32', planes, [1, 3, height, width]);
}

function fromTensor(kind, values, { data, width, height }) {
  if (kind === 'rgba') return values;
  const pixels = width * height;
  const rgba = Uint8Array.from(data);
  for (let i = 0; i < pixels; ++i)
    for (let c = 0; c < 3; ++c)
      rgba[4 * i + c] = kind === 'u8' ? values[3 * i + c] : Math.floor(255 * values[c * pixels + i] + 0.5);
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
