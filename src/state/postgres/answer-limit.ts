import type { Clock, Timer } from '../../core/clock.ts';

/** What the server has not answered in time. Whether it does what was asked is not known. */
export class NoAnswer extends Error {
  constructor(limitMs: number) {
    super(`No answer within ${limitMs} ms.`);
  }
}

/** How long may be waited for several things together. */
export class AnswerLimit {
  readonly #clock: Clock;
  readonly #passed: Promise<never>;
  #timer: Timer;

  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    const { promise, reject } = Promise.withResolvers<never>();
    // Nobody may be waiting when it passes.
    promise.catch(() => {});
    this.#passed = promise;
    this.#timer = clock.setTimeout(() => {
      // After a pause of this process an answer may lie unread: it gets one more turn.
      this.#timer = clock.setTimeout(() => reject(new NoAnswer(ms)), 1);
    }, ms);
  }

  /** @throws {@link NoAnswer} */
  hold<T>(awaited: Promise<T>): Promise<T> {
    return Promise.race([awaited, this.#passed]);
  }

  end(): void {
    this.#clock.clearTimeout(this.#timer);
  }
}
