import { manualClock } from 'managed-llm/testing';
import { faissVectors, pineconeVectors, type PineconeIndex } from 'managed-llm/vectors';
import { expect, test, vi } from 'vitest';
import { FlatIndex, FlatL2Index } from '../../vector-doubles/faiss.ts';
import { PineconeDouble } from '../../vector-doubles/pinecone.ts';

const longMs = 600_000;

test('each group of FAISS has an index of its own, of the length of its vectors', () => {
  const create = vi.fn((dimensions: number) => new FlatIndex(dimensions));
  const store = faissVectors({ create });
  store.put('a', 'id', [1, 0], longMs);
  store.put('a', 'other', [0, 1], longMs);
  store.put('b', 'id', [1, 0, 0], longMs);
  expect(create.mock.calls).toEqual([[2], [3]]);
});

test('an index of FAISS loses what makes room, and what is over', async () => {
  const clock = manualClock();
  const indexes: FlatIndex[] = [];
  const create = (dimensions: number) => {
    const index = new FlatIndex(dimensions);
    indexes.push(index);
    return index;
  };
  const store = faissVectors({ create, entries: 3, clock });
  for (const [place, id] of ['a', 'b', 'c', 'd'].entries()) store.put('group', id, [1, place], longMs);
  expect(indexes[0]?.ntotal()).toBe(3);
  store.put('group', 'short', [1, 9], 10);
  await clock.advance(10);
  expect(store.nearest('group', [1, 9], 3)).toMatchObject([{ id: 'd' }, { id: 'c' }]);
  expect(indexes[0]?.ntotal()).toBe(2);
});

test('an index of FAISS that measures distances is refused', () => {
  const store = faissVectors({ create: (dimensions) => new FlatL2Index(dimensions) });
  // Each time anew.
  for (const id of ['a', 'a', 'b'])
    expect(() => store.put('group', id, [3, 4], longMs)).toThrow(
      '`faissVectors.create` made an index that does not measure inner products: make `new IndexFlatIP(dimensions)`',
    );
  expect(store.nearest('group', [3, 4], 1)).toEqual([]);
});

test('Pinecone is rid of what is over, once a minute', async () => {
  const clock = manualClock();
  const index = new PineconeDouble(2);
  const store = pineconeVectors({ index, clock });
  for (const id of ['a', 'b', 'c']) await store.put('group', id, [1, 0], 10);
  await clock.advance(60_000);
  expect(index.size).toBe(3);
  await store.put('group', 'd', [1, 0], longMs);
  await vi.waitFor(() => expect(index.size).toBe(1));
});

test('each namespace of Pinecone is rid of what is over, however many take turns', async () => {
  const clock = manualClock();
  const index = new PineconeDouble(2);
  const store = pineconeVectors({ index, clock });
  for (let second = 0; second < 2_000; second += 1) {
    await store.put(`group-${second % 200}`, `id-${second}`, [1, 0], 10_000);
    await clock.advance(1_000);
  }
  // The last of each.
  expect(index.size).toBe(200);
});

test('what Pinecone refuses is told as it is told', async () => {
  const store = pineconeVectors({ index: new PineconeDouble(2) });
  await expect(store.put('group', 'id', [1, 0, 0], longMs)).rejects.toThrow('dimension of the index 2');
  const failing: PineconeIndex = {
    namespace: () => {
      throw new Error('Not today.');
    },
  };
  await expect(pineconeVectors({ index: failing }).nearest('group', [1], 1)).rejects.toThrow('Not today.');
});

test('wrong options are told by their path', () => {
  expect(() => faissVectors({ create: FlatIndex.name as never })).toThrow(
    '`faissVectors.create` must be a function',
  );
  expect(() => faissVectors({ create: () => new FlatIndex(1), entrys: 1 } as never)).toThrow('`entries`');
  expect(() => pineconeVectors({ index: {} as never })).toThrow(
    '`pineconeVectors.index` must be an index of',
  );
  expect(() => pineconeVectors({ client: 1 } as never)).toThrow('`pineconeVectors` has no option `client`');
});
