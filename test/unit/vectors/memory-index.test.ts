import * as fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { unitOf } from '../../../src/core/unit-vector.ts';
import { MemoryIndex } from '../../../src/vectors/memory/memory-index.ts';
import { VectorBlock } from '../../../src/vectors/memory/vector-block.ts';

interface Item {
  readonly item: number;
  place: number;
}

interface Named {
  readonly name: number;
  place: number;
}

function unit(...components: number[]): Float32Array {
  return unitOf(components) ?? new Float32Array(components.length);
}

test('a block finds what sorting by the cosine finds, whatever came and went', () => {
  const component = fc.integer({ min: -9, max: 9 });
  const step = fc.record({
    item: fc.integer({ min: 0, max: 9 }),
    vector: fc.tuple(component, component, component, component, component),
    removes: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 12 }), (steps, count) => {
      const block = new VectorBlock<Item>(5);
      const model = new Map<number, { key: Item; vector: Float32Array }>();
      for (const { item, vector, removes } of steps) {
        const known = model.get(item);
        if (known !== undefined) block.remove([known.key]);
        model.delete(item);
        if (removes) continue;
        const [key, direction] = [{ item, place: 0 }, unit(...vector)];
        block.add(key, direction);
        model.set(item, { key, vector: direction });
      }
      expect(block.size).toBe(model.size);
      const asked = unit(1, 2, 3, 4, 5);
      const similarities = [...model.values()]
        .map(({ vector }) => vector.reduce((sum, part, index) => sum + part * (asked[index] ?? 0), 0))
        .toSorted((a, b) => b - a)
        .slice(0, count);
      const found = block.nearest(asked, count);
      expect(found.map(({ similarity }) => similarity.toFixed(5))).toEqual(
        similarities.map((similarity) => similarity.toFixed(5)),
      );
      for (const { item, similarity } of found)
        expect(block.similarityOf(item, asked)).toBeCloseTo(similarity, 6);
    }),
  );
});

test('where usearch is not installed, all are looked at, and it is looked for once', async () => {
  const load = vi.fn(async () => undefined);
  const index = new MemoryIndex<Named>(2, load, 20);
  for (let name = 0; name < 40; name += 1) {
    index.add({ name, place: 0 }, unit(1, name));
    await Promise.resolve();
  }
  expect(load).toHaveBeenCalledTimes(1);
  expect(index.nearest(unit(1, 0), 2).map(({ item }) => item.name)).toEqual([0, 1]);
});

test('usearch is not looked for where there are few', () => {
  const load = vi.fn(async () => undefined);
  const index = new MemoryIndex<Named>(2, load, 21);
  for (let name = 0; name < 10; name += 1) index.add({ name, place: 0 }, unit(1, name));
  expect(load).not.toHaveBeenCalled();
});
