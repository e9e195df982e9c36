import type { Call } from '../core/call.ts';
import type { Choice, RouteHost } from '../core/route.ts';
import { bestInTurn, type Turns } from './turns.ts';

/** The fewest calls under way first; where they are equal, each in its turn. */
export function byLoad(): Turns {
  return bestInTurn((_call, { load }) => -(load?.inFlight ?? 0));
}

/**
 * Power of two choices: of two at random, the cheaper one. All calls would otherwise run to the one that was fastest a
 * moment ago. The others follow by their cost.
 */
export function byLatency(call: Call, choices: readonly Choice[], host: RouteHost): readonly Choice[] {
  const now = host.clock.now();
  const costs = choices.map((choice) => costOf(choice, now));
  const cost = ({ index }: Choice): number => costs[index] ?? 0;
  const byCost = choices.toSorted((a, b) => cost(a) - cost(b));
  const ready = choices.filter((choice) => choice.ready(call).ok);
  if (ready.length < 3) return byCost;
  const first = Math.floor(host.random() * ready.length);
  const second = (first + 1 + Math.floor(host.random() * (ready.length - 1))) % ready.length;
  const [a, b] = [ready[first], ready[second]];
  if (a === undefined || b === undefined) return byCost;
  const [better, other] = cost(a) <= cost(b) ? [a, b] : [b, a];
  return [better, other, ...byCost.filter((choice) => choice !== a && choice !== b)];
}

/** One that nobody knows is tried, but by one call at a time. */
function costOf({ load }: Choice, now: number): number {
  const inFlight = load?.inFlight ?? 0;
  const latencyMs = load?.latencyMs(now);
  if (latencyMs === undefined) return inFlight === 0 ? 0 : Number.MAX_SAFE_INTEGER + inFlight;
  return (latencyMs + 1) * (inFlight + 1);
}
