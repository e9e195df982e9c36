import { Call } from '../core/call.ts';
import { Cancellation, type CancelCause } from '../core/cancellation.ts';
import { stopFailure } from '../core/endings.ts';
import { passedDeadline } from '../core/run.ts';
import type { Asking } from './asking.ts';

/**
 * Runs what happens between two calls, for as long as somebody waits: the caller's abort, the deadline and the end of
 * `llm.close()` reject at once, also when it ignores its signal. The signal aborts too when it rejects itself, so that what
 * runs beside it stops.
 *
 * @param first whose deadline is that of all
 */
export async function between<T>(
  { work, signal, clock }: Asking,
  first: Call,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { id } = first;
  const { deadline } = Call.runOf(first);
  const own = new Cancellation();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const stop = (cause: CancelCause, reason: unknown): void => {
    own.abort(cause, reason);
    reject(reason);
  };
  const onSignal = (): void => stop('caller', signal?.reason);
  const onClose = (): void => stop('close', stopFailure(id, { cause: 'close' }).managed);
  const timer =
    deadline === undefined
      ? undefined
      : clock.setTimeout(
          () => stop('deadline', stopFailure(id, { passed: passedDeadline(deadline, clock.now()) }).managed),
          Math.max(0, deadline.at - clock.now()),
        );
  signal?.addEventListener('abort', onSignal, { once: true });
  work.onAbort(onClose);
  if (signal?.aborted === true) onSignal();
  try {
    return await Promise.race(own.aborted ? [ended] : [ended, run(own.signal)]);
  } catch (thrown) {
    own.abort('discard', thrown);
    throw thrown;
  } finally {
    signal?.removeEventListener('abort', onSignal);
    work.offAbort(onClose);
    if (timer !== undefined) clock.clearTimeout(timer);
  }
}
