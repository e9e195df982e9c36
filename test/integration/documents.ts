import { ManagedLLMError, type Documents, type State, type Tallies, type Written } from 'managed-llm';
import { expect } from 'vitest';

/** Documents and tallies that are there. */
export function partsOf({ documents, tallies }: State): {
  readonly documents: Documents;
  readonly tallies: Tallies;
} {
  if (documents === undefined || tallies === undefined) throw new Error('The state lacks a part.');
  return { documents, tallies };
}

/** The version of what was written. */
export async function version(written: Written | Promise<Written>): Promise<string> {
  const answer = await written;
  return answer.ok ? answer.version : expect.fail(`there is ${JSON.stringify(answer.found)}`);
}

/** The code of the failure of each question that documents and tallies can be asked. */
export async function codes({ documents, tallies }: ReturnType<typeof partsOf>): Promise<readonly string[]> {
  const asked = [
    async () => documents.read('key'),
    async () => documents.write('key', 'text', undefined),
    async () => tallies.add('key', { n: 1 }),
    async () => tallies.read(['key']),
  ];
  const found: string[] = [];
  for (const ask of asked)
    found.push(
      await ask().then(
        () => 'answered',
        (error: unknown) => ManagedLLMError.from(error)?.code ?? String(error),
      ),
    );
  return found;
}
