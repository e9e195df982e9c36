import { canaryStatuses } from '../canaries/directory.ts';
import type { CanaryStatus } from '../core/canary-status.ts';
import type { State } from '../core/state.ts';
import type { Period } from './period.ts';

export interface Canaries {
  /** `true`: they were read when the page was made. */
  readonly areCurrent: boolean;
  /** Why they could not be read. */
  readonly unread?: string;
  /** The one that began last comes first. */
  readonly all: readonly CanaryStatus[];
}

/**
 * Those of a state that were ramping up or ended at that time, or that its receipts tell of, as they stand.
 *
 * @param told names that receipts tell
 * @throws `state-unreachable`
 */
export async function canariesOf(
  state: Pick<State, 'documents' | 'tallies'>,
  { from = -Infinity, to = Infinity }: Period,
  told: ReadonlySet<string>,
): Promise<Canaries> {
  const all = await canaryStatuses(state);
  const wanted = all.filter(
    ({ canary, startedAt, phase, since }) =>
      told.has(canary) || (startedAt < to && (phase === 'ramping' || since >= from)),
  );
  return { areCurrent: true, all: wanted };
}
