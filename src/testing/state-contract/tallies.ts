import assert from 'node:assert/strict';

import type { Sums, Tallies } from '../../core/tallies.ts';
import { failureCode } from './failure-code.ts';
import { oddTexts } from './odd-texts.ts';
import type { Check, Scene } from './scene.ts';

/** What tallies have to do, where a state has some. */
export const tallyChecks: readonly Check[] = [
  ['adds to several sums at once, and answers all of the tally', adding],
  ['reads several tallies in the order asked, also those that nothing was added to', reading],
  ['adds whole numbers exactly, and others as doubles do', precision],
  ['tells tallies and sums apart, whatever their names are made of', exactNames],
  ['refuses names, numbers and times out of bounds, and adds nothing then', tallyBounds],
  ['keeps a tally as long as it was last added to for, and without a time for good', tallyTimes],
  ['loses nothing that many add at once, and shows no part of what one adds', addingAtOnce],
  ['tells stores apart, tallies included', storesApart],
];

const longMs = 600_000;
const shortMs = 20;
/** Between two questions less passes, also on a busy machine. */
const someMs = 500;

/** Without regard to their order, nor to whether there is a prototype. */
function same(actual: Sums | undefined, expected: Sums): void {
  assert.deepEqual(actual && Object.fromEntries(Object.entries(actual)), expected);
}

async function adding(scene: Scene): Promise<void> {
  const { tallies, all } = await scene.tallies(2);
  const elsewhere = all[1] ?? tallies;
  same(await tallies.add('a', { calls: 1, latencyMs: 250.5 }), { calls: 1, latencyMs: 250.5 });
  same(await elsewhere.add('a', { calls: 2, failed: 0 }), { calls: 3, failed: 0, latencyMs: 250.5 });
  same(await tallies.add('a', { calls: -4 }), { calls: -1, failed: 0, latencyMs: 250.5 });
  same(await tallies.add('a', {}), { calls: -1, failed: 0, latencyMs: 250.5 });
  same(await tallies.add('nothing', {}), {});
  const sums = await tallies.add('b', { calls: 1 });
  assert.equal(sums['constructor'], undefined, 'what was not added to is no sum');
}

async function reading(scene: Scene): Promise<void> {
  const { tallies } = await scene.tallies();
  await tallies.add('a', { n: 1, sum: 2 });
  await tallies.add('b', { n: 3 });
  const [b, none, a, again] = await tallies.read(['b', 'none', 'a', 'b']);
  same(b, { n: 3 });
  same(none, {});
  same(a, { n: 1, sum: 2 });
  same(again, { n: 3 });
  assert.deepEqual(await tallies.read([]), []);
  const keys = Array.from({ length: 1_000 }, (_, index) => (index === 999 ? 'a' : `${index}`));
  same((await tallies.read(keys)).at(-1), { n: 1, sum: 2 });
}

async function precision(scene: Scene): Promise<void> {
  const { tallies } = await scene.tallies();
  const expected: Record<string, number> = {};
  const add = async (amounts: Sums): Promise<void> => {
    for (const [name, amount] of Object.entries(amounts)) expected[name] = (expected[name] ?? 0) + amount;
    same(await tallies.add('a', amounts), expected);
  };
  await add({ whole: 9_007_199_254_740_990, fraction: 0.1, tiny: 5e-324, huge: 1e200, zero: 0 });
  await add({ whole: 1, fraction: 0.2, tiny: 5e-324, huge: 1e200 });
  assert.equal(expected['whole'], Number.MAX_SAFE_INTEGER);
  for (let count = 0; count < 30; count += 1)
    await add({ fraction: (scene.random() - 0.5) * 10 ** Math.floor(scene.random() * 30 - 15) });
  await add({ fraction: -(expected['fraction'] ?? 0), whole: -(expected['whole'] ?? 0) });
  same(await tallies.add('b', { zero: -0 }), { zero: 0 });
  const [a] = await tallies.read(['a']);
  same(a, expected);
}

