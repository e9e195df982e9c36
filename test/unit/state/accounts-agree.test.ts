import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteState } from 'managed-llm/sqlite';
import { manualClock } from 'managed-llm/testing';
import * as fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { Account, AccountClaim, Accounts, LostReservation } from '../../../src/core/accounts.ts';
import { MemoryAccounts } from '../../../src/state/memory/memory-accounts.ts';

const folder = mkdtempSync(join(tmpdir(), 'managed-llm-agree-'));
afterAll(() => rmSync(folder, { recursive: true }));

const begun = Date.UTC(2026, 10, 10);
/** Reservations of these are lost soon. */
const fixed: readonly Account[] = [
  { budget: 'a', subject: 'x', window: { kind: 'fixed', startMs: 0 } },
  { budget: 'a', subject: '', window: { kind: 'fixed', startMs: begun - 1_000, endMs: begun + 30_000 } },
  { budget: 'b', subject: 'x', window: { kind: 'fixed', startMs: begun, endMs: begun + 3_600_000 } },
];
/** Those of these never: when one that counts nowhere any more is let go of is for each state to choose. */
const rolling: readonly Account[] = [
  { budget: 'a', subject: 'x', window: { kind: 'rolling', lengthMs: 6_000 } },
  { budget: 'b', subject: '', window: { kind: 'rolling', lengthMs: 1_111 } },
];

const amounts = fc.record({ nanoUsd: fc.nat(60), tokens: fc.nat(60) });
const id = fc.nat(12).map(String);
const claims = (accounts: readonly Account[]) =>
  fc.array(
    fc.record({
      account: fc.constantFrom(...accounts),
      amounts,
      limits: fc.record({ nanoUsd: fc.nat(300), tokens: fc.nat(300) }, { requiredKeys: [] }),
      enforced: fc.boolean(),
    }) satisfies fc.Arbitrary<AccountClaim>,
    { minLength: 1, maxLength: 3 },
  );
const everywhere = fc.constantFrom(...fixed, ...rolling);

type Step = (accounts: Accounts, now: number) => unknown;
const step: fc.Arbitrary<{ readonly passMs: number; readonly run: Step }> = fc.record({
  passMs: fc.oneof(fc.constant(0), fc.nat(50), fc.nat(3_000)),
  run: fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(id, claims(fixed), fc.nat(4_000)).map(
        ([name, all, leaseMs]): Step =>
          (accounts) =>
            accounts.reserve(name, all, leaseMs),
      ),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(id, claims(rolling)).map(
        ([name, all]): Step =>
          (accounts) =>
            accounts.reserve(`rolling ${name}`, all, 1e9),
      ),
    },
    {
      weight: 4,
      arbitrary: fc
        .tuple(id, fc.array(amounts, { maxLength: 3 }), fc.boolean())
        .map(([name, spent, rolls]): Step => {
          const whole = rolls ? `rolling ${name}` : name;
          return (accounts) => accounts.settle(whole, spent);
        }),
    },
    id.map(
      (name): Step =>
        (accounts) =>
          accounts.release(name),
    ),
    fc.tuple(fc.array(id, { maxLength: 4 }), fc.nat(4_000)).map(
      ([ids, leaseMs]): Step =>
        (accounts) =>
          accounts.renew(ids, leaseMs),
    ),
    everywhere.map(
      (account): Step =>
        (accounts) =>
          accounts.reset(account),
    ),
    fc.tuple(fc.constantFrom('a', 'b'), amounts, fc.nat(5_000)).map(
      ([budget, by, forMs]): Step =>
        (accounts, now) =>
          accounts.raise(budget, 'x', by, now + forMs),
    ),
    fc.tuple(everywhere, fc.constantFrom(0.5, 0.8, 1)).map(
      ([account, share]): Step =>
        (accounts) =>
          accounts.alertOnce(account, share),
    ),
  ),
});

/** Those that were lost at the same time come in any order. */
function byId(lost: readonly LostReservation[] = []): readonly LostReservation[] {
  return lost.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

test('memory and SQLite answer alike, whatever is asked and whenever', async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const clock = manualClock(begun);
      const path = join(folder, `${(runs += 1)}.db`);
      const state = sqliteState({ path, clock });
      const [memory, file] = [new MemoryAccounts(clock), state.accounts];
      for (const [index, { passMs, run }] of steps.entries()) {
        await clock.advance(passMs);
        const where = `step ${index}`;
        expect(file && (await run(file, clock.now())), where).toEqual(await run(memory, clock.now()));
      }
      for (const account of [...fixed, ...rolling])
        expect(await file?.balance(account)).toEqual(memory.balance(account));
      expect(byId(await file?.lost())).toEqual(byId(memory.lost()));
      await state.dispose?.();
    }),
    { numRuns: 60 },
  );
}, 60_000);

test('a reservation on an account that says nothing any more and on a new one counts on both', async () => {
  const clock = manualClock(begun);
  const state = sqliteState({ path: join(folder, 'one-old-one-new.db'), clock });
  const accounts: Accounts = state.accounts!;
  const claimOn = (account: Account): AccountClaim => ({
    account,
    amounts: { nanoUsd: 1, tokens: 1 },
    limits: {},
    enforced: true,
  });
  const [fresh, old] = rolling as readonly [Account, Account];
  await accounts.reserve('1', [claimOn(old)], 1_000);
  await accounts.release('1');
  await clock.advance(10_000);
  await accounts.reserve('2', [claimOn(fresh), claimOn(old)], 1_000);
  for (const account of [fresh, old])
    expect((await accounts.balance(account)).reserved).toEqual({ nanoUsd: 1, tokens: 1 });
  await state.dispose?.();
});
