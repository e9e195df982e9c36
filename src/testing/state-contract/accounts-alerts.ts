import assert from 'node:assert/strict';

import type { Account } from '../../core/accounts.ts';
import {
  claim,
  endless,
  longLeaseMs,
  money,
  nothing,
  refusedAt,
  reserve,
  sameBalance,
  spend,
  stands,
} from './claims.ts';
import type { Check, Scene } from './scene.ts';

export const alertAndRaiseChecks: readonly Check[] = [
  ['raises the limits of all windows of a subject, until then', raising],
  ['raises money and tokens apart, and replaces a raise by the next', raisingAnew],
  ['lets one of all who ask give an alert', alertOnce],
  ['lets alerts be given again in a rolling window, and after a reset', alertAgain],
  ['lists accounts with their limits, the fullest first', listing],
  ['tells the time by the store’s clock', storeClock],
];

async function raising(scene: Scene): Promise<void> {
  const { store, accounts, all } = await scene.accounts(2);
  const now = Math.floor(await accounts.now());
  const hour: Account = {
    ...endless('a'),
    window: { kind: 'fixed', startMs: now - 1_000, endMs: now + 3_600_000 },
  };
  await spend(accounts, 'before', endless('a'), 90);
  refusedAt(await accounts.reserve('a', [claim(endless('a'), 40)], longLeaseMs));
  const lengthMs = 500;
  await (all[1] ?? accounts).raise('endless', 'a', money(50), (await accounts.now()) + lengthMs);
  const balances = await reserve(accounts, 'b', [claim(endless('a'), 40), claim(hour, 150)]);
  sameBalance(balances[0], { used: 90, reserved: 40, raised: money(50) });
  sameBalance(balances[1], { reserved: 150, raised: money(50) });
  for (const other of [endless('b'), endless('a', 'other')]) {
    await stands(accounts, other, {});
    refusedAt(await accounts.reserve('c', [claim(other, 101)], longLeaseMs));
  }
  await scene.pass(store, lengthMs + 20);
  await stands(accounts, endless('a'), { used: 90, reserved: 40 });
  refusedAt(await accounts.reserve('d', [claim(hour, 0)], longLeaseMs));
  const settled = await accounts.settle('b', [money(40), money(10)]);
  sameBalance(settled?.[0], { used: 130 });
  sameBalance(settled?.[1], { used: 10 });
  await stands(accounts, endless('a'), { used: 130 });
}

async function raisingAnew(scene: Scene): Promise<void> {
  const { accounts } = await scene.accounts();
  const until = (await accounts.now()) + longLeaseMs;
  await accounts.raise('endless', '', { nanoUsd: 10, tokens: 20 }, until);
  await stands(accounts, endless(), { raised: { nanoUsd: 10, tokens: 20 } });
  const ask = (id: string, nanoUsd: number, tokens: number) => {
    const limits = { nanoUsd: 100, tokens: 100 };
    return accounts.reserve(id, [claim(endless(), { nanoUsd, tokens }, limits)], longLeaseMs);
  };
  refusedAt(await ask('a', 111, 0));
  refusedAt(await ask('b', 0, 121));
  assert.equal((await ask('c', 110, 120)).ok, true);
  await accounts.raise('endless', '', { nanoUsd: 30, tokens: 0 }, until);
  assert.equal(refusedAt(await ask('d', 1, 0)), 0);
  const raised = { nanoUsd: 30, tokens: 0 };
  await stands(accounts, endless(), { reserved: { nanoUsd: 110, tokens: 120 }, raised });
  await accounts.raise('endless', '', nothing, until);
  await stands(accounts, endless(), { reserved: { nanoUsd: 110, tokens: 120 } });
}

async function alertOnce(scene: Scene): Promise<void> {
  const { accounts, all } = await scene.accounts(4);
  const ask = async (account: Account, share: number): Promise<number> => {
    const asked = Array.from({ length: 20 }, (_, index) =>
      all[index % all.length]?.alertOnce(account, share),
    );
    return (await Promise.all(asked)).filter(Boolean).length;
  };
  await spend(accounts, 'before', endless('a'), 90);
  assert.equal(await ask(endless('a'), 0.5), 1);
  assert.equal(await ask(endless('a'), 0.8), 1);
  assert.equal(await ask(endless('a'), 0.5), 0);
  assert.equal(await ask(endless('b'), 0.5), 1);
  assert.equal(await ask(endless('a', 'other'), 0.5), 1);
  const later: Account = { ...endless('a'), window: { kind: 'fixed', startMs: 1 } };
  assert.equal(await ask(later, 0.5), 1);
  await stands(accounts, endless('a'), { used: 90 });
}