async function exactNames(scene: Scene): Promise<void> {
  const { tallies } = await scene.tallies();
  const keys = [...oddTexts.filter(({ length }) => length <= 1_024), 'x'.repeat(1_024)];
  for (const [index, key] of keys.entries()) await tallies.add(key, { n: index + 1 });
  for (const [index, sums] of (await tallies.read(keys)).entries()) same(sums, { n: index + 1 });
  const names = [...oddTexts.filter(({ length }) => length <= 256), 'x'.repeat(256), '=a', '"a"'];
  const all = names.map((name, index): [string, number] => [name, index + 1]);
  for (const entry of all) await tallies.add('one by one', Object.fromEntries([entry]));
  same(await tallies.add('at once', Object.fromEntries(all)), Object.fromEntries(all));
  for (const sums of await tallies.read(['one by one', 'at once'])) same(sums, Object.fromEntries(all));
}

async function tallyBounds(scene: Scene): Promise<void> {
  const { tallies } = await scene.tallies();
  const many = (count: number): Sums =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`${index}`, 1]));
  const refused: readonly (() => unknown)[] = [
    () => tallies.add('x'.repeat(1_025), { n: 1 }),
    () => tallies.add('a', { n: 1, ['x'.repeat(257)]: 1 }),
    () => tallies.add('a', many(101)),
    ...[NaN, Infinity, -Infinity, 1.1e200].map((amount) => () => tallies.add('a', { n: 1, amount })),
    ...[0, -1, NaN, Infinity].map((ttlMs) => () => tallies.add('a', { n: 1 }, ttlMs)),
    () => tallies.read(Array.from({ length: 1_001 }, () => 'a')),
  ];
  for (const ask of refused) assert.equal(await failureCode(ask), 'invalid-options');
  const [sums] = await tallies.read(['a']);
  same(sums, {});
  same(await tallies.add('a', many(100)), many(100));
}

async function tallyTimes(scene: Scene): Promise<void> {
  const { store, tallies } = await scene.tallies();
  const add = async (key: string, ...ttls: readonly (number | undefined)[]): Promise<void> => {
    for (const ttlMs of ttls) await tallies.add(key, { n: 1 }, ttlMs);
  };
  await add('short', shortMs + 0.5);
  await add('shortened', undefined, longMs, shortMs);
  await add('longer', someMs, longMs);
  await add('for good', someMs, undefined);
  await scene.pass(store, someMs + shortMs);
  const [short, shortened, longer, forGood] = await tallies.read([
    'short',
    'shortened',
    'longer',
    'for good',
  ]);
  same(short, {});
  same(shortened, {});
  same(longer, { n: 2 });
  same(forGood, { n: 2 });
  same(await tallies.add('short', { other: 5 }), { other: 5 });
}

async function addingAtOnce(scene: Scene): Promise<void> {
  const { tallies, all } = await scene.tallies(4);
  const at = (index: number): Tallies => all[index % all.length] ?? tallies;
  const answers = await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      if (index % 5 === 4) return (await at(index).read(['a']))[0];
      return at(index).add('a', { n: 1, twice: 2, sum: index });
    }),
  );
  for (const sums of answers) assert.equal((sums?.['n'] ?? 0) * 2, sums?.['twice'] ?? 0);
  const told = answers.flatMap((sums, index) => (index % 5 === 4 ? [] : [sums?.['n']]));
  assert.equal(new Set(told).size, 80, 'each addition is told its own sums');
  const sum = answers.reduce((total, _, index) => total + (index % 5 === 4 ? 0 : index), 0);
  for (const each of all) same((await each.read(['a']))[0], { n: 80, twice: 160, sum });
}

async function storesApart(scene: Scene): Promise<void> {
  const [{ tallies }, { tallies: elsewhere }] = [await scene.tallies(), await scene.tallies()];
  await tallies.add('a', { n: 1 });
  same((await elsewhere.read(['a']))[0], {});
  same(await elsewhere.add('a', { n: 5 }), { n: 5 });
  same((await tallies.read(['a']))[0], { n: 1 });
}
