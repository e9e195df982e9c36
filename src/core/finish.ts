import type { Dialect } from './dialect.ts';
import type { Quirks } from './provider.ts';
import type { Target } from './target.ts';

/** Where a request is about to go. */
export interface Destination {
  readonly target: Target;
  /** What the target speaks, and so the request. */
  readonly dialect: Dialect;
  /**
   * The base URL of its provider; where the request was built for another (`withOptions({ baseURL })`, a URL of the
   * application's own), its whole URL without the query. Absent where it is not known.
   */
  readonly origin: string | undefined;
  readonly quirks: Quirks;
}

/**
 * A last change to a request, in the words of its target: after translation, once an attempt, synchronously. For what only
 * that format has a place for and what no answer depends on: policy, keys of caches, budgets and the caller see the
 * request without it. The same object where nothing changes; never mutates. A throw fails the attempt.
 */
export type Finish = (body: unknown, destination: Destination) => unknown;

/** Both, in the order in which they were asked for. */
export function joinedFinish(first: Finish | undefined, then: Finish | undefined): Finish | undefined {
  if (first === undefined || then === undefined) return first ?? then;
  return (body, destination) => then(first(body, destination), destination);
}
