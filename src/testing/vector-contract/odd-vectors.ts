import assert from 'node:assert/strict';

import { cosine, isNear, sameNeighbours, type VectorCheck, type VectorScene } from './scene.ts';

/** Vectors that are not as models give them. */
export const oddVectorChecks: readonly VectorCheck[] = [
  ['looks at where vectors point, not at how long they are', anyScale],
  ['takes a `Float32Array` as it takes numbers, and keeps its own', typedArrays],
  ['keeps nothing that points nowhere, and finds nothing near it', nowhere],
];

/** What a store does that is not made for one length. */
export const anyLengthChecks: readonly VectorCheck[] = [
  ['keeps vectors of any length, from 1 to 3,072', anyLength],
  ['finds none of another length, and takes one after them', otherLength],
];

async function anyScale(scene: VectorScene): Promise<void> {
  const scales = { huge: 1e30, large: 3e5, one: 1, small: 1e-5, tiny: 1e-30 };
  const asked = scene.randomVector();
  for (const [id, scale] of Object.entries(scales)) {
    const direction = scene.randomVector();
    await scene.put(
      id,
      id,
      direction.map((component) => component * scale),
    );
    for (const askedScale of Object.values(scales)) {
      const [found] = await scene.store.nearest(
        id,
        asked.map((component) => component * askedScale),
        1,
      );
      isNear(found?.similarity, cosine(asked, direction));
    }
  }
}

async function typedArrays(scene: VectorScene): Promise<void> {
  const [kept, asked] = [scene.randomVector(), scene.randomVector()];
  const typed = Float32Array.from(kept);
  await scene.put('group', 'typed', typed);
  typed.fill(1);
  const expected = [{ id: 'typed', similarity: cosine(kept, asked) }];
  sameNeighbours(await scene.store.nearest('group', asked, 1), expected);
  sameNeighbours(await scene.store.nearest('group', Float32Array.from(asked), 1), expected);
  // Of a larger buffer.
  const part = Float32Array.from([9, 9, ...asked, 9]).subarray(2, -1);
  sameNeighbours(await scene.store.nearest('group', part, 1), expected);
  await scene.put('group', 'part', part);
  sameNeighbours(await scene.store.nearest('group', asked, 1), [{ id: 'part', similarity: 1 }]);
}

async function nowhere(scene: VectorScene): Promise<void> {
  const nowheres = [scene.vector(), scene.vector(0, NaN), scene.vector(1, Infinity)];
  for (const [index, vector] of nowheres.entries()) {
    await scene.put('group', `nowhere-${index}`, vector);
    assert.deepEqual(await scene.store.nearest('group', vector, 3), []);
  }
  await scene.put('group', 'a', scene.vector(1));
  await scene.put('group', 'b', scene.vector(-1, 1));
  assert.deepEqual(await scene.ids('group', scene.vector(1), 10), ['a', 'b']);
  for (const vector of nowheres) assert.deepEqual(await scene.store.nearest('group', vector, 3), []);
  // What was in its place is gone all the same.
  await scene.put('group', 'a', scene.vector());
  assert.deepEqual(await scene.ids('group', scene.vector(1), 10), ['b']);
}

async function anyLength(scene: VectorScene): Promise<void> {
  for (const length of [1, 2, 3, 5, 7, 384, 1_536, 3_072]) {
    const kept = scene.randomVector(length);
    const asked = scene.randomVector(length);
    await scene.put(`of-${length}`, 'id', kept);
    const [found] = await scene.store.nearest(`of-${length}`, asked, 1);
    isNear(found?.similarity, cosine(kept, asked));
  }
}

async function otherLength(scene: VectorScene): Promise<void> {
  await scene.put('group', 'of-3', [1, 0, 0]);
  assert.deepEqual(await scene.store.nearest('group', [1, 0], 3), []);
  assert.deepEqual(await scene.store.nearest('group', [1, 0, 0, 0], 3), []);
  await scene.put('group', 'of-4', [1, 0, 0, 0]);
  assert.deepEqual(await scene.ids('group', [1, 0, 0, 0], 3), ['of-4']);
  await scene.put('group', 'of-3', [1, 0, 0, 0]);
  assert.deepEqual((await scene.ids('group', [1, 0, 0, 0], 3)).toSorted(), ['of-3', 'of-4']);
}
