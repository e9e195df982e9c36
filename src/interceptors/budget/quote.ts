import type { Amounts } from '../../core/accounts.ts';
import type { Operation } from '../../core/dialect.ts';
import type { RequestMeasure, UsageEstimate } from '../../core/estimates.ts';
import { serverToolRequests } from '../../core/server-tool-requests.ts';
import type { Rates } from './rates.ts';

/** How a budget or a ceiling counts an attempt before it is sent. */
export interface Terms {
  /** The most it can be, or what it is expected to be. */
  readonly strict: boolean;
  readonly rates: Rates;
  /** What it costs as a whole, where that was stated. Whole nano-USD. */
  readonly fixedNanoUsd: number | undefined;
}

/** What keeps a request from having a bound. */
export interface Unbounded {
  /** In words that follow `because`. */
  readonly because: string;
  /** What to do about it, where something can be done: a sentence without its end. */
  readonly bound?: string;
}

/** What is known of an attempt's use before it is sent. */
export interface QuotedAttempt {
  readonly operation: Operation;
  /** `undefined` for what has no dialect. */
  readonly measure: RequestMeasure | undefined;
  readonly estimate: UsageEstimate | undefined;
}

/** What one attempt may come to, as far as its output limit lets it. */
export class Quote {
  readonly answers: number;
  readonly inputBound: number | undefined;
  readonly #attempt: QuotedAttempt;
  readonly #toolRequests: Readonly<Record<string, number>> | undefined;
  /** Budgets mostly count alike. */
  #last: { readonly terms: Terms; readonly limit: number | undefined; readonly amounts: Amounts } | undefined;

  constructor(attempt: QuotedAttempt) {
    this.#attempt = attempt;
    const { measure, estimate } = attempt;
    this.answers = Math.max(1, measure?.answers ?? 1);
    this.inputBound = estimate?.inputBound;
    this.#toolRequests =
      measure === undefined || measure.serverTools.length === 0
        ? undefined
        : serverToolRequests(measure.serverTools);
  }

  /** As expected; `undefined` for what has no dialect. */
  get estimate(): UsageEstimate | undefined {
    return this.#attempt.estimate;
  }

  /**
   * What is to be set aside. Only where {@link Quote.unbounded} has no objection.
   *
   * @param limit most tokens of one answer; `undefined` where there is none, as for embeddings
   */
  amounts(terms: Terms, limit: number | undefined): Amounts {
    const last = this.#last;
    if (last !== undefined && last.limit === limit && isSame(last.terms, terms)) return last.amounts;
    const amounts = this.#find(terms, limit);
    this.#last = { terms, limit, amounts };
    return amounts;
  }

  #find(terms: Terms, limit: number | undefined): Amounts {
    if (terms.fixedNanoUsd !== undefined) return { nanoUsd: terms.fixedNanoUsd, tokens: 0 };
    return terms.strict ? this.#most(terms.rates, limit) : this.#expected(terms.rates, limit);
  }

  #most(rates: Rates, limit: number | undefined): Amounts {
    const inputTokens = this.inputBound ?? 0;
    const outputTokens = (limit ?? 0) * this.answers;
    return {
      nanoUsd: this.boundOf(rates, inputTokens, outputTokens) ?? 0,
      tokens: inputTokens + outputTokens,
    };
  }

  #expected(rates: Rates, limit: number | undefined): Amounts {
    const { estimate, measure } = this.#attempt;
    if (estimate === undefined) return { nanoUsd: 0, tokens: 0 };
    const { inputTokens } = estimate;
    const outputTokens =
      this.#attempt.operation === 'chat'
        ? Math.min(estimate.outputTokens, (limit ?? Infinity) * this.answers)
        : 0;
    const { serviceTier } = measure ?? {};
    const nanoUsd = rates.cost({
      inputTokens,
      outputTokens,
      ...(serviceTier === undefined ? {} : { serviceTier }),
      provenance: 'estimated',
    });
    // A tier that has no rate of its own is counted at the dearest.
    return {
      nanoUsd: nanoUsd ?? rates.bound({ inputTokens, outputTokens, serviceTier }) ?? 0,
      tokens: inputTokens + outputTokens,
    };
  }

  /** The most that so many tokens can cost in this request. `undefined` where something in it has no rate. */
  boundOf(rates: Rates, inputTokens: number, outputTokens: number): number | undefined {
    const { serviceTier } = this.#attempt.measure ?? {};
    const bound = { inputTokens, outputTokens, serviceTier };
    return rates.bound(
      this.#toolRequests === undefined ? bound : { ...bound, serverToolRequests: this.#toolRequests },
    );
  }

  /**
   * Why nothing bounds what it can cost; `undefined` where something does.
   *
   * @param target its name, for what to do about it
   */
  unbounded(rates: Rates, target: string): Unbounded | undefined {
    const { measure } = this.#attempt;
    if (measure === undefined) return { because: 'what it sends cannot be measured' };
    if (measure.background)
      return {
        because: 'it is answered in the background, after this request has ended',
        bound: 'Ask without `background`',
      };
    const endless = measure.serverTools.find(({ maxUses }) => maxUses === undefined);
    if (endless !== undefined)
      return {
        because: `the provider may use its tool \`${endless.type}\` as often as the model likes`,
        bound: 'Say how often (`max_uses`, `max_tool_calls`)',
      };
    if (this.inputBound === undefined) return endlessInput(measure, target);
    if (this.boundOf(rates, 0, 0) === undefined)
      return {
        because: 'its price has no rate for a tool or a tier that it asks for',
        bound: `State that rate in \`models\`, \`${JSON.stringify(target)}: { price: … }\``,
      };
    return undefined;
  }
}

/** Its input is bounded by the context window alone, or by nothing. */
function endlessInput({ serverTools, complete, files }: RequestMeasure, target: string): Unbounded {
  if (serverTools.length === 0 && complete && files.length === 0)
    return { because: 'its model may search by itself as often as it likes' };
  const why =
    serverTools.length > 0
      ? 'with each use of a tool that the provider runs all of it is read once more'
      : complete
        ? 'it refers to files whose length it does not tell'
        : 'the provider holds a part of the conversation';
  return {
    because: `${why}, and the context window of the model is not known`,
    bound: `State that in \`models\`, \`${JSON.stringify(target)}: { contextTokens: … }\``,
  };
}

function isSame(one: Terms, other: Terms): boolean {
  return (
    one === other ||
    (one.strict === other.strict && one.rates === other.rates && one.fixedNanoUsd === other.fixedNanoUsd)
  );
}
