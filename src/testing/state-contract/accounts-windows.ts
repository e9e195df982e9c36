import assert from 'node:assert/strict';

import type { Account } from '../../core/accounts.ts';
import { claim, endless, longLeaseMs, money, reserve, sameBalance, spend, stands } from './claims.ts';
import type { Check, Scene } from './scene.ts';

export const windowChecks: readonly Check[] = [
  ['reserves in windows that its clock is in, else says what that reads', otherWindow],
  ['counts in the window that was reserved in, also when that is over', overWindow],
  ['lets what was used leave a rolling window in steps', rolling],
  ['counts in a rolling window from when it was settled, or lost', rollingLate],
  ['counts what is lost in a rolling window no longer than that, whenever it is seen', rollingLost],
  ['resets what is used, and neither what is reserved nor what is lost', resetting],
];

function within(startMs: number, endMs?: number): Account {
  const window = endMs === undefined ? { startMs } : { startMs, endMs };
  return { budget: 'windows', subject: '', window: { kind: 'fixed', ...window } };
}

async function otherWindow(scene: Scene): Promise<void> {
  const { store, accounts } = await scene.accounts();
  const now = Math.floor(await accounts.now());
  const [past, present, future] = [
    within(now - 120_000, now - 60_000),
    within(now - 60_000, now + 60_000),
    within(now + 60_000, now + 120_000),
  ];
  for (const [index, wrong] of [past, future, within(now + 60_000)].entries()) {
    const loose = { ...claim(wrong, 1), enforced: index !== 0 };
    const reserved = await accounts.reserve(`wrong ${index}`, [claim(present, 1), loose], longLeaseMs);
    assert.ok(!reserved.ok && reserved.because === 'window', 'expected that the window refuses it');
    assert.ok(
      reserved.nowMs >= now && reserved.nowMs <= (await accounts.now()) + 1,
      'its clock reads otherwise',
    );
    await stands(accounts, present, {});
    await stands(accounts, wrong, {});
  }
  await reserve(accounts, 'right', [claim(present, 1), claim(endless(), 1)]);
  await scene.pass(store, 10);
  const then = Math.floor(await accounts.now());
  await reserve(accounts, 'first', [claim(within(then), 1), claim(within(then, then + 60_000), 1)]);
  const late = await accounts.reserve('late', [claim(within(now - 1_000, then), 1)], longLeaseMs);
  assert.ok(!late.ok && late.because === 'window', 'a window ends before its end');
}

async function overWindow(scene: Scene): Promise<void> {
  const { store, accounts } = await scene.accounts();
  const now = Math.floor(await accounts.now());
  const lengthMs = 400;
  const [first, second] = [within(now - 3_600_000, now + lengthMs), within(now + lengthMs, now + 7_200_000)];
  await spend(accounts, 'settled', first, 5);
  await reserve(accounts, 'lost', [claim(first, 20)], 50);
  await reserve(accounts, 'slow', [claim(first, 10)]);
  await scene.pass(store, lengthMs + 20);
  await reserve(accounts, 'next', [claim(second, 1)]);
  await stands(accounts, first, { used: 25, reserved: 10 });
  const [told] = await accounts.lost();
  assert.deepEqual(told?.claims, [{ account: first, amounts: money(20) }]);
  const settled = await accounts.settle('slow', [money(15)]);
  sameBalance(settled?.[0], { used: 40 });
  assert.equal(await accounts.release('lost'), true);
  await stands(accounts, first, { used: 20 });
  await stands(accounts, second, { reserved: 1 });
}

function lately(lengthMs: number): Account {
  return { budget: 'rolling', subject: '', window: { kind: 'rolling', lengthMs } };
}

