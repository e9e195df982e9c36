import { CachingSums, noCaching, type CachingFigures } from './caching-figures.ts';
import { toUsd } from './nano-usd.ts';
import type { Receipt, ReceiptAttempt } from './receipt.ts';
import { Durations } from './durations.ts';

/** What the receipts of a row come to. */
export interface ReceiptFigures extends CachingFigures {
  readonly calls: number;
  /** Of the calls: those that failed or took longer than they may. */
  readonly failed: number;
  /** Of the calls: those that an interceptor refused. */
  readonly refused: number;
  readonly attempts: number;
  /** What is known of their cost, in USD. */
  readonly costUsd: number;
  /** The same in whole billionths of a USD, exactly, as long as it is less than 9,000,000 USD. */
  readonly costNanoUsd: number;
  /** Of that, what goes by an estimate of what was used, because nobody told it. */
  readonly estimatedUsd: number;
  readonly estimatedNanoUsd: number;
  /** Calls that cost more than that, by a price or a usage that is not known. */
  readonly unpriced: number;
  /** What attempts consumed: nothing for answers from a cache. Cached tokens included. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
  /**
   * Milliseconds that half of the calls took at most which a provider answered to the end, right to a hundredth. `undefined`
   * where there were none, as with those that follow.
   */
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
  readonly p99Ms: number | undefined;
  /** Milliseconds until the first bytes of a stream. */
  readonly firstEventP50Ms: number | undefined;
  readonly firstEventP95Ms: number | undefined;
  readonly firstEventP99Ms: number | undefined;
}

/** {@link ReceiptFigures} as they grow. */
export class Figures {
  #calls = 0;
  #failed = 0;
  #refused = 0;
  #attempts = 0;
  #costNanoUsd = 0;
  #estimatedNanoUsd = 0;
  #unpriced = 0;
  #inputTokens = 0;
  #outputTokens = 0;
  #cachedInputTokens = 0;
  readonly #times: { readonly durations: Durations; readonly firstEvents: Durations } | undefined;
  /** Of calls that came to no cache there is none. */
  #caching: CachingSums | undefined;
  /** The last call that was unpriced: it counts once, whatever attempts it had. */
  #lastUnpriced: string | undefined;

  /** @param keepsTimes `false`: how long calls took is not wanted, which is most of the memory */
  constructor(keepsTimes = true) {
    if (keepsTimes) this.#times = { durations: new Durations(), firstEvents: new Durations() };
  }

  addCall(receipt: Receipt): void {
    const { outcome, origin, durationMs, firstEventMs, stream, facts } = receipt;
    this.#calls++;
    if (outcome === 'failed' || outcome === 'timed-out') this.#failed++;
    if (outcome === 'refused') this.#refused++;
    if (facts.cache !== undefined) (this.#caching ??= new CachingSums()).addCache(facts.cache, outcome);
    if (origin !== 'provider' || this.#times === undefined) return;
    const { durations, firstEvents } = this.#times;
    if (outcome === 'finished') durations.add(durationMs);
    if (stream && firstEventMs !== undefined) firstEvents.add(firstEventMs);
  }

  addAttempt({ callId, facts }: Receipt, { attemptId, usage, costNanoUsd }: ReceiptAttempt): void {
    this.#attempts++;
    const promptCache = facts.promptCache?.attempts.find((use) => use.attemptId === attemptId);
    if (promptCache !== undefined) (this.#caching ??= new CachingSums()).addPromptCache(callId, promptCache);
    if (costNanoUsd !== undefined) {
      this.#costNanoUsd += costNanoUsd;
      if (usage?.provenance === 'estimated') this.#estimatedNanoUsd += costNanoUsd;
    } else if (this.#lastUnpriced !== callId) {
      this.#lastUnpriced = callId;
      this.#unpriced++;
    }
    this.#inputTokens += usage?.inputTokens ?? 0;
    this.#outputTokens += usage?.outputTokens ?? 0;
    this.#cachedInputTokens += usage?.cachedInputTokens ?? 0;
  }

  /** Of other calls. */
  addAll(others: Figures): void {
    this.#calls += others.#calls;
    this.#failed += others.#failed;
    this.#refused += others.#refused;
    this.#attempts += others.#attempts;
    this.#costNanoUsd += others.#costNanoUsd;
    this.#estimatedNanoUsd += others.#estimatedNanoUsd;
    this.#unpriced += others.#unpriced;
    this.#inputTokens += others.#inputTokens;
    this.#outputTokens += others.#outputTokens;
    this.#cachedInputTokens += others.#cachedInputTokens;
    if (others.#caching !== undefined) (this.#caching ??= new CachingSums()).addAll(others.#caching);
    if (this.#times === undefined || others.#times === undefined) return;
    this.#times.durations.addAll(others.#times.durations);
    this.#times.firstEvents.addAll(others.#times.firstEvents);
  }

  get figures(): ReceiptFigures {
    const { durations, firstEvents } = this.#times ?? {};
    return {
      calls: this.#calls,
      failed: this.#failed,
      refused: this.#refused,
      attempts: this.#attempts,
      costUsd: toUsd(this.#costNanoUsd),
      costNanoUsd: this.#costNanoUsd,
      estimatedUsd: toUsd(this.#estimatedNanoUsd),
      estimatedNanoUsd: this.#estimatedNanoUsd,
      unpriced: this.#unpriced,
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
      cachedInputTokens: this.#cachedInputTokens,
      ...(this.#caching?.figures ?? noCaching),
      p50Ms: durations?.quantile(0.5),
      p95Ms: durations?.quantile(0.95),
      p99Ms: durations?.quantile(0.99),
      firstEventP50Ms: firstEvents?.quantile(0.5),
      firstEventP95Ms: firstEvents?.quantile(0.95),
      firstEventP99Ms: firstEvents?.quantile(0.99),
    };
  }
}
