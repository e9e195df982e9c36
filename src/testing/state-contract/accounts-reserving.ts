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
import { oddTexts } from './odd-texts.ts';
import type { Check, Scene } from './scene.ts';

export const reservingChecks: readonly Check[] = [
  ['an account begins with nothing used and nothing reserved', emptyAtFirst],
  ['reserves from all accounts or from none, and says which one has too little', allOrNone],
  ['reserves up to the limit exactly, settled and reserved together', upToTheLimit],
  ['limits money, tokens, both or neither', eitherAmount],
  ['counts what is not enforced all the same', notEnforced],
  ['counts an account twice that is claimed twice', claimedTwice],
  ['reserves once for one id, however often it is asked', sameId],
  ['settles by what was spent, be it less or more than was reserved', spentOtherwise],
  ['settles once, by whomever', settledOnce],
  ['releases what nothing was spent of, once', released],
  ['goes on by the limits asked with', changedLimits],
  ['gives 200 that ask at once no more than there is', neverOversold],
  ['counts every unit once, whoever reserves, settles and releases at once', everyUnitOnce],
  ['tells budgets and subjects apart by their exact code points', exactTexts],
  ['tells accounts of different windows apart', windowsApart],
  ['keeps large sums to the unit', largeSums],
  ['tells stores apart, money included', storesApart],
];

async function emptyAtFirst(scene: Scene): Promise<void> {
  const { accounts } = await scene.accounts();
  await stands(accounts, endless(), { used: 0, reserved: 0 });
  assert.equal(await accounts.settle('unknown', []), undefined);
  assert.equal(await accounts.release('unknown'), false);
  await stands(accounts, endless(), { used: 0, reserved: 0 });
}

async function allOrNone(scene: Scene): Promise<void> {
  const { accounts } = await scene.accounts();
  const [first, second, third] = [endless('first'), endless('second'), endless('third')];
  await spend(accounts, 'before', second, 80);
  const asked = (amount: number) => [claim(first, amount), claim(second, amount), claim(third, amount, 10)];
  const refused = await accounts.reserve('a', asked(30), longLeaseMs);
  assert.equal(refusedAt(refused), 1);
  assert.ok(!refused.ok && refused.because === 'limit');
  assert.equal(refused.balances.length, 3);
  sameBalance(refused.balances[0], {});
  sameBalance(refused.balances[1], { used: 80 });
  sameBalance(refused.balances[2], {});
  assert.equal(refusedAt(await accounts.reserve('b', asked(20), longLeaseMs)), 2);
  for (const account of [first, third]) await stands(accounts, account, {});
  const balances = await reserve(accounts, 'c', asked(10));
  assert.equal(balances.length, 3);
  sameBalance(balances[0], { reserved: 10 });
  sameBalance(balances[1], { used: 80, reserved: 10 });
  sameBalance(balances[2], { reserved: 10 });
}

async function upToTheLimit(scene: Scene): Promise<void> {
  const { accounts } = await scene.accounts();
  await spend(accounts, 'settled', endless(), 40);
  await reserve(accounts, 'a', [claim(endless(), 35)]);
  assert.equal(refusedAt(await accounts.reserve('b', [claim(endless(), 26)], longLeaseMs)), 0);
  await reserve(accounts, 'c', [claim(endless(), 25)]);
  assert.equal(refusedAt(await accounts.reserve('d', [claim(endless(), 1)], longLeaseMs)), 0);
  await reserve(accounts, 'e', [claim(endless(), 0)]);
  await stands(accounts, endless(), { used: 40, reserved: 60 });
}

