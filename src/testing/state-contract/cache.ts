import assert from 'node:assert/strict';

import type { CacheStore } from '../../core/cache-store.ts';
import { oddTexts } from './odd-texts.ts';
import type { Check, Scene } from './scene.ts';

/** What a store of answers has to do, where a state has one. */
export const cacheChecks: readonly Check[] = [
  ['has no answer where none was kept', nothing],
  ['gives answers back exactly, whatever they are made of, also a megabyte of it', exactValues],
  ['tells keys apart by their exact code points', exactKeys],
  ['keeps the answer that was set last, for as long as that was set for', overwritten],
  ['keeps an answer as long as it was set for, and no longer', expired],
  ['deletes one answer, and tells whether there was one', deleted],
  ['keeps what is pinned under its key as any other, for as long as that was set for', pinned],
  ['shows all connections the same answers, also when many write at once', shared],
  ['tells stores apart, answers included', storesApart],
];

const longMs = 600_000;
const shortMs = 20;

async function nothing(scene: Scene): Promise<void> {
  const { cache } = await scene.caches();
  assert.equal(await cache.get('nothing'), undefined);
  await cache.set('something', 'kept', longMs);
  assert.equal(await cache.get('nothing'), undefined);
  assert.equal(await cache.delete('nothing'), false);
}

async function exactValues(scene: Scene): Promise<void> {
  const { cache } = await scene.caches();
  const megabyte = `"${'a\u00e4\u{1f600}\n'.repeat(131_072)}`;
  const values = [
    ...oddTexts,
    ...oddTexts.map((text) => `=${text}`),
    '"a"',
    '"',
    megabyte,
    `${megabyte}\ud800`,
  ];
  for (const value of values) {
    await cache.set('key', value, longMs);
    // Not `equal`: a megabyte is no message.
    assert.ok(
      (await cache.get('key')) === value,
      `${JSON.stringify(value.slice(0, 100))} came back otherwise`,
    );
  }
}

async function exactKeys(scene: Scene): Promise<void> {
  const { cache } = await scene.caches();
  for (const [index, key] of oddTexts.entries()) await cache.set(key, `answer ${index}`, longMs);
  for (const [index, key] of oddTexts.entries()) assert.equal(await cache.get(key), `answer ${index}`);
  assert.equal(await cache.delete('a\u0000'), true);
  assert.equal(await cache.get('a\u0000'), undefined);
  assert.equal(await cache.get('a'), `answer ${oddTexts.indexOf('a')}`);
}

async function overwritten(scene: Scene): Promise<void> {
  const { store, cache } = await scene.caches();
  await cache.set('longer', 'first', shortMs);
  await cache.set('longer', 'second', longMs);
  await cache.set('shorter', 'first', longMs);
  await cache.set('shorter', 'second', shortMs);
  assert.equal(await cache.get('longer'), 'second');
  await scene.pass(store, 2 * shortMs);
  assert.equal(await cache.get('longer'), 'second');
  assert.equal(await cache.get('shorter'), undefined);
}

async function expired(scene: Scene): Promise<void> {
  const { store, cache } = await scene.caches();
  await cache.set('short', 'kept', shortMs + 0.5);
  await cache.set('long', 'kept', longMs);
  await scene.pass(store, 2 * shortMs);
  assert.equal(await cache.get('short'), undefined);
  assert.equal(await cache.delete('short'), false, 'what is over is not there');
  assert.equal(await cache.get('long'), 'kept');
  await cache.set('short', 'again', longMs);
  assert.equal(await cache.get('short'), 'again');
  await cache.set('year', 'kept', 365 * 86_400_000);
  assert.equal(await cache.get('year'), 'kept');
}

async function deleted(scene: Scene): Promise<void> {
  const { cache } = await scene.caches();
  await cache.set('one', '', longMs);
  await cache.set('other', 'kept', longMs);
  assert.equal(await cache.get('one'), '', 'an empty text is one');
  assert.equal(await cache.delete('one'), true);
  assert.equal(await cache.delete('one'), false);
  assert.equal(await cache.get('one'), undefined);
  assert.equal(await cache.get('other'), 'kept');
}

async function pinned(scene: Scene): Promise<void> {
  const { store, cache } = await scene.caches();
  if (cache.pin === undefined) return;
  for (const [index, key] of oddTexts.entries()) await cache.pin(key, `pinned ${index}`, longMs);
  for (const [index, key] of oddTexts.entries()) assert.equal(await cache.get(key), `pinned ${index}`);
  await cache.pin('key', 'first', longMs);
  await cache.pin('key', 'then', shortMs);
  assert.equal(await cache.get('key'), 'then');
  await scene.pass(store, 2 * shortMs);
  assert.equal(await cache.get('key'), undefined);
  assert.equal(await cache.delete('key'), false);
  await cache.pin('key', 'again', longMs);
  assert.equal(await cache.delete('key'), true);
  assert.equal(await cache.get('key'), undefined);
}

async function shared(scene: Scene): Promise<void> {
  const { all } = await scene.caches(3);
  const at = (index: number): CacheStore => all[index % all.length] ?? all[0];
  await Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      await at(index).set(`key ${index % 20}`, `answer ${index % 20}`, longMs);
    }),
  );
  for (let index = 0; index < 20; index += 1)
    for (const cache of all) assert.equal(await cache.get(`key ${index}`), `answer ${index}`);
  assert.equal(await at(1).delete('key 0'), true);
  for (const cache of all) assert.equal(await cache.get('key 0'), undefined);
}

async function storesApart(scene: Scene): Promise<void> {
  const [{ cache }, { cache: elsewhere }] = [await scene.caches(), await scene.caches()];
  await cache.set('key', 'kept', longMs);
  assert.equal(await elsewhere.get('key'), undefined);
  assert.equal(await elsewhere.delete('key'), false);
  assert.equal(await cache.get('key'), 'kept');
}
