import type { Account, AccountWindow, Amounts, Balance } from '../../core/accounts.ts';
import { letGoAt, rollingSteps, stepOf } from '../account-window.ts';
import { accountStatements } from './account-statements.ts';
import type { Row, SqliteStore } from './sqlite-store.ts';

interface Sum {
  nanoUsd: number;
  tokens: number;
}

interface StepMoves {
  readonly settled: Sum;
  readonly lost: Sum;
}

/** Texts that name an account in the file. The same window is always the same text. */
export function nameOf({
  budget,
  subject,
  window,
}: Account): [budget: string, subject: string, window: string] {
  return [JSON.stringify(budget), JSON.stringify(subject), textOf(window)];
}

function textOf(window: AccountWindow): string {
  if (window.kind === 'rolling') return JSON.stringify({ kind: 'rolling', lengthMs: window.lengthMs });
  const { startMs, endMs } = window;
  return JSON.stringify(endMs === undefined ? { kind: 'fixed', startMs } : { kind: 'fixed', startMs, endMs });
}

/** The account of a row that has one. */
export function accountOf(row: Row): Account {
  return {
    budget: JSON.parse(String(row['budget'])),
    subject: JSON.parse(String(row['subject'])),
    window: JSON.parse(String(row['window'])),
  };
}

/** An account while a question is answered: moved here, then saved. */
export class StoredAccount {
  readonly account: Account;
  readonly #now: number;
  /** `undefined`: it is not in the file yet. */
  #id: number | undefined;
  #limits: Partial<Amounts>;
  #hasNewLimits = false;
  /** In its window. */
  readonly #used: Sum;
  readonly #reserved: Sum;
  readonly #raised: Amounts;
  /** Of a fixed window. */
  readonly #settled: Sum;
  readonly #lost: Sum;
  /** Of a rolling window: what comes on top of its steps. */
  readonly #moves = new Map<number, StepMoves>();
  #holds: number;
  /** Of a rolling window. */
  #countsUntil: number;

  constructor(row: Row, account: Account, now: number) {
    this.account = account;
    this.#now = now;
    this.#id = typeof row['id'] === 'number' ? row['id'] : undefined;
    this.#limits = limitsOf(row);
    this.#used = sum(row, 'used');
    this.#reserved = sum(row, 'reserved');
    this.#raised = sum(row, 'raised');
    this.#settled = sum(row, 'settled');
    this.#lost = sum(row, 'lost');
    this.#holds = Number(row['holds']);
    this.#countsUntil = Number(row['says_nothing_at']);
  }

