// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { load } from './load.mjs';

const { bytesText, countText, durationText, millisecondsText } = await load('format');
const { lengthText, stateText } = await load('parts/job_words');
const { logTicks, scaleOf, thin } = await load('scale');

test('sizes, counts and times are short', () => {
  assert.deepEqual([12, 227_400, 6_700_000, 26_800_000].map(bytesText), ['12 B', '227 kB', '6.7 MB', '27 MB']);
  assert.deepEqual([12, 200_475, 1_677_635].map(countText), ['12', '200 k', '1.68 M']);
  assert.deepEqual([45, 720, 11_100].map(durationText), ['45 s', '12 min', '3 h 05 min']);
  assert.deepEqual([83.4, 12_340].map(millisecondsText), ['83 ms', '12.3 s']);
});

test('a training has a time, or a number of steps', () => {
  assert.deepEqual([lengthText(5, 0), lengthText(1, 0), lengthText(0.5, 0), lengthText(null, 600)], ['5 minutes', '1 minute', '0.5 minutes', '600 steps']);
  const told = stateText({ state: 'training', eta_s: 300, queue_position: null });
  assert.match(told, /^Training, 5 min left, until \d\d?[:.]\d\d/);
});

test('a logarithmic axis has powers of ten, and more if these are few', () => {
  assert.deepEqual(logTicks(50, 2e5), [100, 1000, 10000, 100000]);
  assert.deepEqual(logTicks(3, 60), [5, 10, 20, 50]);
});

test('scales are straight lines, also downwards and of one value', () => {
  assert.equal(scaleOf(0, 10, 100, 0)(2.5), 75);
  assert.equal(scaleOf(3, 3, 0, 100)(3), 50);
});

test('thinned points keep both ends', () => {
  const points = Array.from({ length: 1000 }, (_, i) => i), few = thin(points, 10);
  assert.deepEqual([few.length, few[0], few.at(-1)], [10, 0, 999]);
  assert.equal(thin(points, 2000), points);
});