async function eitherAmount(scene: Scene): Promise<void> {
  const { accounts } = await scene.accounts();
  const ask = (id: string, subject: string, limits: { nanoUsd?: number; tokens?: number }) =>
    accounts.reserve(id, [claim(endless(subject), { nanoUsd: 20, tokens: 30 }, limits)], longLeaseMs);
  assert.equal((await ask('a', 'money', { nanoUsd: 20 })).ok, true);
  refusedAt(await ask('b', 'money', { nanoUsd: 39 }));
  assert.equal((await ask('c', 'tokens', { tokens: 30 })).ok, true);
  refusedAt(await ask('d', 'tokens', { tokens: 59 }));
  assert.equal((await ask('e', 'both', { nanoUsd: 20, tokens: 30 })).ok, true);
  refusedAt(await ask('f', 'both', { nanoUsd: 1_000, tokens: 59 }));
  refusedAt(await ask('g', 'both', { nanoUsd: 39, tokens: 1_000 }));
  refusedAt(await ask('h', 'none', { nanoUsd: 0, tokens: 0 }));
  for (let count = 0; count < 5; count += 1) assert.equal((await ask(`n${count}`, 'none', {})).ok, true);
  await stands(accounts, endless('money'), { reserved: { nanoUsd: 20, tokens: 30 } });
  await stands(accounts, endless('both'), { reserved: { nanoUsd: 20, tokens: 30 } });
  await stands(accounts, endless('none'), { reserved: { nanoUsd: 100, tokens: 150 } });
}

async function notEnforced(scene: Scene): Promise<void> {
  const { accounts } = await scene.accounts();
  const loose = { ...claim(endless(), 150), enforced: false };
  const balances = await reserve(accounts, 'a', [loose, claim(endless('other'), 5)]);
  sameBalance(balances[0], { reserved: 150 });
  const refused = await accounts.reserve('b', [loose, claim(endless(), 1)], longLeaseMs);
  assert.equal(refusedAt(refused), 1);
  await accounts.settle('a', [money(160), money(5)]);
  await stands(accounts, endless(), { used: 160 });
  refusedAt(await accounts.reserve('c', [claim(endless(), 0)], longLeaseMs));
}

async function claimedTwice(scene: Scene): Promise<void> {
  const { accounts } = await scene.accounts();
  const twice = (amount: number) => [claim(endless(), amount), claim(endless(), amount)];
  assert.equal(refusedAt(await accounts.reserve('a', twice(51), longLeaseMs)), 1);
  await stands(accounts, endless(), {});
  for (const balance of await reserve(accounts, 'b', twice(50))) sameBalance(balance, { reserved: 100 });
  const balances = await accounts.settle('b', [money(10), money(20)]);
  assert.equal(balances?.length, 2);
  for (const balance of balances ?? []) sameBalance(balance, { used: 30 });
}

async function sameId(scene: Scene): Promise<void> {
  const { accounts, all } = await scene.accounts(2);
  const other = all[1] ?? accounts;
  const claims = [claim(endless('a'), 60), claim(endless('b'), 10)];
  const first = await accounts.reserve('same', claims, longLeaseMs);
  assert.deepEqual(await accounts.reserve('same', claims, longLeaseMs), first);
  assert.deepEqual(await other.reserve('same', claims, longLeaseMs), first);
  await stands(accounts, endless('a'), { reserved: 60 });
  await spend(accounts, 'another', endless('a'), 100);
  assert.equal((await other.reserve('same', claims, longLeaseMs)).ok, true, 'it was reserved before');
  await Promise.all(all.map((each) => each.reserve('at once', [claim(endless('c'), 60)], longLeaseMs)));
  await stands(other, endless('c'), { reserved: 60 });
  assert.equal(await other.release('same'), true);
  await stands(accounts, endless('a'), { used: 100 });
  await stands(accounts, endless('b'), {});
}

async function spentOtherwise(scene: Scene): Promise<void> {
  const { accounts } = await scene.accounts();
  const [first, second] = [endless('first'), endless('second')];
  await reserve(accounts, 'a', [claim(first, 60), claim(second, { nanoUsd: 60, tokens: 10 })]);
  const balances = await accounts.settle('a', [money(25), { nanoUsd: 130, tokens: 40 }]);
  assert.equal(balances?.length, 2);
  sameBalance(balances?.[0], { used: 25 });
  sameBalance(balances?.[1], { used: { nanoUsd: 130, tokens: 40 } });
  refusedAt(await accounts.reserve('b', [claim(second, 1)], longLeaseMs));
  await reserve(accounts, 'c', [claim(first, 75)]);
  const settled = await accounts.settle('c', [nothing]);
  sameBalance(settled?.[0], { used: 25 });
}

