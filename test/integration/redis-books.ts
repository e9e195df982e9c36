import { setTimeout as sleep } from 'node:timers/promises';
import {
  ManagedLLMError,
  type Account,
  type AccountClaim,
  type Accounts,
  type Receipt,
  type State,
} from 'managed-llm';
import type { Redis } from 'ioredis';
import { expect, vi } from 'vitest';
import { sampleReceipt } from '../../src/testing/state-contract/sample-receipt.ts';

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

export function receipt(
  callId: string,
  caller: Receipt['caller'] = {},
  startedAt = 1_796_052_146_817,
): Receipt {
  return sampleReceipt(callId, {
    caller,
    servedModel: 'gpt-5-mini-2026-08-01',
    usage: { inputTokens: 1_000, outputTokens: 200, provenance: 'reported' },
    costUsd: 0.000_65,
    costNanoUsd: 650_000,
    stopReason: 'stop',
    startedAt,
  });
}

/** Asks until it is answered, as the budget does. */
export async function persist<T>(ask: () => T | Promise<T>, failed?: () => void): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (ManagedLLMError.from(error)?.code !== 'state-unreachable') throw error;
      failed?.();
      await sleep(10);
    }
  }
}

/** The names of the commands that a client has sent from now on, but for scripts that the server did not know yet. */
export function commandsOf(client: Redis): () => readonly string[] {
  const sent = vi.spyOn(client, 'sendCommand');
  return () => sent.mock.calls.map(([command]) => command.name).filter((name) => name !== 'eval');
}

/** Some at once, so that a busy server has answered before its clients give up. */
export async function eachOf<T>(
  items: readonly T[],
  run: (item: T, index: number) => unknown,
): Promise<void> {
  for (let from = 0; from < items.length; from += 100)
    await Promise.all(items.slice(from, from + 100).map((item, index) => run(item, from + index)));
}
