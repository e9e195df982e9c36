import { expect, test } from 'vitest';
import { Breakdown, mostSaved } from '../../../src/report/breakdown.ts';
import { attempt, receipt } from '../interceptors/receipts/receipts.ts';

const costing = (costNanoUsd: number) => receipt({ attempts: [attempt({ costNanoUsd })] });

test('the dearest come first, then those with the most calls, and nobody is somebody', () => {
  const users = new Breakdown(false);
  users.add({ name: 'cheap' }, 0, costing(1));
  users.add({ name: 'dear' }, 0, costing(50));
  users.add({ name: undefined }, 0, costing(9));
  for (const name of ['rare', 'often', 'often']) users.add({ name }, 0, costing(0));
  expect(users.top(9).map(({ name }) => name)).toEqual(['dear', undefined, 'cheap', 'often', 'rare']);
  expect([users.size, users.namedCount]).toEqual([5, 4]);
});

/** A call that a cache answered. */
const saving = (savedNanoUsd: number | undefined) =>
  receipt({
    origin: 'cache',
    attempts: [],
    costNanoUsd: 0,
    facts: {
      cache: { status: 'hit', kind: 'exact', ...(savedNanoUsd === undefined ? {} : { savedNanoUsd }) },
    },
  });

test('by what was saved, those come first for whom it was the most, then those who were answered most often', () => {
  const users = new Breakdown(false);
  users.add({ name: 'dear' }, 0, costing(50));
  users.add({ name: 'saver' }, 0, saving(9));
  for (const name of ['rare', 'often', 'often']) users.add({ name }, 0, saving(undefined));
  expect(users.top(9, mostSaved).map(({ name }) => name)).toEqual(['saver', 'often', 'rare', 'dear']);
});

test('what looks alike is told apart: nobody, the empty name, the same name in other tenants', () => {
  const users = new Breakdown(false);
  const subjects = [
    { name: undefined },
    { name: '' },
    { name: 'alice' },
    { name: 'alice', of: 'acme' },
    { name: 'alice', of: '' },
    { name: 'null' },
  ];
  for (const subject of subjects) users.add(subject, 0, costing(1));
  expect(users.size).toBe(subjects.length);
});

test('of more subjects than can be kept, the dearest stay, and it is told that some did not', () => {
  const users = new Breakdown(false);
  users.add({ name: 'first' }, 3, costing(500_000));
  for (let user = 0; user < 50_000; user += 1) {
    users.add({ name: `user-${user}` }, 0, costing(user % 100));
    if (user % 100 === 0) users.add({ name: 'steady' }, 0, costing(200));
  }
  expect(users.isCut).toBe(true);
  expect(users.size).toBeLessThanOrEqual(10_000);
  const [first, second, third] = users.top(3);
  expect(first).toMatchObject({ name: 'first', figures: { costNanoUsd: 500_000, calls: 1 } });
  expect(first?.spend.at(3)).toBe(500_000);
  expect(second).toMatchObject({ name: 'steady', figures: { costNanoUsd: 100_000, calls: 500 } });
  expect(third?.figures.costNanoUsd).toBeLessThanOrEqual(99);
});

test('of more subjects than can be kept, those stay, too, for whom the most was saved', () => {
  const users = new Breakdown(false);
  users.add({ name: 'saver' }, 0, saving(500_000));
  for (let user = 0; user < 20_000; user += 1)
    users.add({ name: `user-${user}` }, 0, costing(1 + (user % 100)));
  expect(users.isCut).toBe(true);
  expect(users.top(1, mostSaved)).toMatchObject([{ name: 'saver', figures: { savedNanoUsd: 500_000 } }]);
});
