import type { Dialect } from '../core/dialect.ts';
import type { CallFeedback } from '../core/hooks.ts';
import type { Host } from '../core/interceptor.ts';
import type { Receipt } from '../core/receipt.ts';
import type { Reply } from '../core/reply.ts';
import type { Documents } from '../core/documents.ts';
import type { Books } from './books.ts';
import { FirstCalls } from './first-calls.ts';
import type { ExperimentMetric } from './metrics.ts';
import { endedRefusing, watchForRefusal } from './refusals.ts';
import { Remembered, type Place } from './remembered.ts';

/** While the state does not answer, what comes beyond these is not counted. */
const mostInBackground = 1_000;

const mostRefusing = 10_000;

/** What is done with what was measured. */
export interface Counter {
  /** A call has settled, whether anything was measured of it or not. */
  call(arm: string): void;
  label(arm: string, label: string): void;
  /** @param isFirst of its subject: it counts in comparisons */
  is(arm: string, metric: ExperimentMetric, is: boolean, isFirst: boolean): void;
  value(arm: string, metric: ExperimentMetric, value: number, isFirst: boolean): void;
  /** A subject was not served for the first time: by a failure, a refusal, or patience that ended before anything came. */
  failing?(arm: string): void;
}

/** What is measured, and how it is told apart from what others measure. */
export interface MeasuringOptions {
  /** Of all that is kept in the state. */
  readonly key: string;
  readonly documents: Documents;
  readonly books: Books;
  /** How long feedback finds a call by its id. */
  readonly feedbackMs: number;
  /** Whether it does: else nothing is kept of calls, and feedback finds those whose receipt it comes with. Default `true`. */
  readonly keepsCalls?: boolean;
  readonly counter: Counter;
  /** Where a call was, as its facts tell. `undefined`: it is no matter of these measurements. */
  placeIn(facts: Pick<Receipt['facts'], 'experiments' | 'canaries'>): Place | undefined;
}

/**
 * Measures calls once they have settled, and what is said of them later, in the background: a call never waits for it. What
 * cannot be counted is lost, and told by the books.
 */
export class Measuring {
  readonly #options: MeasuringOptions;
  readonly #report: Host['report'];
  readonly #remembered: Remembered;
  readonly #firstCalls: FirstCalls;
  /** Calls whose answers refuse, until their receipts come. */
  readonly #refusing = new Set<string>();
  /** What is being counted. */
  readonly #background = new Set<Promise<void>>();
  readonly #stops: readonly (() => void)[];

  constructor(host: Pick<Host, 'on' | 'report'>, options: MeasuringOptions) {
    const { documents, key, feedbackMs, books } = options;
    this.#options = options;
    this.#report = (thrown, context) => host.report(thrown, context);
    this.#remembered = new Remembered(documents, key, feedbackMs, (thrown) =>
      books.lost(
        `\`${key}\`: which arm some calls had could not be kept, so that feedback by their ids will not count.`,
        thrown,
      ),
    );
    this.#firstCalls = new FirstCalls(documents, key);
    this.#stops = [
      host.on('call:end', (receipt) => this.#ended(receipt)),
      host.on('call:feedback', (feedback) => this.#inBackground(() => this.#hear(feedback))),
    ];
  }

  /** Looks for refusals in an answer. Never rejects. */
  async watch(callId: string, dialect: Dialect, reply: Reply): Promise<void> {
    try {
      await watchForRefusal(dialect, reply, () => this.#refuses(callId));
    } catch (thrown) {
      this.#report(thrown, `\`${this.#options.key}\`: looking for refusals`);
    }
  }

  /** The state has lost what it had: subjects that were known count anew. */
  forget(): void {
    this.#firstCalls.forget();
  }

  /** Resolves when what was seen by now is in the state, or is lost. */
  async idle(): Promise<void> {
    await this.#remembered.idle();
    await Promise.all(this.#background);
    await this.#options.books.flush();
  }

  async dispose(): Promise<void> {
    for (const stop of this.#stops) stop();
    await this.idle();
  }

  #refuses(callId: string): void {
    this.#refusing.add(callId);
    // A call that was stopped before it refused is told of already.
    const [oldest = ''] = this.#refusing;
    if (this.#refusing.size > mostRefusing) this.#refusing.delete(oldest);
  }

  #ended(receipt: Receipt): void {
    const { callId, stopReason, facts } = receipt;
    const refused = this.#refusing.delete(callId) || endedRefusing(stopReason);
    const place = this.#options.placeIn(facts);
    if (place === undefined) return;
    this.#options.counter.call(place.arm);
    if (this.#options.keepsCalls !== false) this.#remembered.keep(callId, place);
    this.#inBackground(() => this.#measure(receipt, place, refused));
  }

  async #measure(receipt: Receipt, { arm, subject }: Place, refused: boolean): Promise<void> {
    const { counter } = this.#options;
    const { callId, parentId, outcome, origin, durationMs, costUsd } = receipt;
    const failed = outcome === 'failed' || outcome === 'timed-out';
    const answered = outcome === 'finished' && origin === 'provider';
    // All turns of a tool loop are of one subject, also where each call is one.
    if (
      counter.failing !== undefined &&
      (failed || isUnserved(receipt)) &&
      (await this.#firstCalls.isFirst('failure', subject ?? parentId ?? callId))
    )
      counter.failing(arm);
    if (!failed && !answered) return;
    // Of a tool loop, the first turn.
    const isFirst =
      subject === undefined ? parentId === undefined : await this.#firstCalls.isFirst('call', subject);
    counter.is(arm, 'error', failed, isFirst);
    if (!answered) return;
    counter.is(arm, 'refusal', refused, isFirst);
    counter.value(arm, 'latencyMs', durationMs, isFirst);
    // Failures cost little, and are no bargain.
    if (costUsd !== undefined) counter.value(arm, 'costUsd', costUsd, isFirst);
  }

  async #hear({ callId, experiments, canaries, score, label, schemaValid }: CallFeedback): Promise<void> {
    const { counter, placeIn } = this.#options;
    const place = experiments && canaries && placeIn({ experiments, canaries });
    if (schemaValid !== undefined && place !== undefined) {
      const isFirst = await this.#firstCalls.isFirst('schema', place.subject);
      counter.is(place.arm, 'schemaValid', schemaValid, isFirst);
    }
    if (score === undefined && label === undefined) return;
    if (experiments !== undefined && place === undefined) return;
    const kinds = { score: score !== undefined, label: label !== undefined };
    const first = await this.#remembered.first(callId, place, kinds);
    if (first === undefined) return;
    if (first.label && label !== undefined) counter.label(first.arm, label);
    if (!first.score || score === undefined) return;
    counter.value(first.arm, 'score', score, await this.#firstCalls.isFirst('score', first.subject));
  }

  #inBackground(count: () => Promise<void>): void {
    const { books, key } = this.#options;
    const lost = (thrown: unknown): void =>
      books.lost(`\`${key}\`: what was seen of some calls could not be counted.`, thrown);
    if (this.#background.size >= mostInBackground) return lost(undefined);
    const done = count()
      .catch(lost)
      .finally(() => this.#background.delete(done));
    this.#background.add(done);
  }
}

/** Whether a call was refused, or given up before anything of its answer had come. */
function isUnserved({ outcome, firstEventMs }: Receipt): boolean {
  return outcome === 'refused' || (outcome === 'aborted' && firstEventMs === undefined);
}
