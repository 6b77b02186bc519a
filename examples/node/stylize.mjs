// SPDX-License-Identifier: Apache-2.0
// A photo in a trained style, with an exported .onnx file, or a .tflite file of the photo's size:
//   node stylize.mjs MODEL IN.jpg OUT.png [--max-side N]
// Exit codes: 0 done, 1 the work failed, 2 wrong usage, 3 missing or unusable data.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { firstLine, openModel, runProgram, stylize, UsageError } from './model.mjs';

const USAGE = 'usage: node stylize.mjs MODEL IN.jpg OUT.png [--max-side N]';

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { 'max-side': { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help) return { help: true };
    const maxSide = values['max-side'] === undefined ? Infinity : Number(values['max-side']);
    if (positionals.length !== 3) throw new Error(USAGE);
    if (!(maxSide >= 1)) throw new Error(`--max-side ${values['max-side']}: expected a number of pixels`);
    return { model: positionals[0], input: positionals[1], output: positionals[2], maxSide };
  } catch (error) {
    throw new UsageError(firstLine(error));
  }
}

/** The photo upright, in sRGB, as RGBA bytes, scaled down so that neither side is above maxSide. */
async function readPicture(path, maxSide) {
  if (!existsSync(path)) throw Object.assign(new Error(`${path}: no such file`), { exitCode: 3 });
  let photo = sharp(path).autoOrient().toColourspace('srgb').ensureAlpha();
  if (maxSide !== Infinity) photo = photo.resize(maxSide, maxSide, { fit: 'inside', withoutEnlargement: true });
  const { data, info } = await photo.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true }).catch((error) => {
    throw Object.assign(new Error(`${path}: not a readable picture: ${firstLine(error)}`), { exitCode: 3 });
  });
  return { data, width: info.width, height: info.height };
}

await runProgram('stylize', async () => {
  const { help, model: modelPath, input, output, maxSide } = readArguments();
  if (help) return console.log(USAGE);
  if (resolve(input) === resolve(output)) throw new UsageError(`${output}: would overwrite the photo`);
  if (!/\.(png|jpe?g|webp)$/i.test(output)) throw new UsageError(`${output}: expected a name in .png, .jpg or .webp`);
  const model = await openModel(modelPath);
  const picture = await readPicture(input, maxSide);

  const start = performance.now();
  const styled = await stylize(model, picture);
  const milliseconds = performance.now() - start;

  const { data, width, height } = styled;
  await sharp(data, { raw: { width, height, channels: 4 } }).toFile(output);
  console.log(`${output}: ${width}x${height}, ${model.kind} model, ${milliseconds.toFixed(0)} ms`);
});
