/**
 * Waits for something that goes on whoever waits: rejects with the signal's reason as soon as that aborts.
 *
 * @param left told when it has given up
 */
export function orAborted<T>(pending: Promise<T>, signal: AbortSignal, left = (): void => {}): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      left();
      reject(signal.reason);
    };
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    void pending.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
