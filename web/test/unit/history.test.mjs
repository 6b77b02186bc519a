// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { load } from './load.mjs';

const { START, push, step, canStep, shownEntry } = await load('history');
const { EMPTY, arrange, hide, move, rename } = await load('shelf');
const { modelFor, qualities } = await load('catalog');
const entry = (strength, model = 'a') => ({ model, strength, keepColors: false, scale: 1 });

test('back and forward through looks; a new one takes the place of those that were undone', () => {
  let history = [1, 0.5, 0.2].reduce((all, strength) => push(all, entry(strength)), START);
  history = step(step(history, -1), -1);
  assert.equal(shownEntry(history).strength, 1);
  assert.ok(!canStep(history, -1) && canStep(history, 1));
  history = push(step(history, 1), entry(0.7));
  assert.deepEqual(history.entries.map(({ strength }) => strength), [1, 0.5, 0.7]);
  assert.ok(!canStep(history, 1));
});

test('the same look is not kept twice, and not more than fifty are kept', () => {
  const twice = push(push(START, entry(1)), entry(1));
  assert.equal(twice.entries.length, 1);
  const many = Array.from({ length: 80 }, (_, i) => entry(i / 100)).reduce(push, START);
  assert.deepEqual([many.entries.length, many.at, shownEntry(many).strength], [50, 49, 0.79]);
});

test('nothing to go back to at the start', () => {
  assert.ok(!canStep(START, -1) && !canStep(START, 1));
  assert.equal(shownEntry(step(START, -1)), undefined);
});

const styles = ['a', 'b', 'c'].map((slug) => ({ slug, name: slug.toUpperCase(), models: [] }));
const shown = (shelf) => arrange(styles, shelf).shown.map(({ slug }) => slug).join('');

test('styles move among those that are shown, and new ones come first', () => {
  const moved = move(EMPTY, ['a', 'b', 'c'], 'c', -1);
  assert.equal(shown(moved), 'acb');
  assert.equal(move(EMPTY, ['a', 'b'], 'a', -1), EMPTY);
  assert.equal(arrange([...styles, { slug: 'new', name: 'New', models: [] }], moved).shown[0].slug, 'new');
});

test('hidden styles are not shown, and keep their place', () => {
  const hidden = hide(move(EMPTY, ['a', 'b', 'c'], 'c', -1), 'c', true);
  assert.equal(shown(hidden), 'ab');
  assert.deepEqual(arrange(styles, hidden).hidden.map(({ slug }) => slug), ['c']);
  assert.equal(shown(hide(hidden, 'c', false)), 'acb');
});

test('a style has the name that it was given here, and its own again without one', () => {
  const named = rename(EMPTY, 'b', '  Waves ');
  assert.equal(arrange(styles, named).shown[1].name, 'Waves');
  assert.equal(arrange(styles, rename(named, 'b', ' ')).shown[1].name, 'B');
});

test('fast, balanced and best are the smallest, a middle and the largest network; fewer where there are fewer', () => {
  const style = (...ids) => ({ slug: 's', name: 'S', models: ids.map((id) => ({ id })) });
  assert.deepEqual(qualities(style('original', 'bottleneck', 'mini', 'micro')).map(({ value, model }) => [value, model.id]), [['fast', 'micro'], ['balanced', 'mini'], ['best', 'original']]);
  assert.deepEqual(qualities(style('large', 'small')).map(({ label, model }) => [label, model.id]), [['Fast', 'small'], ['Best', 'large']]);
  assert.equal(modelFor(style('only'), 'fast').id, 'only');
  assert.equal(modelFor(style('large', 'small'), 'best').id, 'large');
});
