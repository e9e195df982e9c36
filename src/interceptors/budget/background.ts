import type { Dialect } from '../../core/dialect.ts';
import type { Usage } from '../../core/usage.ts';
import type { Bid } from './bid.ts';

/** Kept at most: of those beyond it what was set aside counts, as of those that nobody fetches. */
const keptAtMost = 10_000;

/** Where a response stands in its writing. OpenAI API reference, "Responses", November 2026. */
const ended = new Set(['completed', 'incomplete', 'failed', 'cancelled']);

/** Answers that are written after their request has ended, until somebody fetches them whole. In this process. */
export class BackgroundResponses {
  readonly #bids = new Map<string, Bid>();

  get size(): number {
    return this.#bids.size;
  }

  /** @param id the response's */
  remember(provider: string, id: string, bid: Bid): void {
    this.#bids.set(keyOf(provider, id), bid);
    if (this.#bids.size > keptAtMost) this.#bids.delete(this.#bids.keys().next().value as string);
  }

  has(provider: string, id: string): boolean {
    return this.#bids.has(keyOf(provider, id));
  }

  /** The attempt whose answer has ended, if it has: each is told once. */
  ended(
    provider: string,
    json: unknown,
    { reply }: Dialect,
  ): { readonly bid: Bid; readonly usage: Usage | undefined } | undefined {
    const { id, status }: { readonly id?: unknown; readonly status?: unknown } = Object(json);
    if (typeof id !== 'string' || typeof status !== 'string' || !ended.has(status)) return undefined;
    const key = keyOf(provider, id);
    const bid = this.#bids.get(key);
    this.#bids.delete(key);
    return bid && { bid, usage: reply.usage(json) };
  }
}

function keyOf(provider: string, id: string): string {
  return JSON.stringify([provider, id]);
}
