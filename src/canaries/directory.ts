import { changeDocument } from '../core/change-document.ts';
import type { CanaryStatus } from '../core/canary-status.ts';
import type { Documents } from '../core/documents.ts';
import type { State } from '../core/state.ts';
import { documentOf } from './document.ts';
import { statusOf } from './status.ts';

const directory = 'canaries';
/** Beyond these the oldest are not listed any more. */
const mostListed = 200;

/** Lists the key of a canary, so that whoever has the state finds it. */
export async function list(documents: Documents, key: string): Promise<void> {
  await changeDocument(documents, directory, (text) => {
    const listed = keysIn(text);
    return listed.includes(key) ? undefined : JSON.stringify([...listed, key].slice(-mostListed));
  });
}

/**
 * Where all canaries stand that a state knows of, the one that began last first: at most 200. What processes have not counted
 * yet (250 ms) is not in it.
 *
 * @throws `state-unreachable`
 */
export async function canaryStatuses({
  documents,
  tallies,
}: Pick<State, 'documents' | 'tallies'>): Promise<readonly CanaryStatus[]> {
  if (documents === undefined || tallies === undefined) return [];
  const keys = keysIn((await documents.read(directory))?.text);
  const [found, sums] = await Promise.all([
    Promise.all(keys.map(async (key) => documents.read(key))),
    tallies.read(keys),
  ]);
  return found
    .flatMap((document, at) => (document ? [statusOf(documentOf(document.text), sums[at] ?? {})] : []))
    .toSorted((a, b) => b.startedAt - a.startedAt);
}

function keysIn(text: string | undefined): readonly string[] {
  return text === undefined ? [] : JSON.parse(text);
}
