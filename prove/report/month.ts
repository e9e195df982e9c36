import type {
  AccountWindow,
  Accounts,
  Receipt,
  ReceiptAttempt,
  ReceiptError,
  Target,
  Usage,
} from 'managed-llm';
import { withCaches } from './caching.ts';
import { withTrials } from './trials.ts';
import { between, derived, exponential, pick, seeded, type Random } from '../availability/random.ts';

/** The month, in the zone whose days the page tells. */
export const timeZone = 'Europe/Berlin';
export const monthStart = Date.parse('2026-11-01T00:00:00+01:00');
export const monthEnd = Date.parse('2026-12-01T00:00:00+01:00');
const dayMs = 86_400_000;

interface Model extends Target {
  /** Nano-USD a token: of input, of input from the cache, of output. */
  readonly nanoUsd: readonly [input: number, cached: number, output: number];
  readonly share: number;
  /** Until the first token, and a token. */
  readonly firstMs: number;
  readonly tokenMs: number;
}

const gpt = { provider: 'openai', model: 'gpt-5.6-sol' };
const models: readonly Model[] = [
  { ...gpt, nanoUsd: [1_750, 175, 14_000], share: 0.24, firstMs: 620, tokenMs: 14 },
  {
    provider: 'openai',
    model: 'gpt-5-mini',
    nanoUsd: [250, 25, 2_000],
    share: 0.33,
    firstMs: 380,
    tokenMs: 7,
  },
  {
    provider: 'anthropic',
    model: 'claude-sonnet-5-5',
    nanoUsd: [3_000, 300, 15_000],
    share: 0.2,
    firstMs: 700,
    tokenMs: 16,
  },
  {
    provider: 'anthropic',
    model: 'claude-haiku-5',
    nanoUsd: [1_000, 100, 5_000],
    share: 0.15,
    firstMs: 420,
    tokenMs: 8,
  },
  {
    provider: 'openai',
    model: 'text-embedding-3-small',
    nanoUsd: [20, 20, 0],
    share: 0.07,
    firstMs: 90,
    tokenMs: 0,
  },
  { provider: 'local', model: 'llama3.2', nanoUsd: [0, 0, 0], share: 0.01, firstMs: 240, tokenMs: 22 },
];
const features = ['chat', 'search', 'summaries', 'code review', 'nightly batch'] as const;
/** 10:00 to 14:00 on the 12th. */
const outage = [monthStart + 11 * dayMs + 10 * 3_600_000, monthStart + 11 * dayMs + 14 * 3_600_000] as const;
/** On the 19th somebody lets an agent loose. */
const spikeDay = 18;
export const spender = 'user-007';

/** A month of an application with 200 users: weekends, nights, an outage, a day that cost too much. By when calls began. */
export function* month(seed: number, calls: number): Generator<Receipt> {
  const random = seeded(derived(seed, 'month'));
  const caches = seeded(derived(seed, 'caches'));
  const trials = seeded(derived(seed, 'trials'));
  const days = Array.from({ length: 30 }, (_, day) => ({ day, weight: dayWeight(day) }));
  const all = days.reduce((sum, { weight }) => sum + weight, 0);
  let number = 0;
  for (const { day, weight } of days) {
    const ofDay = Math.round((calls * weight) / all);
    const times = Array.from({ length: ofDay }, () => monthStart + day * dayMs + timeOfDay(random) * dayMs);
    for (const startedAt of times.toSorted((a, b) => a - b)) {
      const isSpike = day === spikeDay && random() < 0.25;
      const asked = call(random, `call-${(number += 1)}`, Math.floor(startedAt), isSpike);
      yield withTrials(trials, withCaches(caches, asked, inputPrices), day / 30);
    }
  }
}

function inputPrices({ target }: Receipt): Model['nanoUsd'] | undefined {
  return models.find(({ model }) => model === target?.model)?.nanoUsd;
}

/** The first of November 2026 is a Sunday. */
function dayWeight(day: number): number {
  const weekday = day % 7;
  const growth = 1 + day / 60;
  return growth * (weekday === 0 || weekday === 6 ? 0.28 : 1) * (day === spikeDay ? 1.7 : 1);
}

