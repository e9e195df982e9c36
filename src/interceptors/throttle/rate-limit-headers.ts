import type { ToldLimit } from './limits.ts';

/** What an answer says of one of the provider's buckets. */
export interface ToldBucket {
  readonly name: ToldLimit;
  /** A minute's worth. */
  readonly limit: number | undefined;
  /** At the moment when the provider let the request in. */
  readonly remaining: number | undefined;
  /** From the sending of the request until the bucket is full again: an upper bound, since providers round. */
  readonly fullAfterMs: number | undefined;
}

type Family = readonly (readonly [name: ToldLimit, limit: string, remaining: string, reset: string])[];

/** OpenAI, Azure and most compatible servers (platform.openai.com/docs/guides/rate-limits, "Rate limits in headers"). */
const openai: Family = [
  openaiNames('requestsPerMinute', 'requests'),
  openaiNames('tokensPerMinute', 'tokens'),
];

/** Anthropic (platform.claude.com/docs/en/api/rate-limits, "Response headers"). */
const anthropic: Family = [
  anthropicNames('requestsPerMinute', 'requests'),
  anthropicNames('tokensPerMinute', 'tokens'),
  anthropicNames('inputTokensPerMinute', 'input-tokens'),
  anthropicNames('outputTokensPerMinute', 'output-tokens'),
];

const none: readonly ToldBucket[] = [];

/** So many answers in a row that say nothing, and one in so many is looked at. */
const oneIn = 16;

/** Reads what the answers of one target tell. Those that never tell anything are soon looked at but now and then. */
export class RateLimitReader {
  /** Answers in a row that told nothing. */
  #silent = 0;

  /** @param isRefused refusals are always looked at */
  read(headers: Pick<Headers, 'get'>, sentAt: number, isRefused: boolean): readonly ToldBucket[] {
    const isDue = this.#silent < oneIn || this.#silent % oneIn === 0;
    this.#silent++;
    if (!isDue && !isRefused) return none;
    const told = readRateLimits(headers, sentAt);
    if (told.length > 0) this.#silent = 0;
    return told;
  }
}

/**
 * Reads the rate-limit headers of either family; other headers and values that make no sense say nothing.
 *
 * @param sentAt when the request was sent, for resets that are given as a time of day
 */
export function readRateLimits(headers: Pick<Headers, 'get'>, sentAt: number): readonly ToldBucket[] {
  const found = read(headers, openai, sentAt);
  return found.length > 0 ? found : read(headers, anthropic, sentAt);
}

function read(headers: Pick<Headers, 'get'>, family: Family, sentAt: number): readonly ToldBucket[] {
  let found: ToldBucket[] | undefined;
  for (const [name, limitName, remainingName, resetName] of family) {
    const limit = count(headers.get(limitName), 1);
    const remaining = count(headers.get(remainingName), 0);
    if (limit === undefined && remaining === undefined) continue;
    (found ??= []).push({ name, limit, remaining, fullAfterMs: untilReset(headers.get(resetName), sentAt) });
  }
  return found ?? none;
}

/** Servers that do not count one of the kinds send 0 or -1 as its limit, or -1 as what is left. */
function count(text: string | null, least: number): number | undefined {
  if (text === null || text.trim() === '') return undefined;
  const value = Number(text);
  return Number.isFinite(value) && value >= least ? value : undefined;
}

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `120ms`, `6s`, `1m30.5s`; seconds without a unit; a date. */
function untilReset(text: string | null, sentAt: number): number | undefined {
  if (text === null || text.trim() === '') return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return roundedUp(Math.max(0, seconds * 1_000));
  if (/^(\d+(\.\d+)?(ms|[smhd]))+$/.test(text)) {
    let sum = 0;
    for (const [, value, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g))
      sum += Number(value) * (unitsMs[unit] ?? 0);
    return roundedUp(sum);
  }
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, roundedUp(at) - sentAt);
}

/** What is told in whole seconds may be up to one more. */
function roundedUp(ms: number): number {
  return ms % 1_000 === 0 ? ms + 1_000 : ms;
}

function openaiNames(name: ToldLimit, kind: string): Family[number] {
  return [name, `x-ratelimit-limit-${kind}`, `x-ratelimit-remaining-${kind}`, `x-ratelimit-reset-${kind}`];
}

function anthropicNames(name: ToldLimit, kind: string): Family[number] {
  const prefix = `anthropic-ratelimit-${kind}`;
  return [name, `${prefix}-limit`, `${prefix}-remaining`, `${prefix}-reset`];
}
