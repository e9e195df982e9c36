import type { Clock } from '../../core/clock.ts';
import type { Documents } from '../../core/documents.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';

/** Documents that answer in time or reject: those of a state of somebody else's may hang, and what waits for them must not. */
export function documentsWithin(documents: Documents, clock: Clock, ms: number): Documents {
  return {
    read: (key) => within(documents.read(key), clock, ms),
    write: (...given) => within(documents.write(...given), clock, ms),
  };
}

function within<T>(answer: T | Promise<T>, clock: Clock, ms: number): T | Promise<T> {
  if (!(answer instanceof Promise)) return answer;
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(
      () =>
        reject(
          new ManagedLLMError({
            code: 'state-unreachable',
            message: `The state that keeps labels of prompts did not answer within ${ms} ms. It is asked again by itself.`,
          }),
        ),
      ms,
    );
    void answer.then(resolve, reject).finally(() => clock.clearTimeout(timer));
  });
}
