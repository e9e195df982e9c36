import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import type { Documents } from './documents.ts';

/** Of any number of writers one wins each time, so whoever loses as often is one of very many. */
const mostTries = 100;

/**
 * Changes a document whatever others make of it meanwhile: reads it, asks what is to become of it, and does so again as long
 * as somebody else was quicker.
 *
 * @param change gets the text, `undefined` where there is none, and gives the new one, or `undefined` to leave it as it is.
 *   Called once for each try.
 * @param ttlMs as of {@link Documents.write}
 * @returns the text as it then is; `undefined` where there is none
 * @throws `state-unreachable`
 */
export async function changeDocument(
  documents: Documents,
  key: string,
  change: (text: string | undefined) => string | undefined,
  ttlMs?: number,
): Promise<string | undefined> {
  let found = await documents.read(key);
  for (let tries = 0; tries < mostTries; tries++) {
    const text = change(found?.text);
    if (text === undefined) return found?.text;
    const written = await documents.write(key, text, found?.version, ttlMs);
    if (written.ok) return text;
    found = written.found;
  }
  throw new ManagedLLMError({
    code: 'state-unreachable',
    message: `\`${key}\` could not be changed: ${mostTries} times others were quicker. Ask again.`,
  });
}