function timeOfDay(random: Random): number {
  return random() < 0.12 ? random() : (8 + (11 * (random() + random() + random())) / 3) / 24;
}

function call(random: Random, callId: string, startedAt: number, isSpike: boolean): Receipt {
  const user = isSpike ? spender : `user-${String(Math.floor(200 * random() ** 2.2) + 1).padStart(3, '0')}`;
  const feature = isSpike ? 'nightly batch' : pick(random, features);
  const model = isSpike ? models[2]! : pickModel(random);
  const caller = {
    ...(random() < 0.02 ? {} : { user }),
    tags: { feature },
    ...(random() < 0.6 ? { team: pick(random, ['apps', 'platform', 'research']) } : {}),
  };
  const base = {
    callId,
    parentId: undefined,
    caller,
    operation: model.tokenMs === 0 ? 'embed' : 'chat',
    dialect: model.provider === 'anthropic' ? 'anthropic-messages' : 'openai-chat',
    provider: model.provider,
    model: model.model,
    stream: model.tokenMs > 0 && random() < 0.65,
    losses: [],
    startedAt,
    facts: {},
    servedModel: model.model,
    stopReason: 'stop',
  } as const;
  if (random() < 0.006) return refused(base);
  const isDown = model.provider === 'openai' && startedAt >= outage[0] && startedAt < outage[1];
  const attempts: ReceiptAttempt[] = [];
  if (random() < (isDown ? 0.93 : 0.012))
    attempts.push(failedAttempt(random, callId, model, startedAt, isDown));
  const isLost = attempts.length > 0 && random() < (isDown ? 0.45 : 0.15);
  if (!isLost) {
    // During the outage, the other provider answers.
    const target = isDown && attempts.length > 0 ? models[3]! : model;
    attempts.push(
      answered(random, `${callId}.${attempts.length + 1}`, target, startedAt, base.stream, isSpike),
    );
  }
  const last = attempts.at(-1)!;
  const usage = last.outcome === 'failed' ? undefined : last.usage;
  const costs = attempts.map(({ costNanoUsd }) => costNanoUsd);
  const costNanoUsd = costs.includes(undefined)
    ? undefined
    : costs.reduce((sum: number, each) => sum + (each ?? 0), 0);
  const waitedMs = attempts.slice(0, -1).reduce((sum, { durationMs }) => sum + durationMs, 0);
  return {
    ...base,
    outcome: last.outcome,
    origin: 'provider',
    target: last.target,
    status: last.status,
    error: last.error,
    usage,
    costUsd: costNanoUsd === undefined ? undefined : costNanoUsd / 1e9,
    costNanoUsd,
    attempts,
    firstEventMs: last.firstEventMs === undefined ? undefined : last.firstEventMs + waitedMs,
    durationMs: last.durationMs + waitedMs,
  };
}

type Base = Omit<
  Receipt,
  | 'outcome'
  | 'origin'
  | 'target'
  | 'status'
  | 'error'
  | 'usage'
  | 'costUsd'
  | 'costNanoUsd'
  | 'attempts'
  | 'firstEventMs'
  | 'durationMs'
>;

function refused(base: Base): Receipt {
  return {
    ...base,
    outcome: 'refused',
    origin: 'none',
    target: undefined,
    servedModel: undefined,
    status: 402,
    error: errorOf('refused', 'budget-exceeded'),
    usage: undefined,
    costUsd: 0,
    costNanoUsd: 0,
    attempts: [],
    firstEventMs: undefined,
    durationMs: 1,
  };
}

function errorOf(kind: ReceiptError['kind'], code?: string): ReceiptError {
  const traits = { retryable: true, fallbackable: true, countsForBreaker: true };
  return { kind, code, message: 'It did not work.', retryAfterMs: undefined, ...traits };
}

