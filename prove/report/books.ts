import type { Receipt } from 'managed-llm';

/** What receipts come to, by plain sums of its own: the other side of the comparison. */
export interface Books {
  /** By `all`, or by a day. */
  readonly sums: ReadonlyMap<string, Sum>;
  /** Nano-USD by a day and what is told apart, `2026-11-03 openai/gpt-5`. */
  readonly models: ReadonlyMap<string, number>;
  readonly users: ReadonlyMap<string, number>;
  readonly features: ReadonlyMap<string, number>;
  /** Calls by a day and how they ended, and by what went wrong. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly errors: ReadonlyMap<string, number>;
  /** Calls by a day and what became of them at a cache. */
  readonly statuses: ReadonlyMap<string, number>;
  /** Nano-USD that caches saved, by a day and what is told apart. */
  readonly saved: Readonly<Record<SavedBy, ReadonlyMap<string, number>>>;
}

export type SavedBy = 'kind' | 'model' | 'user' | 'feature' | 'team';

export interface Sum {
  calls: number;
  attempts: number;
  failed: number;
  nanoUsd: number;
  estimatedNanoUsd: number;
  unpriced: number;
  input: number;
  cached: number;
  output: number;
  /** Calls that no model was asked for, and those that a cache was asked for. */
  answered: number;
  asked: number;
  bypassed: number;
  /** Of what caches kept: what is no longer fresh. */
  stale: number;
  shared: number;
  savedNanoUsd: number;
  savedMs: number;
  savedUnpriced: number;
  known: number;
  inputs: number;
  sharedInputs: number;
  promptNanoUsd: number;
  promptWritten: number;
  promptUnpriced: number;
  /** Milliseconds of every call that was answered, and until streams began. */
  readonly took: number[];
  readonly began: number[];
}

export function booksOf(receipts: Iterable<Receipt>, timeZone: string): Books {
  const dayOf = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  const sums = new Map<string, Sum>();
  const [models, users, features, outcomes, errors] = [1, 2, 3, 4, 5].map(() => new Map<string, number>());
  const statuses = new Map<string, number>();
  const saved = {
    kind: new Map<string, number>(),
    model: new Map<string, number>(),
    user: new Map<string, number>(),
    feature: new Map<string, number>(),
    team: new Map<string, number>(),
  };
  for (const receipt of receipts) {
    const day = dayOf.format(receipt.startedAt);
    for (const key of ['all', day]) count(receipt, sumOf(sums, key));
    for (const key of [day, 'all']) {
      more(outcomes!, `${key} ${receipt.outcome}`, 1);
      if (['failed', 'timed-out', 'refused'].includes(receipt.outcome))
        more(errors!, `${key} ${wrong(receipt)}`, 1);
      const { cache } = receipt.facts;
      if (cache !== undefined) more(statuses, `${key} ${cache.status}`, 1);
      if (cache?.savedNanoUsd !== undefined)
        for (const [by, name] of subjectsOf(receipt, cache.kind))
          more(saved[by], `${key} ${name}`, cache.savedNanoUsd);
      for (const { target, costNanoUsd = 0 } of receipt.attempts) {
        more(models!, `${key} ${target.provider}/${target.model}`, costNanoUsd);
        more(users!, `${key} ${receipt.caller.user ?? 'no user named'}`, costNanoUsd);
        more(features!, `${key} ${receipt.caller.tags?.['feature'] ?? 'none'}`, costNanoUsd);
      }
    }
  }
  return {
    sums,
    models: models!,
    users: users!,
    features: features!,
    outcomes: outcomes!,
    errors: errors!,
    statuses,
    saved,
  };
}

function subjectsOf({ target, caller }: Receipt, kind: string): readonly (readonly [SavedBy, string])[] {
  return [
    ['kind', kind],
    ['model', target === undefined ? 'no model answered' : `${target.provider}/${target.model}`],
    ['user', caller.user ?? 'no user named'],
    ['feature', caller.tags?.['feature'] ?? 'none'],
    ['team', caller.team ?? 'no team named'],
  ];
}

function wrong({ error, outcome }: Receipt): string {
  if (error === undefined) return outcome;
  return error.kind === 'refused' ? `refused: ${error.code}` : error.kind;
}

