// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { load } from './load.mjs';

const { mix, difference, median, fit } = await load('pixels');
const bytes = (...values) => new Uint8ClampedArray(values);
const luma = ([r, g, b]) => 0.299 * r + 0.587 * g + 0.114 * b;
const chroma = (p) => [p[2] - luma(p), p[0] - luma(p)];

test('strength 0 is the photo, 1 the styled picture, and between them it is a straight line', () => {
  const photo = bytes(10, 100, 200, 255, 0, 0, 0, 255), styled = bytes(110, 0, 100, 255, 255, 255, 255, 255);
  assert.deepEqual(mix(photo, styled, 0, false), photo);
  assert.deepEqual(mix(photo, styled, 1, false), styled);
  assert.deepEqual(mix(photo, styled, 0.25, false), bytes(35, 75, 175, 255, 64, 64, 64, 255));
});

test('kept colors: the luma is the styled one, the chroma the photo’s', () => {
  const photo = bytes(120, 90, 60, 255), styled = bytes(60, 140, 180, 255);
  const mixed = mix(photo, styled, 1, true);
  assert.ok(Math.abs(luma(mixed) - luma(styled)) <= 1);
  chroma(mixed).forEach((value, i) => assert.ok(Math.abs(value - chroma(photo)[i]) <= 1));
  assert.ok(Math.abs(luma(mix(photo, styled, 0.5, true)) - (luma(photo) + luma(styled)) / 2) <= 1);
});

test('kept colors stay within a byte', () => {
  assert.deepEqual(mix(bytes(250, 10, 10, 255), bytes(255, 255, 255, 255), 1, true).slice(0, 1), bytes(255));
});

test('difference: mean, largest and PSNR over R, G and B', () => {
  const a = bytes(0, 0, 0, 255, 100, 100, 100, 255), b = bytes(6, 0, 0, 0, 100, 100, 100, 0);
  const { mean, max, psnr_db } = difference(a, b);
  assert.equal(mean, 1);
  assert.equal(max, 6);
  assert.ok(Math.abs(psnr_db - 10 * Math.log10((255 * 255) / 6)) < 1e-9);
  assert.equal(difference(a, a).psnr_db, Infinity);
});

test('the median is in the middle', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([4, 1, 3, 2]), 2.5);
});

test('pictures are made smaller, never larger, never empty', () => {
  assert.deepEqual(fit(4000, 3000, 768), { width: 768, height: 576 });
  assert.deepEqual(fit(100, 50, 768), { width: 100, height: 50 });
  assert.deepEqual(fit(10000, 2, 256), { width: 256, height: 1 });
});
