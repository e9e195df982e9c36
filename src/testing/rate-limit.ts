import type { Clock } from '../core/clock.ts';
import type { ProviderFamily } from './provider-error.ts';

/** The stand-in's own limits, kept in token buckets that refill evenly. */
export interface StandInRateLimit {
  readonly requestsPerMinute?: number;
  /** Input counts when the request arrives, together with the output limit it asks for; what was not used is given back. */
  readonly tokensPerMinute?: number;
  /** How many requests a full bucket holds; default `requestsPerMinute`. */
  readonly burstRequests?: number;
  /** How many tokens a full bucket holds; default `tokensPerMinute`. */
  readonly burstTokens?: number;
  /** Whether each model has buckets of its own; default `'provider'`. */
  readonly per?: 'provider' | 'model';
}

/** The outcome of asking for room. */
export interface Admission {
  readonly ok: boolean;
  /** Which bucket refused. */
  readonly kind: 'requests' | 'tokens';
  readonly retryAfterMs: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Tells how many tokens it came to; only the first time counts. */
  settle(tokens: number): void;
}

/** Admits requests while the buckets last. */
export class RateLimiter {
  readonly #limit: StandInRateLimit;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, { requests: Bucket | undefined; tokens: Bucket | undefined }>();

  constructor(limit: StandInRateLimit, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  admit(family: ProviderFamily, model: string, tokens: number): Admission {
    const { requests, tokens: tokenBucket } = this.#bucketsOf(model);
    const requestWait = requests?.waitFor(1) ?? 0;
    const tokenWait = tokenBucket?.waitFor(tokens) ?? 0;
    const retryAfterMs = Math.max(requestWait, tokenWait);
    const ok = retryAfterMs === 0;
    if (ok) {
      requests?.take(1);
      tokenBucket?.take(tokens);
    }
    let settled = false;
    return {
      ok,
      kind: tokenWait > requestWait ? 'tokens' : 'requests',
      retryAfterMs,
      headers: {
        ...headersOf(family, 'requests', requests, this.#clock.now()),
        ...headersOf(family, 'tokens', tokenBucket, this.#clock.now()),
        ...(ok || family === 'bedrock' ? {} : retryHeaders(family, retryAfterMs)),
      },
      settle: (used) => {
        if (!settled && ok) tokenBucket?.take(used - tokens);
        settled = true;
      },
    };
  }

  #bucketsOf(model: string) {
    const key = this.#limit.per === 'model' ? model : '';
    let buckets = this.#buckets.get(key);
    if (buckets === undefined) {
      const { requestsPerMinute, tokensPerMinute, burstRequests, burstTokens } = this.#limit;
      buckets = {
        requests: bucketOf(requestsPerMinute, burstRequests, this.#clock),
        tokens: bucketOf(tokensPerMinute, burstTokens, this.#clock),
      };
      this.#buckets.set(key, buckets);
    }
    return buckets;
  }
}

function bucketOf(
  perMinute: number | undefined,
  burst: number | undefined,
  clock: Clock,
): Bucket | undefined {
  return perMinute === undefined ? undefined : new Bucket(perMinute, burst ?? perMinute, clock);
}

/** A bucket that starts full, refills evenly and may be overdrawn by what turns out to be dearer than announced. */
class Bucket {
  readonly perMinute: number;
  readonly #capacity: number;
  readonly #clock: Clock;
  #level: number;
  #at: number;

  constructor(perMinute: number, capacity: number, clock: Clock) {
    this.perMinute = perMinute;
    this.#capacity = capacity;
    this.#clock = clock;
    this.#level = capacity;
    this.#at = clock.now();
  }

  get level(): number {
    const now = this.#clock.now();
    this.#level = Math.min(this.#capacity, this.#level + ((now - this.#at) * this.perMinute) / 60_000);
    this.#at = now;
    return this.#level;
  }

  take(amount: number): void {
    this.#level = Math.min(this.#capacity, this.level - amount);
  }

  /** Milliseconds until `amount` is there, 0 if it is. What exceeds the bucket is let in when it is full. */
  waitFor(amount: number): number {
    const missing = Math.min(amount, this.#capacity) - this.level;
    // Levels are fractions: without the margin a wait of exactly the announced length could fall short.
    return missing <= 1e-9 ? 0 : Math.ceil((missing * 60_000) / this.perMinute);
  }

  get fullAfterMs(): number {
    return Math.ceil(((this.#capacity - this.level) * 60_000) / this.perMinute);
  }
}

function headersOf(
  family: ProviderFamily,
  kind: 'requests' | 'tokens',
  bucket: Bucket | undefined,
  nowMs: number,
): Record<string, string> {
  if (bucket === undefined || family === 'bedrock') return {};
  const limit = String(bucket.perMinute);
  const remaining = String(Math.max(0, Math.floor(bucket.level + 1e-9)));
  return family === 'openai'
    ? {
        [`x-ratelimit-limit-${kind}`]: limit,
        [`x-ratelimit-remaining-${kind}`]: remaining,
        [`x-ratelimit-reset-${kind}`]: duration(bucket.fullAfterMs),
      }
    : {
        [`anthropic-ratelimit-${kind}-limit`]: limit,
        [`anthropic-ratelimit-${kind}-remaining`]: remaining,
        [`anthropic-ratelimit-${kind}-reset`]: new Date(nowMs + bucket.fullAfterMs).toISOString(),
      };
}

/** Both send whole seconds; OpenAI adds the exact time. */
function retryHeaders(family: ProviderFamily, ms: number): Record<string, string> {
  const seconds = { 'retry-after': String(Math.ceil(ms / 1000)) };
  return family === 'openai' ? { ...seconds, 'retry-after-ms': String(ms) } : seconds;
}

/** OpenAI's way to write a wait: `120ms`, `6s`, `1m30s`. */
function duration(ms: number): string {
  if (ms < 1000) return `${ms}ms`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = Number(((ms % 60_000) / 1000).toFixed(3));
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds}s`;
}
