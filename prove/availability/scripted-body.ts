/** What comes over a line after a while: bytes, its regular end, or a break. */
export interface Step {
  readonly afterMs: number;
  readonly what: string | 'end' | 'break';
}

/** How a body waits. */
export interface Line {
  readonly signal: AbortSignal | undefined;
  /** Rejects as soon as either signal aborts. */
  wait(ms: number, closed?: AbortSignal): Promise<void>;
}

export interface BodyWatcher {
  wrote(): void;
  /** Once, however it ends. */
  ended(): void;
}

/** A streamed body that follows a script. Pulled, never read ahead; errs when the request's signal aborts. */
export function scriptedBody(
  steps: readonly Step[],
  line: Line,
  watcher: BodyWatcher,
): ReadableStream<Uint8Array> {
  let next = 0;
  let ended = false;
  // Made when a reader gives up while a wait is on.
  let closed: AbortController | undefined;
  const end = (): void => {
    if (!ended) watcher.ended();
    ended = true;
    line.signal?.removeEventListener('abort', abort);
  };
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const abort = (): void => {
    end();
    controller?.error(line.signal?.reason);
  };
  return new ReadableStream<Uint8Array>(
    {
      start(given) {
        controller = given;
        line.signal?.addEventListener('abort', abort);
      },
      async pull(given) {
        const step = steps[next++];
        if (step !== undefined && step.afterMs > 0) {
          closed = new AbortController();
          try {
            await line.wait(step.afterMs, closed.signal);
          } catch {
            return;
          }
          closed = undefined;
        }
        if (ended) return;
        if (step === undefined || step.what === 'end') {
          end();
          given.close();
        } else if (step.what === 'break') {
          end();
          given.error(new TypeError('terminated', { cause: new Error('other side closed') }));
        } else {
          watcher.wrote();
          given.enqueue(Buffer.from(step.what));
        }
      },
      cancel() {
        end();
        closed?.abort();
      },
    },
    { highWaterMark: 0 },
  );
}
