// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { load } from './load.mjs';

const { piecesOf, rangeHeader, isPiece, join } = await load('ranges');

test('pieces cover a file without gaps', () => {
  for (const [bytes, size] of [[1, 4], [4, 4], [5, 4], [1000, 256], [0, 4]]) {
    const pieces = piecesOf(bytes, size);
    let next = 0;
    for (const piece of pieces) {
      assert.equal(piece.first, next);
      assert.ok(piece.last - piece.first < size);
      next = piece.last + 1;
    }
    assert.equal(next, bytes);
  }
});

test('a piece is asked for, and known again, by its bytes', () => {
  const [, second] = piecesOf(10, 4);
  assert.equal(rangeHeader(second), 'bytes=4-7');
  assert.ok(isPiece('bytes 4-7/10', second, 10));
  for (const other of ['bytes 0-3/10', 'bytes 4-7/11', 'bytes 4-7/*', null]) assert.ok(!isPiece(other, second, 10));
});

test('joined pieces are the file; missing bytes are an error', () => {
  const file = Uint8Array.from({ length: 10 }, (_, i) => i * 7);
  const parts = piecesOf(10, 4).map(({ first, last }) => file.slice(first, last + 1));
  assert.deepEqual(join(parts, 10), file);
  assert.throws(() => join(parts.slice(1), 10), /6 bytes, not 10/);
});
