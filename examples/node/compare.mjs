// SPDX-License-Identifier: Apache-2.0
// Compares two pictures: node compare.mjs A.png B.png [LARGEST]
// Prints the largest difference at any value, 0..255, and the PSNR. Exit codes: 0 within LARGEST (default 0), 1 the
// work failed, 2 wrong usage, 4 another size or a larger difference.
import sharp from 'sharp';
import { runProgram, UsageError } from './model.mjs';

const read = (path) => sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true });

await runProgram('compare', async () => {
  const [first, second, largest = '0', ...rest] = process.argv.slice(2);
  if (!second || rest.length > 0 || !(Number(largest) >= 0)) throw new UsageError('usage: node compare.mjs A.png B.png [LARGEST]');
  const [a, b] = [await read(first), await read(second)];
  if (a.info.width !== b.info.width || a.info.height !== b.info.height)
    throw Object.assign(new Error(`${a.info.width}x${a.info.height} against ${b.info.width}x${b.info.height}`), { exitCode: 4 });
  let max = 0;
  let squared = 0;
  for (let i = 0; i < a.data.length; ++i) {
    const difference = Math.abs(a.data[i] - b.data[i]);
    max = Math.max(max, difference);
    squared += difference * difference;
  }
  const psnr = 10 * Math.log10((255 * 255 * a.data.length) / squared);
  console.log(`largest difference ${max} of 255, PSNR ${psnr.toFixed(1)} dB`);
  if (max > Number(largest)) process.exitCode = 4;
});