async function settledOnce(scene: Scene): Promise<void> {
  const { accounts, all } = await scene.accounts(4);
  await reserve(accounts, 'a', [claim(endless(), 60)]);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => all[index % all.length]?.settle('a', [money(10 + index)])),
  );
  const told = answers.filter((answer) => answer !== undefined);
  assert.equal(told.length, 1);
  const used = told[0]?.[0]?.used.nanoUsd ?? NaN;
  assert.ok(used >= 10 && used < 30);
  assert.equal(await accounts.settle('a', [money(1)]), undefined);
  assert.equal(await accounts.release('a'), false);
  assert.deepEqual(await accounts.renew(['a'], longLeaseMs), ['a']);
  await stands(accounts, endless(), { used });
}

async function released(scene: Scene): Promise<void> {
  const { accounts, all } = await scene.accounts(4);
  await spend(accounts, 'before', endless('a'), 7);
  await reserve(accounts, 'a', [claim(endless('a'), 60), claim(endless('b'), 5)]);
  const answers = await Promise.all(all.map((each) => each.release('a')));
  assert.equal(answers.filter(Boolean).length, 1);
  await stands(accounts, endless('a'), { used: 7 });
  await stands(accounts, endless('b'), {});
  assert.equal(await accounts.settle('a', [money(5), money(5)]), undefined);
  await stands(accounts, endless('a'), { used: 7 });
}

async function changedLimits(scene: Scene): Promise<void> {
  const { accounts } = await scene.accounts();
  await spend(accounts, 'before', endless(), 50);
  refusedAt(await accounts.reserve('a', [claim(endless(), 10, 55)], longLeaseMs));
  await reserve(accounts, 'b', [claim(endless(), 10, 60)]);
  refusedAt(await accounts.reserve('c', [claim(endless(), 1, 20)], longLeaseMs));
  await reserve(accounts, 'd', [claim(endless(), 40, 1_000)]);
}

async function neverOversold(scene: Scene): Promise<void> {
  const { all } = await scene.accounts(5);
  const claims = [claim(endless('wide'), 7, 10_000), claim(endless('narrow'), 7, 100)];
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      all[index % all.length]?.reserve(`${index}`, claims, longLeaseMs),
    ),
  );
  assert.equal(answers.filter((answer) => answer?.ok === true).length, 14);
  for (const answer of answers) if (answer?.ok === false) assert.equal(refusedAt(answer), 1);
  for (const accounts of all) {
    await stands(accounts, endless('wide'), { reserved: 98 });
    await stands(accounts, endless('narrow'), { reserved: 98 });
  }
}

async function everyUnitOnce(scene: Scene): Promise<void> {
  const { random } = scene;
  const { accounts, all } = await scene.accounts(4);
  const limit = 500;
  let spent = 0;
  let reserved = 0;
  const worker = async (name: string): Promise<void> => {
    for (let count = 0; count < 12; count += 1) {
      const id = `${name} ${count}`;
      const mine = all[Math.floor(random() * all.length)] ?? accounts;
      const theirs = all[Math.floor(random() * all.length)] ?? accounts;
      const amount = 1 + Math.floor(random() * 60);
      const paid = Math.floor(random() * amount);
      const ends = random();
      const answer = await mine.reserve(id, [claim(endless(), amount, limit)], longLeaseMs);
      if (!answer.ok) continue;
      const [balance] = answer.balances;
      const sum = (balance?.used.nanoUsd ?? NaN) + (balance?.reserved.nanoUsd ?? NaN);
      assert.ok(sum <= limit, `${sum} used and reserved of ${limit}`);
      if (ends < 0.6) {
        spent += paid;
        assert.ok(await theirs.settle(id, [money(paid)]));
      } else if (ends < 0.9) {
        assert.equal(await theirs.release(id), true);
      } else {
        reserved += amount;
      }
    }
  };
  await Promise.all(Array.from({ length: 16 }, (_, index) => worker(`${index}`)));
  await stands(accounts, endless(), { used: spent, reserved });
  assert.ok(spent + reserved <= limit);
}