  /** Of one that was saved. */
  get id(): number {
    if (this.#id === undefined) throw new Error('The account is not in the file.');
    return this.#id;
  }

  get isNew(): boolean {
    return this.#id === undefined;
  }

  get balance(): Balance {
    return { used: { ...this.#used }, reserved: { ...this.#reserved }, raised: this.#raised };
  }

  get limits(): Partial<Amounts> {
    return this.#limits;
  }

  set limits(limits: Partial<Amounts>) {
    const { nanoUsd, tokens } = this.#limits;
    this.#hasNewLimits ||= nanoUsd !== limits.nanoUsd || tokens !== limits.tokens;
    this.#limits = limits;
  }

  reserve(amounts: Amounts): void {
    this.#holds += 1;
    move(this.#reserved, amounts, 1);
  }

  /** Undoes a {@link StoredAccount.reserve}. */
  free(amounts: Amounts): void {
    this.#holds -= 1;
    move(this.#reserved, amounts, -1);
  }

  settle(amounts: Amounts): void {
    this.#use('settled', amounts, this.#now, 1);
  }

  /** Counts what was reserved as used since `at`. */
  lose(amounts: Amounts, at: number): void {
    move(this.#reserved, amounts, -1);
    this.#use('lost', amounts, at, 1);
  }

  /** Undoes a {@link StoredAccount.lose}. */
  find(amounts: Amounts, at: number): void {
    move(this.#reserved, amounts, 1);
    this.#use('lost', amounts, at, -1);
  }

  /** It no longer holds the account, which counts it as it is. */
  giveUp(): void {
    this.#holds -= 1;
  }

  /** It says something for a whole window from now on. */
  touch(): void {
    const { window } = this.account;
    if (window.kind === 'rolling')
      this.#countsUntil = Math.max(this.#countsUntil, countsUntil(window.lengthMs, this.#now));
  }

  /** When what is lost at this time counts no more; `undefined`: never. */
  lostSaysNothingAt(at: number): number | undefined {
    const { window } = this.account;
    return window.kind === 'rolling' ? countsUntil(window.lengthMs, at) : letGoAt(window);
  }

  save(store: SqliteStore): void {
    const { window } = this.account;
    this.#id ??= insert(store, this.account, this.#now);
    store.run(
      accountStatements.update,
      ...both(this.#settled),
      ...both(this.#lost),
      ...both(this.#reserved),
      ...nullable(this.#limits),
      this.#holds,
      window.kind === 'rolling' ? this.#countsUntil : (letGoAt(window) ?? null),
      this.#id,
    );
    for (const [step, { settled, lost }] of this.#moves)
      store.run(accountStatements.addToStep, this.#id, step, ...both(settled), ...both(lost));
    if (this.#moves.size > 0) store.run(accountStatements.deleteSteps, this.#id, this.#firstStep);
  }

  /** Of one that is in the file. */
  saveLimits(store: SqliteStore): void {
    if (this.#id !== undefined && this.#hasNewLimits)
      store.run(accountStatements.updateLimits, ...nullable(this.#limits), this.#id);
  }

  /** Of one that is in the file. */
  reset(store: SqliteStore): void {
    if (this.#id === undefined) return;
    for (const sql of accountStatements.reset) store.run(sql, this.#id);
  }

  #use(kind: keyof StepMoves, amounts: Amounts, at: number, sign: 1 | -1): void {
    const { window } = this.account;
    if (window.kind === 'fixed') {
      move(kind === 'settled' ? this.#settled : this.#lost, amounts, sign);
    } else {
      const step = stepOf(window, at);
      if (step < this.#firstStep) return;
      const moves = this.#moves.get(step) ?? { settled: nothing(), lost: nothing() };
      this.#moves.set(step, moves);
      move(moves[kind], amounts, sign);
      this.touch();
    }
    move(this.#used, amounts, sign);
  }

  /** The first that counts. */
  get #firstStep(): number {
    return stepOf(this.account.window, this.#now) - rollingSteps;
  }
}

function countsUntil(lengthMs: number, ms: number): number {
  return ms + lengthMs + lengthMs / rollingSteps;
}

function insert(store: SqliteStore, account: Account, now: number): number {
  // Two go for one that comes: those that say nothing become fewer.
  for (const { id = null } of store.all(accountStatements.saysNothing, now))
    for (const sql of accountStatements.delete) store.run(sql, id);
  const { window } = account;
  const stepMs = window.kind === 'rolling' ? window.lengthMs / rollingSteps : null;
  return Number(store.get(accountStatements.insert, ...nameOf(account), stepMs)?.['id']);
}

function nullable({ nanoUsd, tokens }: Partial<Amounts>): [number | null, number | null] {
  return [nanoUsd ?? null, tokens ?? null];
}

function limitsOf(row: Row): Partial<Amounts> {
  const { limit_nano_usd: nanoUsd, limit_tokens: tokens } = row;
  return {
    ...(typeof nanoUsd === 'number' ? { nanoUsd } : {}),
    ...(typeof tokens === 'number' ? { tokens } : {}),
  };
}

function sum(row: Row, name: string): Sum {
  return { nanoUsd: Number(row[`${name}_nano_usd`]), tokens: Number(row[`${name}_tokens`]) };
}

function nothing(): Sum {
  return { nanoUsd: 0, tokens: 0 };
}

function move(to: Sum, { nanoUsd, tokens }: Amounts, sign: 1 | -1): void {
  to.nanoUsd += sign * nanoUsd;
  to.tokens += sign * tokens;
}

function both({ nanoUsd, tokens }: Amounts): [number, number] {
  return [nanoUsd, tokens];
}
