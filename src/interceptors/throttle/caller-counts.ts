import type { Host } from '../../core/interceptor.ts';
import { isPromise } from '../../core/is-promise.ts';
import type { Bucket, Take, Taken } from '../../core/state.ts';
import { MemoryLedger } from '../../state/memory/memory-ledger.ts';

/** After a failure the store is left alone for so long. */
const storeRestMs = 1_000;

/**
 * Takes from buckets of the state. While its store cannot be asked, from buckets of this process, which it keeps up to
 * date meanwhile; that is reported once, until the store answers again.
 */
export class CallerCounts {
  readonly #host: Pick<Host, 'state' | 'clock' | 'report'>;
  readonly #name: string;
  readonly #own: MemoryLedger;
  #askFrom = 0;
  #isReported = false;

  /** @param name of the interceptor, for what is reported */
  constructor(host: Pick<Host, 'state' | 'clock' | 'report'>, name: string) {
    this.#host = host;
    this.#name = name;
    this.#own = new MemoryLedger(host.clock);
  }

  /** Never rejects. */
  take(takes: readonly Take[]): Taken | Promise<Taken> {
    const { state, clock } = this.#host;
    if (clock.now() < this.#askFrom) return this.#own.take(takes);
    const taken = state.ledger.take(takes);
    if (!isPromise(taken)) return taken;
    return taken.then(
      (answer) => {
        this.#isReported = false;
        if (answer.ok) this.#own.adjust(takes);
        return answer;
      },
      (thrown: unknown) => {
        this.#failed(thrown);
        return this.#own.take(takes);
      },
    );
  }

  /** Rejects when the store cannot be asked. */
  level(bucket: Bucket): number | Promise<number> {
    return this.#host.state.ledger.level(bucket);
  }

  #failed(thrown: unknown): void {
    const { clock, report, state } = this.#host;
    this.#askFrom = clock.now() + storeRestMs;
    if (this.#isReported) return;
    this.#isReported = true;
    report(
      thrown,
      `\`${this.#name}\`, which counts in this process alone until the ${state.name} state answers again`,
    );
  }
}