async function rolling(scene: Scene): Promise<void> {
  const { store, accounts } = await scene.accounts();
  const [lengthMs, stepMs] = [1_200, 20];
  const account = lately(lengthMs);
  // In the midst of a step, where the clock is driven.
  await scene.pass(store, 7);
  const firstFrom = await accounts.now();
  await spend(accounts, 'first', account, 60);
  const firstTo = await accounts.now();
  await scene.pass(store, lengthMs / 2);
  const secondFrom = await accounts.now();
  await spend(accounts, 'second', account, 30);
  const secondTo = await accounts.now();
  // Where a test is held up for longer than a window, that window has nothing to say.
  const used = async (): Promise<number> => (await accounts.balance(account)).used.nanoUsd;
  const early = await used();
  if ((await accounts.now()) - firstFrom < lengthMs) assert.equal(early, 90);
  await scene.pass(store, Math.max(0, firstFrom + lengthMs - 5 - (await accounts.now())));
  const shortlyBefore = await used();
  if ((await accounts.now()) - firstFrom < lengthMs) assert.equal(shortlyBefore, 90);
  await scene.pass(store, Math.max(0, firstTo + lengthMs + stepMs + 1 - (await accounts.now())));
  const later = await used();
  assert.ok(later <= 30, `${later} where the first 60 have left the window`);
  if ((await accounts.now()) - secondFrom < lengthMs) assert.equal(later, 30);
  await scene.pass(store, Math.max(0, secondTo + lengthMs + stepMs + 1 - (await accounts.now())));
  await stands(accounts, account, {});
  await reserve(accounts, 'after', [claim(account, 100)]);
}

async function rollingLate(scene: Scene): Promise<void> {
  const { store, accounts } = await scene.accounts();
  const [lengthMs, stepMs] = [1_200, 20];
  const account = lately(lengthMs);
  const from = await accounts.now();
  await reserve(accounts, 'slow', [claim(account, 60)]);
  await reserve(accounts, 'lost', [claim(account, 3)], 600);
  await scene.pass(store, 800);
  await accounts.settle('slow', [money(50)]);
  const settledTo = await accounts.now();
  await scene.pass(store, Math.max(0, from + 1_550 - settledTo));
  const { used } = await accounts.balance(account);
  // Reserved 1,550 ms ago, but settled 750 ms ago, and lost 950 ms ago.
  if ((await accounts.now()) - from < 1_750) assert.equal(used.nanoUsd, 53);
  await scene.pass(store, Math.max(0, settledTo + lengthMs + stepMs + 1 - (await accounts.now())));
  await stands(accounts, account, {});
}

async function rollingLost(scene: Scene): Promise<void> {
  const { store, accounts } = await scene.accounts();
  const [lengthMs, stepMs] = [1_200, 20];
  const account = lately(lengthMs);
  const from = await accounts.now();
  await reserve(accounts, 'lost', [claim(account, 3)], 100);
  await reserve(accounts, 'found', [claim(account, 40)], 150);
  const to = await accounts.now();
  await scene.pass(store, 700);
  const { used } = await accounts.balance(account);
  if ((await accounts.now()) - from < 1_300) assert.equal(used.nanoUsd, 43);
  // As long as since their leases ended, whenever that was seen.
  await scene.pass(store, Math.max(0, to + 150 + lengthMs + stepMs + 2 - (await accounts.now())));
  await stands(accounts, account, {});
  // Where it is still known, it counts like any other.
  const settled = await accounts.settle('found', [money(50)]);
  if (settled !== undefined) sameBalance(settled[0], { used: 50 });
  await stands(accounts, account, { used: settled === undefined ? 0 : 50 });
}

async function resetting(scene: Scene): Promise<void> {
  const { store, accounts, all } = await scene.accounts(2);
  const [account, other] = [endless('a'), endless('b')];
  await spend(accounts, 'settled', account, 30);
  await spend(accounts, 'other', other, 5);
  await reserve(accounts, 'lost', [claim(account, 10)], 50);
  await scene.pass(store, 70);
  await reserve(accounts, 'under way', [claim(account, 20)]);
  await stands(accounts, account, { used: 40, reserved: 20 });
  await (all[1] ?? accounts).reset(account);
  await stands(accounts, account, { used: 10, reserved: 20 });
  await stands(accounts, other, { used: 5 });
  assert.equal(await accounts.release('lost'), true);
  await stands(accounts, account, { reserved: 20 });
  await accounts.settle('under way', [money(25)]);
  await stands(accounts, account, { used: 25 });
  await accounts.reset(endless('never seen'));
  await stands(accounts, endless('never seen'), {});
}