async function alertAgain(scene: Scene): Promise<void> {
  const { store, accounts } = await scene.accounts();
  const rolling: Account = { ...endless(), window: { kind: 'rolling', lengthMs: 400 } };
  const from = scene.latestMs;
  assert.equal(await accounts.alertOnce(rolling, 0.5), true);
  const again = await accounts.alertOnce(rolling, 0.5);
  if (scene.latestMs - from < 400) assert.equal(again, false);
  await scene.pass(store, 420);
  assert.equal(await accounts.alertOnce(rolling, 0.5), true);
  assert.equal(await accounts.alertOnce(endless(), 0.5), true);
  await accounts.reset(endless());
  assert.equal(await accounts.alertOnce(endless(), 0.5), true);
  assert.equal(await accounts.alertOnce(endless(), 0.5), false);
}

async function listing(scene: Scene): Promise<void> {
  const { accounts, all } = await scene.accounts(2);
  const now = Math.floor(await accounts.now());
  const put = async (account: Account, used: number, reserved: number, limits: { nanoUsd?: number }) => {
    const id = `${account.budget} ${account.subject}`;
    await spend(accounts, `${id} settled`, account, used);
    await reserve(accounts, `${id} reserved`, [{ ...claim(account, reserved, limits), enforced: false }]);
  };
  const window: Account['window'] = { kind: 'fixed', startMs: now - 1_000, endMs: now + 60_000 };
  const day = (subject: string): Account => ({ budget: 'day', subject, window });
  await put(day('half'), 500, 1, { nanoUsd: 1_000 });
  await put(day('over'), 12, 1, { nanoUsd: 10 });
  await put(day('unlimited'), 10_000, 5, {});
  await put(day('tenth'), 10, 0, { nanoUsd: 100 });
  await put(day('nearly'), 80, 10, { nanoUsd: 100 });
  await put(endless('other'), 3, 4, { nanoUsd: 10 });
  const rolling: Account = { budget: 'rolling', subject: '', window: { kind: 'rolling', lengthMs: 60_000 } };
  await reserve(accounts, 'tokens', [claim(rolling, { nanoUsd: 1, tokens: 5 }, { tokens: 20 })]);

  const listed = await (all[1] ?? accounts).list('day');
  const subjects = listed.map(({ account }) => account.subject);
  assert.deepEqual(subjects, ['over', 'nearly', 'half', 'tenth', 'unlimited']);
  assert.deepEqual(listed[1], {
    account: day('nearly'),
    balance: { used: money(80), reserved: money(10), raised: nothing },
    limits: { nanoUsd: 100 },
  });
  assert.deepEqual(listed[4]?.limits, {});
  assert.deepEqual(await accounts.list('rolling'), [
    {
      account: rolling,
      balance: { used: nothing, reserved: { nanoUsd: 1, tokens: 5 }, raised: nothing },
      limits: { tokens: 20 },
    },
  ]);
  assert.equal((await accounts.list()).length, 7);
  assert.deepEqual(await accounts.list('nobody'), []);

  refusedAt(await accounts.reserve('lower', [claim(day('tenth'), 50, 20)], longLeaseMs));
  const [tenth] = (await accounts.list('day')).filter(({ account }) => account.subject === 'tenth');
  assert.deepEqual(tenth?.limits, { nanoUsd: 20 }, 'limits are those last asked with, also of a refusal');
}

async function storeClock(scene: Scene): Promise<void> {
  const { store, accounts, all } = await scene.accounts(2);
  const before = await accounts.now();
  await scene.pass(store, 50);
  const between = await (all[1] ?? accounts).now();
  await scene.pass(store, 50);
  const after = await accounts.now();
  assert.ok(
    between - before >= 49 && after - between >= 49,
    `${before}, ${between} and ${after}, 50 ms apart`,
  );
}
