import assert from 'node:assert/strict';

import type { Account, AccountClaim, Accounts, Amounts, Balance, Reserved } from '../../core/accounts.ts';

/** Longer than any test takes. */
export const longLeaseMs = 60_000;

export const nothing: Amounts = { nanoUsd: 0, tokens: 0 };

export function money(nanoUsd: number): Amounts {
  return { nanoUsd, tokens: 0 };
}

/** An account whose window never ends. */
export function endless(subject = '', budget = 'endless'): Account {
  return { budget, subject, window: { kind: 'fixed', startMs: 0 } };
}

/** An enforced claim, of money unless told otherwise. */
export function claim(
  account: Account,
  amounts: Amounts | number,
  limits: Partial<Amounts> | number = 100,
): AccountClaim {
  return {
    account,
    amounts: typeof amounts === 'number' ? money(amounts) : amounts,
    limits: typeof limits === 'number' ? { nanoUsd: limits } : limits,
    enforced: true,
  };
}

/** Reserves, which has to succeed. Returns the balances after it. */
export async function reserve(
  accounts: Accounts,
  id: string,
  claims: readonly AccountClaim[],
  leaseMs = longLeaseMs,
): Promise<readonly Balance[]> {
  const reserved = await accounts.reserve(id, claims, leaseMs);
  if (!reserved.ok) assert.fail(`\`${id}\` was refused: ${reserved.because}`);
  return reserved.balances;
}

/** Reserves and settles at once. */
export async function spend(
  accounts: Accounts,
  id: string,
  account: Account,
  nanoUsd: number,
): Promise<void> {
  await reserve(accounts, id, [claim(account, nanoUsd, {})]);
  assert.ok(await accounts.settle(id, [money(nanoUsd)]), `\`${id}\` could not be settled`);
}

/** Of a refusal, the index of the claim that was too much. */
export function refusedAt(reserved: Reserved): number {
  if (reserved.ok || reserved.because !== 'limit') assert.fail('expected that the limit refuses it');
  return reserved.index;
}

/** Compares what an account stands at, in money alone unless told otherwise. */
export async function stands(
  accounts: Accounts,
  account: Account,
  expected: {
    readonly used?: Amounts | number;
    readonly reserved?: Amounts | number;
    readonly raised?: Amounts;
  },
): Promise<void> {
  sameBalance(await accounts.balance(account), expected);
}

export function sameBalance(
  actual: Balance | undefined,
  { used = 0, reserved = 0, raised = nothing }: Parameters<typeof stands>[2],
): void {
  const amounts = (given: Amounts | number): Amounts => (typeof given === 'number' ? money(given) : given);
  assert.deepEqual(actual, { used: amounts(used), reserved: amounts(reserved), raised });
}
