import { memoryState, type AccountWindow, type Accounts, type Amounts } from 'managed-llm';
import { manualClock } from 'managed-llm/testing';
import { describe, expect, test } from 'vitest';
import { budgetsOf, shareTaken, subjectText } from '../../../src/report/budgets.ts';

const now = Date.UTC(2026, 10, 30, 12);
const dayMs = 86_400_000;
const today: AccountWindow = { kind: 'fixed', startMs: now - dayMs / 2, endMs: now + dayMs / 2 };
const yesterday: AccountWindow = { kind: 'fixed', startMs: now - 1.5 * dayMs, endMs: now - dayMs / 2 };

function books(startMs = now) {
  const clock = manualClock(startMs);
  const { accounts } = memoryState({ clock });
  if (accounts === undefined) throw new Error('The memory state keeps accounts.');
  let reservations = 0;
  const reserve = async (
    accounts: Accounts,
    budget: string,
    subject: string,
    window: AccountWindow,
    amounts: Amounts,
    limits: Partial<Amounts>,
  ): Promise<string> => {
    const id = `reservation-${(reservations += 1)}`;
    const claims = [{ account: { budget, subject, window }, amounts, limits, enforced: false }];
    await accounts.reserve(id, claims, 60_000);
    return id;
  };
  return {
    clock,
    accounts,
    reserve: (
      budget: string,
      subject: string,
      window: AccountWindow,
      amounts: Amounts,
      limits: Partial<Amounts>,
    ) => reserve(accounts, budget, subject, window, amounts, limits),
    async spend(
      budget: string,
      subject: string,
      window: AccountWindow,
      amounts: Amounts,
      limits: Partial<Amounts>,
    ) {
      await accounts.settle(await reserve(accounts, budget, subject, window, amounts, limits), [amounts]);
    },
  };
}

const usd = (nanoUsd: number): Amounts => ({ nanoUsd, tokens: 0 });

describe('budgets', () => {
  test('are those whose window is now, by name, the fullest first', async () => {
    const { accounts, spend, clock } = books(now - dayMs);
    await spend('daily', '["old"]', yesterday, usd(99), { nanoUsd: 100 });
    await clock.advance(dayMs);
    await spend('daily', '["half"]', today, usd(50), { nanoUsd: 100 });
    await spend('daily', '["full"]', today, usd(100), { nanoUsd: 100 });
    await spend('all', '', { kind: 'rolling', lengthMs: dayMs }, usd(7), { nanoUsd: 10 });
    await spend('ever', '', { kind: 'fixed', startMs: 0 }, usd(7), { nanoUsd: 10 });
    const found = await budgetsOf(accounts);
    expect(found?.at).toBe(now);
    expect(
      found?.budgets.map(({ name, levels }) => [name, levels.map(({ account }) => account.subject)]),
    ).toEqual([
      ['all', ['']],
      ['daily', ['["full"]', '["half"]']],
      ['ever', ['']],
    ]);
    expect(found?.lost).toEqual([]);
  });

  test('tell each limit, what is reserved, and raises', async () => {
    const { accounts, spend, reserve } = books();
    const limits = { nanoUsd: 100, tokens: 1_000 };
    await spend('b', '', today, { nanoUsd: 30, tokens: 900 }, limits);
    await reserve('b', '', today, { nanoUsd: 20, tokens: 50 }, limits);
    await accounts.raise('b', '', { nanoUsd: 100, tokens: 0 }, now + 1_000);
    const [budget] = (await budgetsOf(accounts))?.budgets ?? [];
    expect(budget?.levels).toMatchObject([
      {
        isRaised: true,
        limits: [
          { measure: 'usd', used: 30, reserved: 20, limit: 200 },
          { measure: 'tokens', used: 900, reserved: 50, limit: 1_000 },
        ],
      },
    ]);
  });

  test('without a limit tell what was used', async () => {
    const { accounts, spend } = books();
    await spend('b', '', today, usd(30), {});
    const [budget] = (await budgetsOf(accounts))?.budgets ?? [];
    expect(budget?.levels[0]?.limits).toEqual([{ measure: 'usd', used: 30, reserved: 0, limit: undefined }]);
  });

  test('of very many subjects tell the fullest, and how many there are', async () => {
    const { accounts, spend } = books();
    for (let user = 0; user < 40; user += 1)
      await spend('daily', JSON.stringify([null, `user-${user}`]), today, usd(user + 1), { nanoUsd: 100 });
    const [budget] = (await budgetsOf(accounts))?.budgets ?? [];
    expect(budget?.count).toBe(40);
    expect(budget?.levels).toHaveLength(12);
    expect(budget?.levels[0]?.account.subject).toBe('[null,"user-39"]');
  });

  test('come with what was lost, the newest first', async () => {
    const { accounts, reserve, clock } = books();
    for (let lost = 0; lost < 25; lost += 1) {
      await reserve('b', '', today, usd(lost + 1), { nanoUsd: 100 });
      await clock.advance(1_000);
    }
    await clock.advance(61_000);
    const found = await budgetsOf(accounts);
    expect(found?.lostCount).toBe(25);
    expect(found?.lost).toHaveLength(20);
    expect(found?.lost[0]?.claims[0]?.amounts.nanoUsd).toBe(25);
  });

  test('are nothing where nobody keeps any', async () => {
    expect(await budgetsOf(books().accounts)).toBeUndefined();
  });
});

test.each([
  [{ used: 50, reserved: 0, limit: 100 }, 0.5],
  [{ used: 90, reserved: 20, limit: 100 }, 1.1],
  [{ used: 5, reserved: 0, limit: undefined }, 0],
  [{ used: 0, reserved: 0, limit: 0 }, 1],
])('of %j, this is taken: %d', (level, share) => {
  expect(shareTaken({ measure: 'usd', ...level })).toBe(share);
});

test.each([
  ['["gpt-5"]', 'gpt-5'],
  ['[null,"alice"]', 'alice'],
  ['["acme","alice"]', 'acme · alice'],
  ['[["acme","alice"],["openai/gpt-5"]]', 'acme · alice · openai/gpt-5'],
  ['whatever somebody wrote', 'whatever somebody wrote'],
  ['17', '17'],
])('the subject %s is told as %s', (subject, text) => {
  expect(subjectText(subject)).toBe(text);
});