async function exactTexts(scene: Scene): Promise<void> {
  const { accounts } = await scene.accounts();
  const all: readonly Account[] = [
    ...oddTexts.map((text) => endless(text)),
    ...oddTexts.map((text) => endless('', `budget ${text}`)),
    endless('bc', 'a'),
    endless('c', 'ab'),
    endless('abc', ''),
  ];
  for (const [index, account] of all.entries()) {
    await reserve(accounts, `settled ${index}`, [claim(account, 1_000, {})]);
    await accounts.settle(`settled ${index}`, [money(index + 1)]);
    await reserve(accounts, `reserved ${index}`, [claim(account, index + 2, {})]);
  }
  for (const [index, account] of all.entries())
    await stands(accounts, account, { used: index + 1, reserved: index + 2 });
  const listed = await accounts.list();
  const told = new Map(listed.map(({ account, balance }) => [balance.used.nanoUsd, account]));
  assert.equal(listed.length, all.length);
  for (const [index, account] of all.entries()) assert.deepEqual(told.get(index + 1), account);
}

async function windowsApart(scene: Scene): Promise<void> {
  const { accounts } = await scene.accounts();
  const now = Math.floor(await accounts.now());
  const [startMs, endMs] = [now - 3_600_000, now + 3_600_000];
  const windows: readonly Account['window'][] = [
    { kind: 'fixed', startMs },
    { kind: 'fixed', startMs: startMs - 1 },
    { kind: 'fixed', startMs, endMs },
    { kind: 'fixed', startMs, endMs: endMs + 1 },
    { kind: 'fixed', startMs: startMs - 1, endMs },
    { kind: 'rolling', lengthMs: 3_600_000 },
    { kind: 'rolling', lengthMs: 7_200_000 },
  ];
  const all = windows.map((window) => ({ ...endless('subject'), window }));
  await reserve(
    accounts,
    'all',
    all.map((account, index) => claim(account, index + 1)),
  );
  for (const [index, account] of all.entries()) await stands(accounts, account, { reserved: index + 1 });
  await accounts.settle(
    'all',
    all.map((_, index) => money(2 * index)),
  );
  for (const [index, account] of all.entries()) await stands(accounts, account, { used: 2 * index });
}

async function largeSums(scene: Scene): Promise<void> {
  const { accounts } = await scene.accounts();
  const limit = 9_000_000_000_000_000;
  const most = { nanoUsd: limit, tokens: limit };
  await reserve(accounts, 'a', [claim(endless(), { nanoUsd: limit - 3, tokens: limit - 5 }, most)]);
  const settled = await accounts.settle('a', [{ nanoUsd: limit - 3, tokens: limit - 5 }]);
  sameBalance(settled?.[0], { used: { nanoUsd: limit - 3, tokens: limit - 5 } });
  await reserve(accounts, 'b', [claim(endless(), { nanoUsd: 1, tokens: 2 }, most)]);
  refusedAt(await accounts.reserve('c', [claim(endless(), { nanoUsd: 3, tokens: 0 }, most)], longLeaseMs));
  await reserve(accounts, 'd', [claim(endless(), { nanoUsd: 2, tokens: 3 }, most)]);
  await stands(accounts, endless(), {
    used: { nanoUsd: limit - 3, tokens: limit - 5 },
    reserved: { nanoUsd: 3, tokens: 5 },
  });
}

async function storesApart(scene: Scene): Promise<void> {
  const [{ accounts }, { accounts: elsewhere }] = [await scene.accounts(), await scene.accounts()];
  await reserve(accounts, 'a', [claim(endless(), 60)]);
  await stands(elsewhere, endless(), {});
  assert.equal(await elsewhere.release('a'), false);
  await reserve(elsewhere, 'a', [claim(endless(), 5)]);
  await stands(accounts, endless(), { reserved: 60 });
}
