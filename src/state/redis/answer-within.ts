import type { Clock } from '../../core/clock.ts';

/** Longest wait for an answer. A healthy server takes less than a hundredth of it, so that nobody is cut off in error. */
const answerLimitMs = 1_000;

/** The answer of a client, which may wait for its server for ever; rejects after a second without. */
export function answerWithin<T>(clock: Clock, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new Error(`No answer within ${answerLimitMs} ms.`));
    let timer = clock.setTimeout(() => {
      // After a pause of this process an answer may lie unread: it gets one more turn.
      timer = clock.setTimeout(late, 1);
    }, answerLimitMs);
    answer.then(resolve, reject).finally(() => clock.clearTimeout(timer));
  });
}