function failedAttempt(
  random: Random,
  callId: string,
  target: Target,
  startedAt: number,
  isDown: boolean,
): ReceiptAttempt {
  const kind = isDown
    ? 'overloaded'
    : pick(random, ['rate-limit', 'server', 'connection', 'timeout'] as const);
  return {
    attemptId: `${callId}.1`,
    target: { provider: target.provider, model: target.model },
    outcome: kind === 'timeout' ? 'timed-out' : 'failed',
    status: kind === 'rate-limit' ? 429 : kind === 'connection' ? undefined : 503,
    error: errorOf(kind),
    usage: undefined,
    costUsd: 0,
    costNanoUsd: 0,
    losses: [],
    startedAt,
    firstEventMs: undefined,
    durationMs: kind === 'timeout' ? 30_000 : Math.round(between(random, 80, 900)),
  };
}

function answered(
  random: Random,
  attemptId: string,
  model: Model,
  startedAt: number,
  stream: boolean,
  isSpike: boolean,
): ReceiptAttempt {
  const input = Math.round(exponential(random, isSpike ? 4_500 : 1_400)) + 40;
  const cached = random() < 0.4 ? Math.floor(input * between(random, 0.3, 0.9)) : 0;
  const isBroken = stream && random() < 0.015;
  const output = model.tokenMs === 0 ? 0 : Math.round(exponential(random, isSpike ? 700 : 320)) + 5;
  const [perInput, perCached, perOutput] = model.nanoUsd;
  const isUnpriced = random() < 0.0004;
  const costNanoUsd = isUnpriced
    ? undefined
    : (input - cached) * perInput + cached * perCached + output * perOutput;
  const usage: Usage = {
    inputTokens: input,
    outputTokens: output,
    cachedInputTokens: cached,
    provenance: isBroken ? 'estimated' : 'reported',
  };
  const firstMs = model.firstMs * (0.5 + exponential(random, 0.6));
  return {
    attemptId,
    target: { provider: model.provider, model: model.model },
    outcome: isBroken ? (random() < 0.5 ? 'aborted' : 'abandoned') : 'finished',
    status: 200,
    error: undefined,
    usage,
    costUsd: costNanoUsd === undefined ? undefined : costNanoUsd / 1e9,
    costNanoUsd,
    losses: [],
    startedAt,
    firstEventMs: stream ? Math.round(firstMs) : undefined,
    durationMs: Math.round(firstMs + output * model.tokenMs * between(random, 0.7, 1.4)),
  };
}

function pickModel(random: Random): Model {
  let left = random();
  return models.find(({ share }) => (left -= share) <= 0) ?? models[0]!;
}

/** Budgets that the month was spent under, as they stand on its last evening. */
export async function budgets(accounts: Accounts, receipts: readonly Receipt[]): Promise<void> {
  const ofMonth: AccountWindow = { kind: 'fixed', startMs: monthStart, endMs: monthEnd };
  const ofDay: AccountWindow = { kind: 'fixed', startMs: monthEnd - dayMs, endMs: monthEnd };
  const all = receipts.reduce((sum, { costNanoUsd = 0 }) => sum + costNanoUsd, 0);
  const today = new Map<string, number>();
  for (const { startedAt, caller, costNanoUsd = 0 } of receipts)
    if (startedAt >= monthEnd - dayMs && caller.user !== undefined)
      today.set(caller.user, (today.get(caller.user) ?? 0) + costNanoUsd);
  await spend(accounts, 'company', '', ofMonth, all, Math.round(all * 1.2));
  const limit = Math.round(Math.max(...today.values()) * 1.02);
  for (const [user, nanoUsd] of today)
    await spend(accounts, 'per-user-daily', JSON.stringify([null, user]), ofDay, nanoUsd, limit);
}

let reservations = 0;

async function spend(
  accounts: Accounts,
  budget: string,
  subject: string,
  window: AccountWindow,
  nanoUsd: number,
  limit: number,
): Promise<void> {
  const id = `reservation-${(reservations += 1)}`;
  const amounts = { nanoUsd, tokens: 0 };
  const claim = {
    account: { budget, subject, window },
    amounts,
    limits: { nanoUsd: limit },
    enforced: false,
  };
  await accounts.reserve(id, [claim], 60_000);
  await accounts.settle(id, [amounts]);
}
