import type { State } from '../core/state.ts';
import { experimentListing, type ExperimentDefinition } from '../experiments/definition.ts';
import type { Listed } from '../experiments/listing.ts';
import { resultsOf, type ExperimentResults } from '../experiments/results.ts';
import type { Period } from './period.ts';

/** An experiment whose counts are at hand. */
export interface MeasuredExperiment {
  readonly results: ExperimentResults;
  /** When it began, where that is known. */
  readonly since: number | undefined;
}

export interface Experiments {
  /** `true`: they were read when the page was made. */
  readonly areCurrent: boolean;
  /** Why they could not be read. */
  readonly unread?: string;
  /** No more than are shown. */
  readonly measured: readonly MeasuredExperiment[];
  /** How many there are besides. */
  readonly left: number;
  /** The names of all, those too that are not shown. */
  readonly names: ReadonlySet<string>;
}

const experimentsShown = 12;
/** To which it is known when something was last in use. */
const dayMs = 86_400_000;

/** Those that were given. */
export function givenExperiments(given: readonly ExperimentResults[]): Experiments {
  const shown = given.slice(0, experimentsShown);
  return {
    areCurrent: false,
    measured: shown.map((results) => ({ results, since: undefined })),
    left: given.length - shown.length,
    names: new Set(given.map(({ experiment }) => experiment)),
  };
}

/**
 * Those that a state has counts of and that were in use at that time, as they stand. Of several with one name, the one that
 * was in use last: what was counted of other arms, or with another salt, is not told.
 *
 * @throws `state-unreachable`
 */
export async function experimentsOf(
  { documents, tallies }: Pick<State, 'documents' | 'tallies'>,
  period: Period,
): Promise<Experiments> {
  const listed = documents && tallies ? await experimentListing(documents).read() : [];
  const used = listed.toReversed().filter((each) => wasUsed(each, period));
  const byName = new Map(used.toReversed().map((each) => [each.entry.name, each]));
  const shown = used.filter((each) => byName.get(each.entry.name) === each).slice(0, experimentsShown);
  const sums = shown.length === 0 ? [] : await tallies?.read(shown.map(({ entry }) => entry.key));
  return {
    areCurrent: true,
    measured: shown.map(({ entry, since }, index) => ({
      results: resultsOf(entry, sums?.[index] ?? {}),
      since,
    })),
    left: byName.size - shown.length,
    names: new Set(byName.keys()),
  };
}

function wasUsed(
  { since, seenAt }: Listed<ExperimentDefinition>,
  { from = -Infinity, to = Infinity }: Period,
): boolean {
  return since < to && seenAt + dayMs >= from;
}
