import type { CacheStore } from '../../../core/cache-store.ts';
import type { Call } from '../../../core/call.ts';
import type { Host } from '../../../core/interceptor.ts';
import { orAborted } from '../../../core/or-aborted.ts';
import type { VectorStore } from '../../../core/vector-store.ts';
import { Failing } from '../failing.ts';
import type { Shelf } from '../shelf.ts';
import { Apart } from './apart.ts';
import { comparableQuestion, type ComparableQuestion } from './comparable-question.ts';
import { Compared, decisive, isGiven, type SemanticExplanation } from './compared.ts';
import { Comparison, type Candidate } from './comparison.ts';
import { Embedder, type Meaning } from './embedder.ts';
import { KnownQuestions } from './known-questions.ts';
import type { SemanticOptions } from './options.ts';
import { Patience } from './patience.ts';

/** What was found for a question. */
export interface Finding {
  /** `undefined` where nobody could tell. */
  readonly meaning: Meaning | undefined;
  /** The nearest first, the last with the answer that may be given, if there is one. */
  readonly compared: readonly Candidate[];
  /** The call that looked was stopped meanwhile: that says nothing of others. */
  readonly stopped?: true;
}

/** One that several calls wait for. */
interface Look {
  /** When it began, in invalidations. */
  readonly epoch: number;
  readonly finding: Promise<Finding>;
}

/** Answers to questions in other words. Fails open: what cannot be asked is reported, and nothing is found. */
export class SemanticAnswers {
  readonly #host: Host;
  readonly #failing: Failing<'comparing' | 'verifying' | 'learning' | 'forgetting'>;
  readonly #shelf: Shelf;
  readonly #options: SemanticOptions;
  readonly #comparing: Patience;
  readonly #known: KnownQuestions;
  readonly #apart: Apart;
  readonly #embedder: Embedder;
  readonly #comparison: Comparison;
  readonly #explanations = new Compared();
  readonly #underWay = new Map<string, Look>();

  constructor(
    host: Host,
    shelf: Shelf,
    stores: { readonly answers: CacheStore; readonly vectors: VectorStore },
    options: SemanticOptions,
  ) {
    const { timeoutMs = 2_000 } = options;
    this.#host = host;
    this.#failing = new Failing(host, '`cache`, which does without comparing questions meanwhile,');
    this.#shelf = shelf;
    this.#options = options;
    this.#comparing = new Patience(host.clock, timeoutMs, 'Comparing questions');
    this.#known = new KnownQuestions(stores.vectors, this.#failing, host.clock, timeoutMs);
    this.#apart = new Apart(stores.answers, host.clock);
    this.#embedder = new Embedder(host, options);
    this.#comparison = new Comparison(host, shelf, this.#known, this.#apart, this.#failing, options);
  }

  /** Whether it only tells. */
  get isShadow(): boolean {
    return this.#options.shadow ?? false;
  }

  /** `undefined`: this call has no question that can be compared. */
  question(call: Call, key: string): ComparableQuestion | undefined {
    return comparableQuestion(this.#host, call, key, this.#options.maxQuestionLength ?? 2_000);
  }

  /** Looks once for all who ask the same at the same time. Rejects only for who is stopped. */
  async find(call: Call, question: ComparableQuestion): Promise<Finding> {
    for (;;) {
      const finding = await orAborted(this.#look(call, question).finding, call.signal);
      if (finding.stopped === true) continue;
      const { compared } = finding;
      const decided = decisive(compared);
      if (decided === undefined) return finding;
      const { verdict, similarity, key, difference } = decided;
      call.run.note('semantic', {
        verdict,
        similarity,
        key,
        ...(difference === undefined ? {} : { difference: difference.kind }),
      });
      this.#explanations.add({
        callId: call.id,
        question: question.text,
        key: question.key,
        compared: compared.map(({ entry: _entry, ...rest }) => rest),
      });
      return finding;
    }
  }

  /** For who does not look, and wants to be found. Never rejects. */
  async meaningOf(call: Call, { text }: ComparableQuestion): Promise<Meaning | undefined> {
    return this.#openly(call, (limited) => this.#embedder.meaningOf(limited, text));
  }

  /** Makes the answer that is kept for it one that others can be given. Never rejects. */
  async learn(question: ComparableQuestion, meaning: Meaning | undefined, ttlMs: number): Promise<void> {
    if (meaning !== undefined) await this.#known.learn(question, meaning, ttlMs);
  }

  explain(callId: string): SemanticExplanation | undefined {
    return this.#explanations.of(callId);
  }

  /** Rejects where a store cannot be asked. */
  async evict(callId: string): Promise<boolean> {
    const explanation = this.#explanations.of(callId);
    const given = explanation && decisive(explanation.compared);
    if (explanation === undefined || given === undefined || !isGiven(given)) return false;
    await this.#apart.set(explanation.key, given.key);
    await this.#shelf.invalidate({ key: given.key });
    return true;
  }

  /** What began before the last invalidation may find what is out of date since: it is not joined. */
  #look(call: Call, question: ComparableQuestion): Look {
    const { key } = question;
    const { epoch } = this.#shelf;
    const shared = this.#underWay.get(key);
    if (shared?.epoch === epoch) return shared;
    const finding = this.#findFor(call, question).finally(() => {
      if (this.#underWay.get(key) === look) this.#underWay.delete(key);
    });
    const look: Look = { epoch, finding };
    this.#underWay.set(key, look);
    return look;
  }

  /** What was found by the time it has to end is found, whatever it ends for. Never rejects. */
  async #findFor(call: Call, question: ComparableQuestion): Promise<Finding> {
    let meaning: Meaning | undefined;
    const compared: Candidate[] = [];
    const isDone = await this.#openly(call, async (limited) => {
      meaning = await this.#embedder.meaningOf(limited, question.text);
      await this.#comparison.compare(limited, question, meaning, compared);
      return true;
    });
    if (isDone === undefined && call.signal.aborted)
      return { meaning: undefined, compared: [], stopped: true };
    return { meaning, compared: [...compared] };
  }

  /**
   * Waits for as long as that may take; what fails is reported, and `undefined`.
   *
   * @param work given the call with a signal that aborts when that takes too long
   */
  async #openly<T>(call: Call, work: (limited: Call) => Promise<T>): Promise<T | undefined> {
    if (this.#comparing.isAtRest) return undefined;
    try {
      const done = await this.#comparing.waitFor((signal) => work(call.with({ signal })), call.signal);
      this.#failing.works('comparing');
      return done;
    } catch (thrown) {
      if (!call.signal.aborted) this.#failing.failed('comparing', thrown);
      return undefined;
    }
  }
}
