// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { load } from './load.mjs';

const { planOf, stepsOf, stripsOf, mostKept, levelSize, totalWork, wholeWork } = await load('full/plan');
const { Blocks, KeptLevel } = await load('full/kept');
const { Moments } = await load('full/paint');
const { layersOf, sideAt } = await load('full/network');
const { readOnnx, writeOnnx, halfOf, floats, integers } = await load('onnx/model');
const { secondsFor } = await load('full/estimate');
const { networkSize } = await load('full/file');

/** A network of the usual form: down to a quarter, residual blocks, and up again. */
const layer = (channels, out, kernel, stride, level, more = {}) =>
  ({ in: channels, out, kernel, stride, groups: 1, level, norm: {}, relu: true, doubles: false, beginsBlock: false, endsBlock: false, ...more });
const network = (blocks) => [
  layer(3, 8, 5, 1, 0), layer(8, 16, 3, 2, 1), layer(16, 32, 3, 2, 2),
  ...Array.from({ length: blocks }, () => [layer(32, 32, 3, 1, 2, { beginsBlock: true }), layer(32, 32, 3, 1, 2, { endsBlock: true, relu: false })]).flat(),
  layer(32, 16, 3, 1, 1, { doubles: true }), layer(16, 8, 3, 1, 0, { doubles: true }), layer(8, 3, 5, 1, 0, { norm: undefined }),
];
const size = { width: 203, height: 157 }; // odd at every level

test('with room for everything each layer is computed once, except those of full size that others read', () => {
  const layers = network(2), passes = planOf(layers, size, 1e9, 1e9);
  const computed = passes.flatMap(({ chain }) => chain).sort((a, b) => a - b);
  const again = layers.flatMap(({ level, norm }, i) => (level === 0 && norm ? [i, i] : [i]));
  assert.deepEqual(computed, again);
  assert.equal(passes.filter(({ purpose }) => purpose === 'sum').length, 2);
  assert.equal(passes.at(-1).purpose, 'paint');
  assert.ok(totalWork(passes, layers, size) >= wholeWork(layers, size));
});

test('what is kept stays within the room, down to the trunk alone, and every norm is measured once', () => {
  const layers = network(3), trunk = levelSize(layers[2], size);
  for (const room of [trunk, 1.5 * trunk, 2 * trunk, 5 * trunk, 100 * trunk]) {
    const passes = planOf(layers, size, room, 2000);
    assert.ok(mostKept(passes, layers, size) <= room, `room ${room / trunk}`);
    const measured = passes.filter(({ purpose }) => purpose === 'keep' || purpose === 'measure').map((pass) => pass.layer);
    assert.deepEqual(measured, layers.slice(0, -1).map((_, i) => i));
  }
});

test('a strip reads the rows that its kernels reach, and mirrors only at the picture’s edges', () => {
  const layers = network(1), height = sideAt(size.height, 2);
  for (const rows of [1, 3, 16, height]) {
    const pass = { layer: 2, chain: [0, 1, 2], rows };
    for (const [first, end] of stripsOf(pass, layers, size)) {
      const steps = stepsOf(layers, pass.chain, size, first, end);
      assert.ok(steps[0].first >= 0 && steps[0].end <= size.height);
      // From below: rows that come out of each layer are those that the next one reads.
      steps.forEach((step, i) => {
        const each = layers[i], padded = step.count + step.top + step.bottom;
        const out = Math.floor((padded - each.kernel) / each.stride) + 1;
        const next = steps[i + 1];
        assert.equal(out, next ? next.end - next.first : end - first);
        assert.ok(step.top === 0 || step.first === 0);
        assert.ok(step.bottom === 0 || step.end === sideAt(size.height, each.level - (each.stride - 1)));
        assert.ok(step.top < step.count && step.bottom < step.count, 'there is enough to mirror');
      });
    }
  }
});

test('doubling reads half the rows, and cuts what is too much', () => {
  const layers = network(0), [step] = stepsOf(layers, [4], size, 7, 12);
  assert.deepEqual(step, { first: 3, end: 7, cut: 0, count: 7, top: 0, bottom: 0 });
  const [odd] = stepsOf(layers, [4], size, 8, 12);
  assert.deepEqual([odd.first, odd.end, odd.cut, odd.count], [3, 7, 1, 6]);
});

test('kept rows come back as they went in, and blocks are used again', () => {
  const pool = new Blocks(2 * 5 * 3), kept = new KeptLevel(pool, 2, 5); // three rows to a block
  const row = (y) => [0, 1].map((c) => Array.from({ length: 5 }, (_, x) => 1000 * c + 10 * y + x));
  const rows = (first, end) => Uint16Array.from([0, 1].flatMap((c) => Array.from({ length: end - first }, (_, i) => row(first + i)[c]).flat()));
  kept.append(rows(0, 4));
  kept.append(rows(4, 5));
  kept.append(rows(5, 11));
  assert.deepEqual(kept.read(2, 9), rows(2, 9));
  assert.equal(pool.made, 4);
  kept.giveBack(7);
  assert.deepEqual(kept.read(6, 11), rows(6, 11));
  assert.throws(() => kept.read(5, 7), /given back/);
  const other = new KeptLevel(pool, 2, 5);
  other.append(rows(0, 6));
  assert.equal(pool.made, 4);
});

