import type { State } from '../../core/state.ts';
import type { ContractRunner } from '../interceptor-contract.ts';
import { accountChecks } from './accounts.ts';
import { cacheChecks } from './cache.ts';
import { documentChecks } from './documents.ts';
import { ledgerChecks } from './ledger.ts';
import { limiterChecks } from './limiters.ts';
import { receiptChecks } from './receipts.ts';
import { Scene } from './scene.ts';
import { tallyChecks } from './tallies.ts';

/** A kind of state to be checked. */
export interface StateSubject {
  /** Stands before every test's title. */
  readonly name: string;
  /** Makes an empty store, one for each test. */
  readonly open: () => StateStore | Promise<StateStore>;
  /** Whether its states have `limiters`. Default `false`. */
  readonly limiters?: boolean;
  /** Whether its states have `accounts`. Default `false`. */
  readonly accounts?: boolean;
  /** Whether its states have `receipts`. Default `false`. */
  readonly receipts?: boolean;
  /** Whether its states have a `cache`. Default `false`. */
  readonly cache?: boolean;
  /** Whether its states have `documents`. Default `false`. */
  readonly documents?: boolean;
  /** Whether its states have `tallies`. Default `false`. */
  readonly tallies?: boolean;
  /** Of the random sequences. Default 1. */
  readonly seed?: number;
}

/** A store that states are opened on. */
export interface StateStore {
  /** Another state with the same facts; where facts are in one process only, the same one again. */
  connect(): State | Promise<State>;
  /** Lets time pass in the store: at least so long. */
  pass(ms: number): void | Promise<void>;
  /** Ends all that was connected, and leaves nothing behind. */
  close?(): void | Promise<void>;
}

/**
 * What every state has to do, as tests: take all or nothing, say how long to wait and keep to it, refill, learn, never
 * oversell to whoever asks at once, give as many slots as there are, account for every unit of money once, keep receipts
 * and answers as they are, let one of those win who change a document, and lose nothing of a sum.
 *
 * ```ts
 * import { test } from 'node:test';
 * import { memoryState } from 'managed-llm';
 * import { describeStateContract, manualClock } from 'managed-llm/testing';
 *
 * const open = () => {
 *   const clock = manualClock();
 *   const state = memoryState({ clock });
 *   return { connect: () => state, pass: (ms: number) => clock.advance(ms) };
 * };
 * describeStateContract({ test }, { name: 'memory', open, accounts: true, documents: true, tallies: true });
 * ```
 */
export function describeStateContract(runner: ContractRunner, subject: StateSubject): void {
  const { name, limiters = false, accounts = false, receipts = false, cache = false } = subject;
  const { documents = false, tallies = false } = subject;
  const checks = [
    ...ledgerChecks,
    ...(limiters ? limiterChecks : []),
    ...(accounts ? accountChecks : []),
    ...(receipts ? receiptChecks : []),
    ...(cache ? cacheChecks : []),
    ...(documents ? documentChecks : []),
    ...(tallies ? tallyChecks : []),
  ];
  for (const [title, run] of checks)
    runner.test(`${name}: ${title}`, async () => {
      const scene = new Scene(subject);
      try {
        await run(scene);
      } finally {
        await scene.close();
      }
    });
}