function count(receipt: Receipt, sum: Sum): void {
  sum.calls += 1;
  sum.attempts += receipt.attempts.length;
  if (receipt.outcome === 'failed' || receipt.outcome === 'timed-out') sum.failed += 1;
  if (receipt.attempts.some(({ costNanoUsd }) => costNanoUsd === undefined)) sum.unpriced += 1;
  for (const { usage, costNanoUsd = 0 } of receipt.attempts) {
    sum.nanoUsd += costNanoUsd;
    if (usage?.provenance === 'estimated') sum.estimatedNanoUsd += costNanoUsd;
    sum.input += usage?.inputTokens ?? 0;
    sum.cached += usage?.cachedInputTokens ?? 0;
    sum.output += usage?.outputTokens ?? 0;
  }
  countCaches(receipt, sum);
  if (receipt.origin !== 'provider') return;
  if (receipt.outcome === 'finished') sum.took.push(receipt.durationMs);
  if (receipt.stream && receipt.firstEventMs !== undefined) sum.began.push(receipt.firstEventMs);
}

function countCaches({ origin, facts: { cache, promptCache } }: Receipt, sum: Sum): void {
  const isAnswered = origin === 'cache' || origin === 'coalesced';
  sum.answered += Number(isAnswered);
  sum.asked += Number(isAnswered || cache?.status === 'miss' || cache?.status === 'partial');
  sum.bypassed += Number(cache?.status === 'bypass');
  sum.stale += Number(cache?.status === 'stale');
  sum.shared += Number(origin === 'coalesced');
  sum.savedNanoUsd += cache?.savedNanoUsd ?? 0;
  sum.savedMs += cache?.savedMs ?? 0;
  sum.savedUnpriced += Number(isAnswered && cache?.savedNanoUsd === undefined);
  sum.known += cache?.items?.known ?? 0;
  sum.sharedInputs += cache?.items?.coalesced ?? 0;
  sum.inputs += Object.values(cache?.items ?? {}).reduce((all, each: number) => all + each, 0);
  sum.promptNanoUsd += promptCache?.savedNanoUsd ?? 0;
  sum.promptWritten += promptCache?.writtenTokens ?? 0;
  sum.promptUnpriced += Number(promptCache !== undefined && promptCache.savedNanoUsd === undefined);
}

function sumOf(sums: Map<string, Sum>, key: string): Sum {
  const known = sums.get(key);
  if (known !== undefined) return known;
  const sum: Sum = {
    calls: 0,
    attempts: 0,
    failed: 0,
    nanoUsd: 0,
    estimatedNanoUsd: 0,
    unpriced: 0,
    input: 0,
    cached: 0,
    output: 0,
    answered: 0,
    asked: 0,
    bypassed: 0,
    stale: 0,
    shared: 0,
    savedNanoUsd: 0,
    savedMs: 0,
    savedUnpriced: 0,
    known: 0,
    inputs: 0,
    sharedInputs: 0,
    promptNanoUsd: 0,
    promptWritten: 0,
    promptUnpriced: 0,
    took: [],
    began: [],
  };
  sums.set(key, sum);
  return sum;
}

function more(sums: Map<string, number>, key: string, by: number): void {
  sums.set(key, (sums.get(key) ?? 0) + by);
}

/** By sorting: of a hundred, the 95th. */
export function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length - 1e-9) - 1)];
}

/** What a figure on a page says, and by how much it may be off for being told in few digits. `undefined`: it says nothing. */
export function readFigure(text: string): { readonly value: number; readonly within: number } | undefined {
  const whole = /^(?:(\d+) min|(\d+) h)(?: (\d+) (?:s|min))?$/.exec(text);
  if (whole !== null) {
    const [, minutes, hours, rest = '0'] = whole;
    return minutes === undefined
      ? { value: Number(hours) * 3_600_000 + Number(rest) * 60_000, within: 30_000 }
      : { value: Number(minutes) * 60_000 + Number(rest) * 1_000, within: 500 };
  }
  const [, digits = '', decimals = '', unit = ''] =
    /^\$?([\d,]+)(?:\.(\d+))?\s*(K|M|B|ms|s)?$/.exec(text) ?? [];
  if (digits === '') return undefined;
  const factor = { '': 1, K: 1e3, M: 1e6, B: 1e9, ms: 1, s: 1e3 }[unit] ?? Number.NaN;
  const scale = (text.startsWith('$') ? 1e9 : 1) * factor;
  const value = Number(`${digits.replaceAll(',', '')}.${decimals || '0'}`);
  return { value: value * scale, within: 0.5001 * 10 ** -decimals.length * scale };
}
