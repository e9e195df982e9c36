import assert from 'node:assert/strict';

import { isNear, type VectorCheck, type VectorScene } from './scene.ts';

/** What is kept, and where. */
export const keepingChecks: readonly VectorCheck[] = [
  ['keeps groups apart, however alike their names', groupsApart],
  ['puts a vector in the place of the one with its id, in its group alone', replaced],
  ['deletes one, and does nothing where it is not there', deleted],
  ['takes ids and groups of any printable ASCII, up to 120 characters', anyNames],
  ['keeps all that is put at once', concurrent],
];

/** `!` to `~`: all that is printed and is no space. */
const printable = String.fromCharCode(...Array.from({ length: 94 }, (_, index) => 33 + index));

async function groupsApart(scene: VectorScene): Promise<void> {
  const groups = ['a', 'A', 'ab', 'a*', '*', 'a:b', 'a/b', 'a%', '_', '{a}', "a'b", 'a"b', 'a\\b'];
  for (const group of groups) await scene.put(group, 'same', scene.vector(1));
  for (const group of groups) await scene.put(group, `in ${group}`.replace(' ', '-'), scene.vector(1, 1));
  for (const group of groups)
    assert.deepEqual(await scene.ids(group, scene.vector(1), 10), ['same', `in-${group}`]);
  await scene.store.delete('a', 'same');
  assert.deepEqual(await scene.ids('a', scene.vector(1), 10), ['in-a']);
  assert.deepEqual(await scene.ids('A', scene.vector(1), 10), ['same', 'in-A']);
}

async function replaced(scene: VectorScene): Promise<void> {
  await scene.put('group', 'id', scene.vector(1));
  await scene.put('other', 'id', scene.vector(1));
  await scene.put('group', 'id', scene.vector(0, 1));
  const found = await scene.store.nearest('group', scene.vector(1), 10);
  assert.equal(found.length, 1);
  isNear(found[0]?.similarity, 0);
  isNear((await scene.store.nearest('group', scene.vector(0, 1), 1))[0]?.similarity, 1);
  isNear((await scene.store.nearest('other', scene.vector(1), 1))[0]?.similarity, 1);
}

async function deleted(scene: VectorScene): Promise<void> {
  await scene.store.delete('nobody', 'nothing');
  for (const [index, id] of ['a', 'b', 'c', 'd'].entries())
    await scene.put('group', id, scene.vector(1, index));
  await scene.store.delete('group', 'nothing');
  await scene.store.delete('group', 'b');
  await scene.store.delete('group', 'b');
  assert.deepEqual(await scene.ids('group', scene.vector(1), 10), ['a', 'c', 'd']);
  await scene.put('group', 'b', scene.vector(1, 1));
  assert.deepEqual(await scene.ids('group', scene.vector(1), 10), ['a', 'b', 'c', 'd']);
  for (const id of ['a', 'b', 'c', 'd']) await scene.store.delete('group', id);
  assert.deepEqual(await scene.ids('group', scene.vector(1), 10), []);
}

async function anyNames(scene: VectorScene): Promise<void> {
  const ids = [
    ...printable,
    printable,
    'x'.repeat(120),
    `${'x'.repeat(119)}y`,
    '__proto__',
    'constructor',
    '-1',
  ];
  const group = printable;
  await Promise.all(ids.map((id, index) => scene.put(group, id, scene.vector(1, index / ids.length))));
  assert.deepEqual((await scene.ids(group, scene.vector(1), 200)).toSorted(), ids.toSorted());
  await scene.store.delete(group, '*');
  await scene.store.delete(group, printable);
  const left = ids.filter((id) => id !== '*' && id !== printable);
  assert.deepEqual((await scene.ids(group, scene.vector(1), 200)).toSorted(), left.toSorted());
}

async function concurrent(scene: VectorScene): Promise<void> {
  const groups = Array.from({ length: 10 }, (_, index) => `group-${index}`);
  const ids = Array.from({ length: 20 }, (_, index) => `id-${index}`);
  await Promise.all(
    groups.flatMap((group) => ids.map((id, index) => scene.put(group, id, scene.vector(1, index)))),
  );
  for (const group of groups) assert.deepEqual(await scene.ids(group, scene.vector(1), 50), ids);
  // The same again, of which one of several at once stays.
  await Promise.all(
    [1, 2, 3, 4].flatMap((place) => ids.map((id) => scene.put('again', id, scene.vector(1, place)))),
  );
  const again = await scene.ids('again', scene.vector(1), 100);
  assert.deepEqual(again.toSorted(), ids.toSorted());
}