test('moments of strips are those of the whole', () => {
  const values = Array.from({ length: 100 }, (_, i) => 1e4 + Math.sin(i) * (i % 7));
  const moments = new Moments(1);
  for (const [first, end] of [[0, 1], [1, 40], [40, 41], [41, 100]]) {
    const part = values.slice(first, end), mean = part.reduce((a, b) => a + b) / part.length;
    moments.add(part.length, [mean], [part.reduce((sum, value) => sum + (value - mean) ** 2, 0)]);
  }
  const mean = values.reduce((a, b) => a + b) / 100, variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 100;
  const found = moments.get();
  assert.ok(Math.abs(found.mean[0] - mean) < 1e-2 && Math.abs(found.variance[0] / variance - 1) < 1e-6);
});

test('half precision: the values of IEEE 754', () => {
  assert.deepEqual([0x3c00, 0xc000, 0x7bff, 0x0001, 0x8000, 0x3555].map(halfOf), [1, -2, 65504, 2 ** -24, -0, 0.333251953125]);
  assert.equal(halfOf(0x7c00), Infinity);
});

/** The file that `pocketstyle export` writes for a network with one block, in small. */
function file() {
  const tensors = new Map([['padding', integers([0, 0, 1, 1, 0, 0, 1, 1])]]);
  const nodes = [];
  const node = (op, inputs, output, attributes = {}) => nodes.push({ op, inputs, output, attributes });
  const conv = (name, input, out, channels, kernel, stride) => {
    tensors.set(`${name}_weight`, floats(Float32Array.from({ length: out * channels * kernel * kernel }, (_, i) => i % 5), [out, channels, kernel, kernel]));
    if (kernel > 1) node('Pad', [input, 'padding'], `${input}_pad`, { mode: 'reflect' });
    node('Conv', [kernel > 1 ? `${input}_pad` : input, `${name}_weight`], name, { strides: [stride, stride], kernel_shape: [kernel, kernel] });
  };
  const norm = (name, channels) => {
    tensors.set(`${name}_in_weight`, floats(new Float32Array(channels).fill(2), [channels]));
    tensors.set(`${name}_in_bias`, floats(new Float32Array(channels).fill(-1), [channels]));
    node('InstanceNormalization', [name, `${name}_in_weight`, `${name}_in_bias`], `${name}_in`, { epsilon: { real: 1e-5 } });
  };
  conv('a', 'x', 4, 3, 3, 2), norm('a', 4), node('Relu', ['a_in'], 'a_relu');
  conv('b', 'a_relu', 4, 4, 1, 1), norm('b', 4), node('Add', ['a_relu', 'b_in'], 'sum');
  node('Resize', ['sum'], 'doubled'), node('Slice', ['doubled'], 'up');
  conv('c', 'up', 3, 4, 3, 1);
  return { nodes, tensors, inputs: [], outputs: [] };
}

test('a network’s layers are found again in its file', () => {
  const bytes = writeOnnx(file());
  const layers = layersOf(bytes);
  assert.deepEqual(layers.map(({ in: channels, out, kernel, stride, level, relu, doubles, beginsBlock, endsBlock }) => [channels, out, kernel, stride, level, relu, doubles, beginsBlock, endsBlock]),
    [[3, 4, 3, 2, 1, true, false, false, false], [4, 4, 1, 1, 1, false, false, true, true], [4, 3, 3, 1, 0, false, true, false, false]]);
  assert.equal(layers[0].norm.weight[3], 2);
  assert.ok(Math.abs(layers[0].norm.eps - 1e-5) < 1e-9);
  assert.equal(layers[2].weight[6], 1);
  assert.equal(layers[2].norm, undefined);
});

test('a file that is something else, or ends too early, is refused in one line', () => {
  const bytes = writeOnnx(file());
  assert.throws(() => layersOf(bytes.subarray(0, 200)), /not an ONNX file/);
  assert.throws(() => layersOf(new Uint8Array(0)), /not a style network/);
  const { nodes, tensors } = readOnnx(bytes);
  assert.throws(() => layersOf(writeOnnx({ nodes: nodes.filter(({ op }) => op !== 'InstanceNormalization'), tensors, inputs: [], outputs: [] })), /not a style network/);
});

test('a larger picture takes longer, in proportion to its work', () => {
  const layers = network(2), small = { width: 400, height: 300 };
  const seconds = secondsFor(layers, { width: 4000, height: 3000 }, small, 100);
  assert.ok(seconds > 10 && seconds < 60, String(seconds));
});

test('larger strokes: the network sees a smaller picture, but not too small a one', () => {
  assert.deepEqual(networkSize({ width: 4000, height: 3000 }, 1), { width: 4000, height: 3000 });
  assert.deepEqual(networkSize({ width: 4000, height: 3000 }, 2), { width: 2000, height: 1500 });
  assert.deepEqual(networkSize({ width: 60, height: 40 }, 4), { width: 36, height: 24 });
  assert.deepEqual(networkSize({ width: 12, height: 10 }, 4), { width: 12, height: 10 });
});
