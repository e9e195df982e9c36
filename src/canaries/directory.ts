import * as z from 'zod/mini';
import type { CanaryStatus } from '../core/canary-status.ts';
import type { Documents } from '../core/documents.ts';
import type { State } from '../core/state.ts';
import { Listing, type Keyed } from '../experiments/listing.ts';
import { documentOf } from './document.ts';
import { statusOf } from './status.ts';

/** Which canaries a state has, by the keys of their documents. */
export function canaryListing(documents: Documents): Listing<Keyed> {
  return new Listing(documents, 'canaries', z.object({ key: z.string() }));
}

/**
 * Where all canaries stand that a state knows of, the one that began last first: at most 200. What processes have not counted
 * yet (250 ms) is not in it, nor is what this version does not understand.
 *
 * @throws `state-unreachable`
 */
export async function canaryStatuses({
  documents,
  tallies,
}: Pick<State, 'documents' | 'tallies'>): Promise<readonly CanaryStatus[]> {
  if (documents === undefined || tallies === undefined) return [];
  const keys = (await canaryListing(documents).read()).map(({ entry }) => entry.key);
  const [found, sums] = await Promise.all([
    Promise.all(keys.map(async (key) => documents.read(key))),
    tallies.read(keys),
  ]);
  return found
    .flatMap((held, at) => {
      const document = held && documentOf(held.text);
      return document === undefined ? [] : [statusOf(keys[at] ?? '', document, sums[at] ?? {})];
    })
    .toSorted((a, b) => b.startedAt - a.startedAt);
}
