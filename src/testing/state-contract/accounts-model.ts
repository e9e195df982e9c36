import assert from 'node:assert/strict';

import type { Account, AccountClaim, Amounts } from '../../core/accounts.ts';
import { endless, longLeaseMs, nothing, refusedAt } from './claims.ts';
import type { Check, Scene } from './scene.ts';

export const accountModelChecks: readonly Check[] = [
  ['agrees with a naive model of accounts, whatever is asked', model],
];

interface Tally {
  readonly account: Account;
  used: Amounts;
  reserved: Amounts;
  raised: Amounts;
}

const kinds = ['nanoUsd', 'tokens'] as const;

function sum(a: Amounts, b: Amounts, sign = 1): Amounts {
  return { nanoUsd: a.nanoUsd + sign * b.nanoUsd, tokens: a.tokens + sign * b.tokens };
}

/** The least that accounts can be: no time passes. */
class Model {
  readonly tallies: readonly Tally[];
  readonly held = new Map<string, readonly AccountClaim[]>();

  constructor(accounts: readonly Account[]) {
    this.tallies = accounts.map((account) => ({
      account,
      used: nothing,
      reserved: nothing,
      raised: nothing,
    }));
  }

  of(account: Account): Tally {
    const tally = this.tallies.find((each) => each.account === account);
    assert.ok(tally);
    return tally;
  }

  /** Index of the first claim that is too much. */
  reserve(id: string, claims: readonly AccountClaim[]): number | undefined {
    const before = this.tallies.map(({ reserved }) => reserved);
    for (const [index, { account, amounts, limits, enforced }] of claims.entries()) {
      const tally = this.of(account);
      tally.reserved = sum(tally.reserved, amounts);
      const taken = sum(tally.used, tally.reserved);
      const most = sum({ nanoUsd: Infinity, tokens: Infinity, ...limits }, tally.raised);
      if (!enforced || kinds.every((kind) => taken[kind] <= most[kind])) continue;
      for (const [at, each] of this.tallies.entries()) each.reserved = before[at] ?? nothing;
      return index;
    }
    this.held.set(id, claims);
    return undefined;
  }

  /** Whether there was one. */
  end(id: string, spent: readonly Amounts[]): boolean {
    const claims = this.held.get(id);
    for (const [index, { account, amounts }] of claims?.entries() ?? []) {
      const tally = this.of(account);
      tally.reserved = sum(tally.reserved, amounts, -1);
      tally.used = sum(tally.used, spent[index] ?? nothing);
    }
    return this.held.delete(id);
  }
}

async function model(scene: Scene): Promise<void> {
  const { random } = scene;
  const upTo = (most: number): number => Math.floor(random() * (most + 1));
  const amounts = (most: number): Amounts => ({ nanoUsd: upTo(most), tokens: upTo(most) });
  const somewhere = <T>(all: readonly [T, ...T[]]): T => all[upTo(all.length - 1)] ?? all[0];
  for (let round = 0; round < 12; round += 1) {
    const { all } = await scene.accounts(2);
    const now = Math.floor(await all[0].now());
    const fixed: readonly [Account, ...Account[]] = [
      endless('a'),
      endless('b'),
      { ...endless('a'), window: { kind: 'fixed', startMs: now - longLeaseMs, endMs: now + longLeaseMs } },
    ];
    const subjects: typeof fixed = [
      ...fixed,
      { ...endless('b'), window: { kind: 'rolling', lengthMs: 3_600_000 } },
    ];
    const expected = new Model(subjects);
    // An id is never used again: which of those with the same number it is.
    const generations = new Map<number, number>();
    for (let step = 0; step < 40; step += 1) {
      const accounts = somewhere(all);
      const number = upTo(20);
      const generation = generations.get(number) ?? 0;
      const id = `${number} ${generation}`;
      const dice = random();
      const where = `round ${round}, step ${step}`;
      if (dice < 0.5) {
        const claims = Array.from({ length: 1 + upTo(2) }, (): AccountClaim => ({
          account: somewhere(subjects),
          amounts: amounts(40),
          limits: {
            ...(random() < 0.7 ? { nanoUsd: upTo(150) } : {}),
            ...(random() < 0.4 ? { tokens: upTo(150) } : {}),
          },
          enforced: random() < 0.9,
        }));
        const isHeld = expected.held.has(id);
        const answer = await accounts.reserve(id, claims, longLeaseMs);
        const refused = isHeld ? undefined : expected.reserve(id, claims);
        assert.equal(answer.ok, refused === undefined, where);
        if (!answer.ok) assert.equal(refusedAt(answer), refused, where);
        if (isHeld || !('balances' in answer)) continue;
        for (const [index, { account }] of claims.entries()) {
          const { used, reserved, raised } = expected.of(account);
          assert.deepEqual(answer.balances[index], { used, reserved, raised }, where);
        }
      } else if (dice < 0.75) {
        const spent = (expected.held.get(id) ?? []).map(() => amounts(50));
        const balances = await accounts.settle(id, spent);
        const claims = expected.held.get(id) ?? [];
        assert.equal(balances !== undefined, expected.end(id, spent), where);
        if (balances !== undefined) generations.set(number, generation + 1);
        for (const [index, { account }] of claims.entries()) {
          const { used, reserved, raised } = expected.of(account);
          assert.deepEqual(balances?.[index], { used, reserved, raised }, where);
        }
      } else if (dice < 0.9) {
        const isReleased = await accounts.release(id);
        assert.equal(isReleased, expected.end(id, []), where);
        if (isReleased) generations.set(number, generation + 1);
      } else if (dice < 0.95) {
        const [subject, by] = [somewhere(['a', 'b']), amounts(30)];
        await accounts.raise('endless', subject, by, now + 3_600_000);
        for (const tally of expected.tallies) if (tally.account.subject === subject) tally.raised = by;
      } else {
        const account = somewhere(fixed);
        await accounts.reset(account);
        expected.of(account).used = nothing;
      }
    }
    for (const { account, used, reserved, raised } of expected.tallies)
      assert.deepEqual(await all[0].balance(account), { used, reserved, raised }, `round ${round}`);
  }
}
