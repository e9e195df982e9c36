import type { Route } from '../core/route.ts';
import { byHeadroom } from './by-headroom.ts';

/** The rule over a pool's members: the one with the most left of its limits; what fails with one key moves on to the next. */
export function pooled(members: readonly string[], model: string): Route {
  const { order, advance } = byHeadroom();
  return {
    kind: 'pool',
    choices: members.map((member) => `${member}/${model}`),
    places: members,
    definition: [],
    order: (call, choices) => order(call, choices),
    advance,
    // What is too long for a model is so with any key.
    next: ({ kind }) => (kind === 'context-overflow' ? 'stop' : undefined),
    why: (index) => members[index] ?? '',
  };
}
