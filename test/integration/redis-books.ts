import { setTimeout as sleep } from 'node:timers/promises';
import { ManagedLLMError, type Account, type AccountClaim, type Accounts, type State } from 'managed-llm';
import { expect } from 'vitest';

export const total = { kind: 'fixed', startMs: 0 } as const;
export const nothing = { nanoUsd: 0, tokens: 0 };

export function account(subject: string, window: Account['window'] = total): Account {
  return { budget: 'b', subject, window };
}

export function money(nanoUsd: number) {
  return { nanoUsd, tokens: 0 };
}

export function claim(of: Account, nanoUsd: number, limit?: number): AccountClaim {
  return {
    account: of,
    amounts: money(nanoUsd),
    limits: limit === undefined ? {} : { nanoUsd: limit },
    enforced: true,
  };
}

/** Accounts that are there. */
export function accountsOf({ accounts }: State): Accounts {
  if (accounts === undefined) throw new Error('The state has no accounts.');
  return accounts;
}

export async function code(promise: Promise<unknown> | unknown): Promise<string | undefined> {
  return Promise.resolve(promise).then(
    () => expect.fail('expected a rejection'),
    (error: unknown) => ManagedLLMError.from(error)?.code,
  );
}

/** Asks until it is answered, as the budget does. */
export async function persist<T>(ask: () => T | Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (ManagedLLMError.from(error)?.code !== 'state-unreachable') throw error;
      await sleep(10);
    }
  }
}
