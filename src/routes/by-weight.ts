import type { Choice, RouteHost } from '../core/route.ts';
import { hashOf, spread } from '../core/hash.ts';

/**
 * At random, each choice its share; those that come after the first have theirs of what is left. Each draws how long it
 * takes, and a choice of twice the weight takes half as long.
 */
export function byWeight(
  choices: readonly Choice[],
  weights: readonly number[],
  host: RouteHost,
): readonly Choice[] {
  if (choices.length === 1) return choices;
  return fastestFirst(choices, weights, () => 1 - host.random());
}

/**
 * Rendezvous hashing: the key draws for each choice instead of chance, so the same key gives the same order, and a choice
 * that is added or left out changes nothing between the others.
 */
export function stickyOrder(
  choices: readonly Choice[],
  key: number,
  weights: readonly number[],
): readonly Choice[] {
  const seeds = seedsOf(choices);
  return fastestFirst(choices, weights, ({ index }) => spread(key, seeds[index] ?? 0));
}

/** @param draw evenly spread over (0, 1] */
function fastestFirst(
  choices: readonly Choice[],
  weights: readonly number[],
  draw: (choice: Choice) => number,
): readonly Choice[] {
  const times = choices.map((choice) => -Math.log(draw(choice)) / (weights[choice.index] ?? 1));
  return choices.toSorted((a, b) => (times[a.index] ?? 0) - (times[b.index] ?? 0));
}

/** Of the choices' names, which stay when others come and go. */
function seedsOf(choices: readonly Choice[]): readonly number[] {
  const kept = seeds.get(choices);
  if (kept !== undefined) return kept;
  const made = choices.map(({ name }) => hashOf(name));
  seeds.set(choices, made);
  return made;
}

const seeds = new WeakMap<readonly Choice[], readonly number[]>();
