import { between, exponential, pick, type Random } from './random.ts';

/** What can happen to a request. */
export type Trouble =
  /** The connection is refused. */
  | 'refused'
  /** 500, 502, 503, 504 or 529. */
  | 'error'
  /** No answer ever comes: the line is cut after five minutes. */
  | 'hang'
  /** A stream begins, without content, and then nothing comes; a plain answer hangs. */
  | 'stall'
  /** The first thing in a stream of status 200 is an error; a plain answer has status 500. */
  | 'in-band'
  /** The line breaks, or ends cleanly, before the first content. */
  | 'cut-early'
  /** The line breaks, or ends cleanly, after content; plain answers arrive. */
  | 'cut-late'
  /** Everything takes many times as long. */
  | 'slow';

/** Those that leave a request without content. */
export const denying: readonly Trouble[] = ['refused', 'error', 'hang', 'stall', 'in-band', 'cut-early'];

/** A time in which a share of a provider's requests meets with trouble. */
export interface Incident {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly trouble: Trouble;
  /** Of the requests that arrive meanwhile, 0 to 1; 1 is an outage. */
  readonly share: number;
}

/**
 * Incidents that deny service for exactly `unavailability` of the time, weighted by their share: outages for two thirds of
 * it, brown-outs for one third, none at the same time as another of the same provider.
 */
export function incidentsFor(random: Random, durationMs: number, unavailability: number): Incident[] {
  const budgetMs = durationMs * unavailability;
  const plans = [
    ...split(random, (budgetMs * 2) / 3).map((ms) => ({ ms, share: 1 })),
    ...split(random, budgetMs / 3).map((ms) => {
      const share = between(random, 0.2, 0.8);
      return { ms: ms / share, share };
    }),
  ];
  return scattered(random, durationMs, plans).map(({ fromMs, ms, share }) => ({
    fromMs,
    untilMs: fromMs + ms,
    trouble: pick(random, denying),
    share,
  }));
}

/** The share of requests, evenly spread over the time, that these leave without content. */
export function unavailabilityOf(incidents: readonly Incident[], durationMs: number): number {
  const deniedMs = incidents
    .filter(({ trouble }) => denying.includes(trouble))
    .reduce((sum, { fromMs, untilMs, share }) => sum + (untilMs - fromMs) * share, 0);
  return deniedMs / durationMs;
}

/** Incidents that deny nothing: slowness and streams cut after content. */
export function nuisancesFor(random: Random, durationMs: number): Incident[] {
  const plans = Array.from({ length: 4 }, () => ({
    ms: durationMs * between(random, 0.002, 0.01),
    share: between(random, 0.05, 0.5),
  }));
  return scattered(random, durationMs, plans).map(({ fromMs, ms, share }, index) => ({
    fromMs,
    untilMs: fromMs + ms,
    trouble: index % 2 === 0 ? 'slow' : 'cut-late',
    share,
  }));
}

/** A duration in one to four parts. */
function split(random: Random, ms: number): number[] {
  const weights = Array.from({ length: 1 + Math.floor(random() * 4) }, () => 0.1 + exponential(random, 1));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => (ms * weight) / sum);
}

/** Puts them into random gaps, one after another. */
function scattered<P extends { readonly ms: number }>(
  random: Random,
  durationMs: number,
  plans: readonly P[],
): (P & { readonly fromMs: number })[] {
  const free = durationMs - plans.reduce((total, { ms }) => total + ms, 0);
  const cuts = plans.map(() => random() * free).sort((a, b) => a - b);
  let used = 0;
  return plans
    .map((plan) => ({ plan, rank: random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ plan }, index) => {
      const fromMs = cuts[index]! + used;
      used += plan.ms;
      return { ...plan, fromMs };
    });
}
