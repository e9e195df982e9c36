import assert from 'node:assert/strict';

import { longMs, type VectorCheck, type VectorScene } from './scene.ts';

/** How long what was put stays. */
export const timeChecks: readonly VectorCheck[] = [
  ['finds nothing whose time is over, and what is farther instead', over],
  ['keeps what was put again as long as it was put for last', putAgain],
];

const shortMs = 20;

async function over(scene: VectorScene): Promise<void> {
  const { store } = scene;
  await store.put('group', 'stays', scene.vector(1, 1), longMs);
  await store.put('group', 'ends', scene.vector(1), shortMs);
  await store.put('group', 'ends-too', scene.vector(1, 0.1), shortMs + 0.5);
  await store.put('alone', 'ends', scene.vector(1), shortMs);
  await scene.pass(2 * shortMs);
  assert.deepEqual(await scene.ids('group', scene.vector(1), 1), ['stays']);
  assert.deepEqual(await scene.ids('alone', scene.vector(1), 1), []);
  await store.put('alone', 'again', scene.vector(1), longMs);
  assert.deepEqual(await scene.ids('alone', scene.vector(1), 2), ['again']);
  await store.put('year', 'stays', scene.vector(1), 365 * 86_400_000);
  assert.deepEqual(await scene.ids('year', scene.vector(1), 1), ['stays']);
}

async function putAgain(scene: VectorScene): Promise<void> {
  const { store } = scene;
  await store.put('group', 'longer', scene.vector(1), shortMs);
  await store.put('group', 'longer', scene.vector(1), longMs);
  await store.put('group', 'shorter', scene.vector(1), longMs);
  await store.put('group', 'shorter', scene.vector(1), shortMs);
  await scene.pass(2 * shortMs);
  assert.deepEqual(await scene.ids('group', scene.vector(1), 2), ['longer']);
}
