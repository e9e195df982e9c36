import assert from 'node:assert/strict';

import type { Vector } from '../../core/vector-store.ts';
import { cosine, isNear, sameNeighbours, type VectorCheck, type VectorScene } from './scene.ts';

/** What is found. */
export const findingChecks: readonly VectorCheck[] = [
  ['finds nothing in a group that nobody has put anything into', nothing],
  ['finds the nearest first, and says how near: the cosine, from 1 to -1', nearestFirst],
  ['finds no more than is asked for, and all where there are fewer', counted],
  ['finds the nearest of 2,000 in a group, for each of 100 questions', many],
];

async function nothing(scene: VectorScene): Promise<void> {
  assert.deepEqual(await scene.store.nearest('nobody', scene.vector(1), 3), []);
  await scene.put('somebody', 'a', scene.vector(1));
  assert.deepEqual(await scene.store.nearest('nobody', scene.vector(1), 3), []);
}

async function nearestFirst(scene: VectorScene): Promise<void> {
  const kept: Readonly<Record<string, Vector>> = {
    apart: scene.vector(-1),
    across: scene.vector(0, 1),
    same: scene.vector(1),
    near: scene.vector(0.9, 0.1),
    less: scene.vector(0.5, 0.5),
  };
  for (const [id, vector] of Object.entries(kept)) await scene.put('group', id, vector);
  sameNeighbours(await scene.store.nearest('group', scene.vector(1), 5), [
    { id: 'same', similarity: 1 },
    { id: 'near', similarity: 0.9 / Math.hypot(0.9, 0.1) },
    { id: 'less', similarity: Math.SQRT1_2 },
    { id: 'across', similarity: 0 },
    { id: 'apart', similarity: -1 },
  ]);
}

async function counted(scene: VectorScene): Promise<void> {
  await scene.put('group', 'a', scene.vector(1, 0));
  await scene.put('group', 'b', scene.vector(1, 0.5));
  await scene.put('group', 'c', scene.vector(1, 1));
  assert.deepEqual(await scene.ids('group', scene.vector(1), 0), []);
  assert.deepEqual(await scene.ids('group', scene.vector(1), 1), ['a']);
  assert.deepEqual(await scene.ids('group', scene.vector(1), 2), ['a', 'b']);
  assert.deepEqual(await scene.ids('group', scene.vector(1), 50), ['a', 'b', 'c']);
}

async function many(scene: VectorScene): Promise<void> {
  const kept = Array.from({ length: 2_000 }, () => scene.randomVector());
  const putAtOnce = 50;
  for (let first = 0; first < kept.length; first += putAtOnce)
    await Promise.all(
      kept
        .slice(first, first + putAtOnce)
        .map((vector, index) => scene.put('group', `id-${first + index}`, vector)),
    );
  for (let question = 0; question < 100; question += 1) {
    const asked = scene.randomVector();
    let [best, highest] = [0, -2];
    for (const [index, vector] of kept.entries()) {
      const similarity = cosine(asked, vector);
      if (similarity > highest) [best, highest] = [index, similarity];
    }
    const [found] = await scene.store.nearest('group', asked, 1);
    assert.equal(found?.id, `id-${best}`);
    isNear(found?.similarity, highest);
  }
}
