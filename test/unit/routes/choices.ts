import type { Call, Choice, Readiness, RouteHost } from 'managed-llm';
import { manualClock } from 'managed-llm/testing';
import { OnDemandPricing } from '../../../src/pricing/on-demand-pricing.ts';

interface Facts {
  readonly readiness?: Readiness;
  readonly inFlight?: number;
  readonly latencyMs?: number;
}

/** Choices with these names, ready and idle unless something else is said of one. */
export function choicesOf(
  names: readonly string[],
  facts: Readonly<Record<string, Facts>> = {},
): readonly Choice[] {
  return names.map((name, index) => {
    const { readiness = { ok: true }, inFlight = 0, latencyMs } = facts[name] ?? {};
    const targets = [{ provider: name, model: name }];
    return {
      name,
      index,
      ready: () => readiness,
      load: { inFlight, latencyMs: () => latencyMs },
      targets,
      fitting: () => targets,
    };
  });
}

/** For rules that look at nothing of a call but whether its targets are ready. */
export const anyCall = { settings: {} } as Call;

/** Before prices are loaded. */
const nothingKnown = new OnDemandPricing({}, () => {});

/** Random numbers from a seed (mulberry32). */
export function hostOf(seed: number): RouteHost {
  let state = seed;
  return {
    clock: manualClock(),
    pricing: nothingKnown,
    random() {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
    },
  };
}

export const namesOf = (choices: readonly Choice[]): readonly string[] => choices.map(({ name }) => name);
