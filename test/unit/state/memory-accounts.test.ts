import { manualClock } from 'managed-llm/testing';
import { describe, expect, test } from 'vitest';
import type { Account, AccountClaim } from '../../../src/core/accounts.ts';
import { MemoryAccounts } from '../../../src/state/memory/memory-accounts.ts';

const minuteMs = 60_000;

function claim(account: Account, nanoUsd: number, limit?: number): AccountClaim {
  return {
    account,
    amounts: { nanoUsd, tokens: 0 },
    limits: limit === undefined ? {} : { nanoUsd: limit },
    enforced: true,
  };
}

function minute(subject: string, startMs: number): Account {
  return { budget: 'per-user', subject, window: { kind: 'fixed', startMs, endMs: startMs + minuteMs } };
}

function forever(subject: string): Account {
  return { budget: 'total', subject, window: { kind: 'fixed', startMs: 0 } };
}

describe('accounts in this process', () => {
  test('that are over are let go of, however many there ever were', async () => {
    const clock = manualClock();
    const accounts = new MemoryAccounts(clock);
    let most = 0;
    for (let round = 0; round < 60; round += 1) {
      for (let user = 0; user < 2_000; user += 1) {
        const id = `${round} ${user}`;
        accounts.reserve(id, [claim(minute(`user ${user}`, clock.now()), 5)], minuteMs);
        accounts.settle(id, [{ nanoUsd: 3, tokens: 0 }]);
      }
      most = Math.max(most, accounts.size);
      await clock.advance(minuteMs);
    }
    expect(most).toBeLessThanOrEqual(20_000);
  });

  test('of a reservation under way stay, though their window is over', async () => {
    const clock = manualClock();
    const accounts = new MemoryAccounts(clock);
    const account = minute('slow', 0);
    accounts.reserve('slow', [claim(account, 5)], 10 * minuteMs);
    await clock.advance(9 * minuteMs);
    for (let user = 0; user < 20_000; user += 1) {
      accounts.reserve(`${user}`, [claim(minute(`user ${user}`, clock.now()), 5)], minuteMs);
      accounts.release(`${user}`);
    }
    expect(accounts.settle('slow', [{ nanoUsd: 7, tokens: 0 }])).toMatchObject([
      { used: { nanoUsd: 7 }, reserved: { nanoUsd: 0 } },
    ]);
  });

  test('that are too many begin anew where that gives away the least', () => {
    const accounts = new MemoryAccounts(manualClock());
    const spend = (subject: string, nanoUsd: number): void => {
      accounts.reserve(subject, [claim(forever(subject), nanoUsd, 100)], minuteMs);
      accounts.settle(subject, [{ nanoUsd, tokens: 0 }]);
    };
    spend('nearly empty', 90);
    for (let user = 0; user < 260_000; user += 1) spend(`${user}`, 1 + (user % 50));
    expect(accounts.size).toBeLessThanOrEqual(260_000);
    expect(accounts.balance(forever('nearly empty')).used.nanoUsd).toBe(90);
  }, 30_000);

  test('lose what nobody renews, and give it up with its window', async () => {
    const clock = manualClock();
    const accounts = new MemoryAccounts(clock);
    accounts.reserve('lost', [claim(minute('a', 0), 5)], 30_000);
    await clock.advance(30_000);
    expect(accounts.lost()).toMatchObject([{ id: 'lost', reservedAt: 0, lostAt: 30_000 }]);
    await clock.advance(4 * minuteMs);
    expect(accounts.lost()).toEqual([]);
    expect(accounts.release('lost')).toBe(false);
  });
});
