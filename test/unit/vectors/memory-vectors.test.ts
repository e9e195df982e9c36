import { memoryVectors, type Neighbour, type VectorStore } from 'managed-llm';
import { manualClock } from 'managed-llm/testing';
import { expect, test } from 'vitest';

const longMs = 600_000;

function ids(store: VectorStore, group: string, vector: number[]): readonly string[] {
  return (store.nearest(group, vector, 100) as readonly Neighbour[]).map(({ id }) => id).toSorted();
}

test('answers without a promise', () => {
  const store = memoryVectors();
  expect(store.put('group', 'id', [1], longMs)).toBeUndefined();
  expect(store.nearest('group', [2], 1)).toEqual([{ id: 'id', similarity: 1 }]);
  expect(store.delete('group', 'id')).toBeUndefined();
});

test('what was neither put nor found for the longest makes room, in whatever group', () => {
  const store = memoryVectors({ entries: 3 });
  store.put('first', 'a', [1, 0], longMs);
  store.put('second', 'b', [1, 0], longMs);
  store.put('first', 'c', [0, 1], longMs);
  store.nearest('first', [1, 0], 1);
  store.put('third', 'd', [1, 0], longMs);
  expect(ids(store, 'second', [1, 0])).toEqual([]);
  expect(ids(store, 'first', [1, 0])).toEqual(['a', 'c']);
  store.put('second', 'e', [1, 0], longMs);
  expect(ids(store, 'third', [1, 0])).toEqual([]);
  expect(ids(store, 'first', [1, 0])).toEqual(['a', 'c']);
});

test('keeps as many as there is room for: five bytes a number, 400 a vector, 1,000 a group', () => {
  const store = memoryVectors({ bytes: 10 * (5 * 100 + 400) + 1_000 });
  const vector = Array.from({ length: 100 }, () => 1);
  for (let index = 0; index < 30; index += 1) store.put('group', `id-${index}`, vector, longMs);
  expect(ids(store, 'group', vector)).toHaveLength(10);
  // A group takes some room too.
  store.put('other', 'short', [1], longMs);
  expect(ids(store, 'group', vector)).toHaveLength(8);
  const tooLarge = Array.from({ length: 3_000 }, () => 1);
  store.put('large', 'too-large', tooLarge, longMs);
  expect(ids(store, 'large', tooLarge)).toEqual([]);
});

test('what is put again takes its room once', () => {
  const store = memoryVectors({ entries: 2 });
  for (let index = 0; index < 10; index += 1) store.put('group', 'same', [1, index], longMs);
  store.put('group', 'other', [1, 0], longMs);
  expect(ids(store, 'group', [1, 0])).toEqual(['other', 'same']);
});

test('a vector may be let go of when its time is over, and not before', async () => {
  const clock = manualClock();
  const store = memoryVectors({ clock });
  store.put('group', 'short', [1], 10);
  store.put('group', 'long', [1], 20);
  await clock.advance(9);
  expect(ids(store, 'group', [1])).toEqual(['long', 'short']);
  await clock.advance(1);
  expect(ids(store, 'group', [1])).toEqual(['long']);
  await clock.advance(10);
  expect(ids(store, 'group', [1])).toEqual([]);
});

test('vectors of another length begin a group anew, and take the room of those before', () => {
  const store = memoryVectors({ entries: 5 });
  for (const id of ['a', 'b', 'c']) store.put('group', id, [1, 0], longMs);
  store.put('other', 'd', [1, 0], longMs);
  store.put('group', 'e', [1, 0, 0], longMs);
  store.put('group', 'a', [1, 0, 0], longMs);
  expect(ids(store, 'group', [1, 0])).toEqual([]);
  expect(ids(store, 'group', [1, 0, 0])).toEqual(['a', 'e']);
  expect(ids(store, 'other', [1, 0])).toEqual(['d']);
});

test('wrong options are told by their path', () => {
  const given = (options: object) => () => memoryVectors(options);
  expect(given({ entries: 0 })).toThrow('`memoryVectors.entries` must be more than 0');
  expect(given({ bytes: 1.5 })).toThrow('`memoryVectors.bytes`');
  expect(given({ entrys: 1 })).toThrow('Did you mean `entries`?');
});
