import { changeDocument } from '../core/change-document.ts';
import type { CanaryStatus } from '../core/canary-status.ts';
import type { Documents } from '../core/documents.ts';
import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import { keyOf } from '../experiments/definition-key.ts';
import { afterOutside, documentOf, textOf, type Decision } from './document.ts';

/** An end that somebody gives a canary. */
export interface EndByHand {
  readonly to: 'promoted' | 'rolled-back';
  readonly by: string;
  readonly reason: string;
}

/** The step to take from where a canary stands. `undefined`: it stands there already. */
export function decideByHand(
  { phase, step }: Pick<CanaryStatus, 'phase' | 'step'>,
  { to, by, reason }: EndByHand,
): Decision | undefined {
  return phase === to ? undefined : { by, to, step, reason, guards: [] };
}

/**
 * Ends a canary from outside the processes that try it out: they follow with their next reads, and the first
 * of them tells it by `canary:change`.
 *
 * @returns whether it was not ended so before
 * @throws `state-unreachable`, and then it may be ended or not; `state-incompatible` where it is gone, or none any more
 */
export async function endCanary(
  documents: Documents,
  { canary, definition }: Pick<CanaryStatus, 'canary' | 'definition'>,
  end: EndByHand,
  now: number,
): Promise<boolean> {
  const key = keyOf('canary', canary, definition);
  let isChanged = false;
  await changeDocument(documents, key, (text) => {
    const document = text === undefined ? undefined : documentOf(text);
    if (document === undefined)
      throw new ManagedLLMError({
        code: 'state-incompatible',
        message: `What the state has under \`${key}\` is no canary that this version understands, or not any more.`,
      });
    const decided = decideByHand(document, end);
    isChanged = decided !== undefined;
    return decided && textOf(afterOutside(document, decided, now));
  });
  return isChanged;
}
