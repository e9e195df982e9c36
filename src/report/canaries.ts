import { canaryStatuses } from '../canaries/directory.ts';
import type { CanaryStatus } from '../core/canary-status.ts';
import type { State } from '../core/state.ts';
import type { Period } from './period.ts';

export interface Canaries {
  /** `true`: they were read when the page was made. */
  readonly areCurrent: boolean;
  /** The one that began last comes first. */
  readonly all: readonly CanaryStatus[];
}

/**
 * Those of a state that were divided at that time, as they stand.
 *
 * @throws `state-unreachable`
 */
export async function canariesOf(
  state: Pick<State, 'documents' | 'tallies'>,
  { from = -Infinity, to = Infinity }: Period,
): Promise<Canaries> {
  const all = await canaryStatuses(state);
  const wanted = all.filter(
    ({ startedAt, phase, since }) => startedAt < to && (phase === 'ramping' || since >= from),
  );
  return { areCurrent: true, all: wanted };
}
