import type { Clock } from 'managed-llm';
import type { Family } from './wire.ts';

/** What a provider allows. */
export interface Allowance {
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
}

/** A place in the buckets. */
export interface Admission {
  readonly ok: boolean;
  readonly headers: Readonly<Record<string, string>>;
  /** Tells how many tokens it came to; only the first time counts. */
  settle(tokens: number): void;
}

/**
 * A provider's limits as buckets that start full and refill evenly. Input and the output limit are charged when a request
 * arrives; what was not used is given back. The rule of the testing kit's stand-in.
 */
export class Buckets {
  readonly #requests: Bucket | undefined;
  readonly #tokens: Bucket | undefined;
  readonly #clock: Clock;
  readonly #family: Family;

  constructor({ requestsPerMinute, tokensPerMinute }: Allowance, family: Family, clock: Clock) {
    this.#clock = clock;
    this.#family = family;
    this.#requests = requestsPerMinute === undefined ? undefined : new Bucket(requestsPerMinute, clock);
    this.#tokens = tokensPerMinute === undefined ? undefined : new Bucket(tokensPerMinute, clock);
  }

  admit(tokens: number): Admission {
    const waitMs = Math.max(this.#requests?.waitFor(1) ?? 0, this.#tokens?.waitFor(tokens) ?? 0);
    const ok = waitMs === 0;
    if (ok) {
      this.#requests?.take(1);
      this.#tokens?.take(tokens);
    }
    let settled = !ok;
    return {
      ok,
      headers: {
        ...this.#told('requests', this.#requests),
        ...this.#told('tokens', this.#tokens),
        ...(ok ? {} : this.#toldWait(waitMs)),
      },
      settle: (used) => {
        if (!settled) this.#tokens?.take(used - tokens);
        settled = true;
      },
    };
  }

  #told(kind: 'requests' | 'tokens', bucket: Bucket | undefined): Readonly<Record<string, string>> {
    if (bucket === undefined) return {};
    const limit = String(bucket.perMinute);
    const remaining = String(Math.max(0, Math.floor(bucket.level + 1e-9)));
    return this.#family === 'openai'
      ? {
          [`x-ratelimit-limit-${kind}`]: limit,
          [`x-ratelimit-remaining-${kind}`]: remaining,
          [`x-ratelimit-reset-${kind}`]: `${(bucket.fullAfterMs / 1000).toFixed(3)}s`,
        }
      : {
          [`anthropic-ratelimit-${kind}-limit`]: limit,
          [`anthropic-ratelimit-${kind}-remaining`]: remaining,
          [`anthropic-ratelimit-${kind}-reset`]: new Date(
            this.#clock.now() + bucket.fullAfterMs,
          ).toISOString(),
        };
  }

  #toldWait(ms: number): Readonly<Record<string, string>> {
    const seconds = { 'retry-after': String(Math.ceil(ms / 1000)) };
    return this.#family === 'openai' ? { ...seconds, 'retry-after-ms': String(ms) } : seconds;
  }
}

class Bucket {
  readonly perMinute: number;
  readonly #clock: Clock;
  #level: number;
  #at: number;

  constructor(perMinute: number, clock: Clock) {
    this.perMinute = perMinute;
    this.#clock = clock;
    this.#level = perMinute;
    this.#at = clock.now();
  }

  get level(): number {
    const now = this.#clock.now();
    this.#level = Math.min(this.perMinute, this.#level + ((now - this.#at) * this.perMinute) / 60_000);
    this.#at = now;
    return this.#level;
  }

  take(amount: number): void {
    this.#level = Math.min(this.perMinute, this.level - amount);
  }

  /** Milliseconds until `amount` is there, 0 if it is. What exceeds the bucket is let in when it is full. */
  waitFor(amount: number): number {
    const missing = Math.min(amount, this.perMinute) - this.level;
    return missing <= 1e-9 ? 0 : Math.ceil((missing * 60_000) / this.perMinute);
  }

  get fullAfterMs(): number {
    return Math.ceil(((this.perMinute - this.level) * 60_000) / this.perMinute);
  }
}
