import { openSync, readFileSync, writeSync } from 'node:fs';
import type { Accounts, State } from 'managed-llm';

export interface JournalOptions {
  /** Of the file. */
  readonly path: string;
  /** How long reservations hold that nobody renews, whatever is asked for. */
  readonly leaseMs: number;
}

/**
 * The same state, which tells a file what its accounts are asked before they are, and what has ended: what was written is
 * there also when the process is killed.
 */
export function journaled(state: State, { path, leaseMs }: JournalOptions): State {
  const { accounts } = state;
  if (accounts === undefined) return state;
  const file = openSync(path, 'a');
  const write = (...parts: readonly (string | number)[]): void =>
    void writeSync(file, `${parts.join(' ')}\n`);
  const written: Accounts = {
    async reserve(id, claims) {
      write('asks', id, claims[0]?.amounts.nanoUsd ?? 0);
      const reserved = await accounts.reserve(id, claims, leaseMs);
      if (!reserved.ok) write('ended', id);
      return reserved;
    },
    async settle(id, spent) {
      write('settles', id, spent[0]?.nanoUsd ?? 0);
      const balances = await accounts.settle(id, spent);
      write('ended', id);
      return balances;
    },
    async release(id) {
      const wasThere = await accounts.release(id);
      write('ended', id);
      return wasThere;
    },
    renew: (ids) => accounts.renew(ids, leaseMs),
    balance: (account) => accounts.balance(account),
    lost: (budget) => accounts.lost(budget),
    reset: (account) => accounts.reset(account),
    raise: (budget, subject, by, untilMs) => accounts.raise(budget, subject, by, untilMs),
    alertOnce: (account, share) => accounts.alertOnce(account, share),
    now: () => accounts.now(),
    list: (budget) => accounts.list(budget),
  };
  return { ...state, accounts: written };
}

/** What a journal tells of its process, in whole nano-USD by reservation. */
export interface Journal {
  /** Asked for, and not known to have ended: they may have been under way when the process was killed. */
  readonly open: ReadonlyMap<string, number>;
  /** What was to be counted as spent. */
  readonly settled: ReadonlyMap<string, number>;
}

export function readJournal(path: string): Journal {
  const open = new Map<string, number>();
  const settled = new Map<string, number>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [what, id = '', amount] = line.split(' ');
    if (what === 'asks') open.set(id, Number(amount));
    else if (what === 'settles') settled.set(id, Number(amount));
    else if (what === 'ended') open.delete(id);
  }
  return { open, settled };
}
