import assert from 'node:assert/strict';

import {
  claim,
  endless,
  longLeaseMs,
  money,
  refusedAt,
  reserve,
  sameBalance,
  spend,
  stands,
} from './claims.ts';
import type { Check, Scene } from './scene.ts';

const shortLeaseMs = 60;

export const leaseChecks: readonly Check[] = [
  ['keeps a reservation as long as it is renewed', renewed],
  ['counts a reservation as used when its lease has ended, and tells of it', lost],
  ['lets what is lost be released by hand, once', lostAndReleased],
  ['takes what was lost and is settled after all for settled', lostAndSettled],
  ['takes what was lost and is renewed after all for reserved', lostAndRenewed],
  ['tells of what was lost by budget, the oldest first', lostByBudget],
];

async function renewed(scene: Scene): Promise<void> {
  const { store, accounts, all } = await scene.accounts(2);
  const elsewhere = all[1] ?? accounts;
  await reserve(accounts, 'a', [claim(endless(), 10)], 1_000);
  await reserve(accounts, 'b', [claim(endless(), 20)], 1_000);
  await reserve(accounts, 'c', [claim(endless(), 30)], 1_000);
  assert.equal(await accounts.release('c'), true);
  assert.deepEqual(await elsewhere.renew(['a', 'unknown', 'b', 'c'], longLeaseMs), ['unknown', 'c']);
  assert.deepEqual(await elsewhere.renew([], longLeaseMs), []);
  await scene.pass(store, 1_100);
  await stands(accounts, endless(), { reserved: 30 });
  assert.deepEqual(await accounts.lost(), []);
  const settled = await accounts.settle('b', [money(5)]);
  sameBalance(settled?.[0], { used: 5, reserved: 10 });
}

async function lost(scene: Scene): Promise<void> {
  const { store, accounts, all } = await scene.accounts(2);
  const elsewhere = all[1] ?? accounts;
  const [first, second] = [endless('first'), endless('second')];
  const from = await accounts.now();
  const claims = [claim(first, { nanoUsd: 40, tokens: 7 }), { ...claim(second, 3), enforced: false }];
  await reserve(accounts, 'a', claims, shortLeaseMs);
  const to = await accounts.now();
  await scene.pass(store, shortLeaseMs + 20);
  await stands(elsewhere, first, { used: { nanoUsd: 40, tokens: 7 } });
  await stands(elsewhere, second, { used: 3 });
  refusedAt(await elsewhere.reserve('b', [claim(first, 61)], longLeaseMs));
  const [told, ...others] = await elsewhere.lost();
  assert.ok(told);
  assert.deepEqual(others, []);
  assert.deepEqual(
    { id: told.id, claims: told.claims },
    { id: 'a', claims: claims.map(({ account, amounts }) => ({ account, amounts })) },
  );
  assert.ok(told.reservedAt >= from - 1 && told.reservedAt <= to + 1, 'reserved when it was');
  assert.ok(Math.abs(told.lostAt - told.reservedAt - shortLeaseMs) <= 1.5, 'lost when its lease ended');
  await spend(elsewhere, 'c', first, 5);
  await stands(accounts, first, { used: { nanoUsd: 45, tokens: 7 } });
}

async function lostAndReleased(scene: Scene): Promise<void> {
  const { store, accounts } = await scene.accounts();
  await spend(accounts, 'before', endless(), 5);
  await reserve(accounts, 'a', [claim(endless(), 40)], shortLeaseMs);
  await scene.pass(store, shortLeaseMs + 20);
  assert.equal(await accounts.release('a'), true);
  assert.equal(await accounts.release('a'), false);
  await stands(accounts, endless(), { used: 5 });
  assert.deepEqual(await accounts.lost(), []);
  assert.equal(await accounts.settle('a', [money(40)]), undefined);
}

async function lostAndSettled(scene: Scene): Promise<void> {
  const { store, accounts, all } = await scene.accounts(2);
  await reserve(accounts, 'a', [claim(endless(), 40)], shortLeaseMs);
  await scene.pass(store, shortLeaseMs + 20);
  await stands(accounts, endless(), { used: 40 });
  const balances = await (all[1] ?? accounts).settle('a', [money(7)]);
  sameBalance(balances?.[0], { used: 7 });
  assert.deepEqual(await accounts.lost(), []);
  assert.equal(await accounts.settle('a', [money(8)]), undefined);
  await stands(accounts, endless(), { used: 7 });
}

async function lostAndRenewed(scene: Scene): Promise<void> {
  const { store, accounts, all } = await scene.accounts(2);
  await reserve(accounts, 'a', [claim(endless(), 40)], shortLeaseMs);
  await scene.pass(store, shortLeaseMs + 20);
  await stands(accounts, endless(), { used: 40 });
  assert.deepEqual(await (all[1] ?? accounts).renew(['a'], longLeaseMs), []);
  await stands(accounts, endless(), { reserved: 40 });
  assert.deepEqual(await accounts.lost(), []);
  const balances = await accounts.settle('a', [money(50)]);
  sameBalance(balances?.[0], { used: 50 });
}

async function lostByBudget(scene: Scene): Promise<void> {
  const { store, accounts } = await scene.accounts();
  const [one, other] = [endless('', 'one'), endless('\ud800\u0000"', 'other')];
  await reserve(accounts, 'z first', [claim(one, 1)], shortLeaseMs);
  await scene.pass(store, 10);
  await reserve(accounts, 'y second', [claim(other, 2), claim(one, 3)], shortLeaseMs);
  await scene.pass(store, 10);
  await reserve(accounts, 'x third', [claim(other, 4)], shortLeaseMs);
  await scene.pass(store, shortLeaseMs + 20);
  const ids = async (budget?: string) => (await accounts.lost(budget)).map(({ id }) => id);
  assert.deepEqual(await ids(), ['z first', 'y second', 'x third']);
  assert.deepEqual(await ids('one'), ['z first', 'y second']);
  assert.deepEqual(await ids('other'), ['y second', 'x third']);
  assert.deepEqual(await ids('nobody'), []);
  const [second] = await accounts.lost('other');
  assert.deepEqual(second?.claims, [
    { account: other, amounts: money(2) },
    { account: one, amounts: money(3) },
  ]);
}
