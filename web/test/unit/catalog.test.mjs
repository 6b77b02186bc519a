// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { load } from './load.mjs';

const { groupStyles, smallest, webFiles } = await load('catalog');
const file = (precision, bytes, io = 'rgba', kind = 'onnx') => ({ name: precision, kind, io, precision, bytes });
const model = (id, style, parameters, created_at, files = [file('fp32', 800), file('int8', 200)]) =>
  ({ id, name: style.toUpperCase(), style, preset: id, parameters, created_at, files });

test('models with one slug are the sizes of one style, the largest first, the newest style first', () => {
  const styles = groupStyles([model('b', 'old', 100, '2026-01-01T00:00:00Z'), model('a', 'old', 900, '2026-01-02T00:00:00Z'), model('c', 'new', 5, '2026-02-01T00:00:00Z')]);
  assert.deepEqual(styles.map(({ slug, name, models }) => [slug, name, models.map(({ id }) => id)]), [['new', 'NEW', ['c']], ['old', 'OLD', ['a', 'b']]]);
});

test('only RGBA ONNX files of a known precision are for the page', () => {
  const mixed = model('a', 's', 1, '', [file('int8', 200), file('fp32', 800), file('fp32', 1, 'float'), file('int8-static', 1), file('fp16', 1, 'rgba', 'ptl')]);
  assert.deepEqual(webFiles(mixed).map(({ precision }) => precision), ['fp32', 'int8']);
  assert.equal(smallest(mixed).precision, 'int8');
});

test('a model without any such file is not shown', () => {
  assert.deepEqual(groupStyles([model('a', 's', 1, '', [file('fp32', 1, 'u8')])]), []);
});
