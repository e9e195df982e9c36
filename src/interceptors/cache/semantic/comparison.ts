import type { Call } from '../../../core/call.ts';
import type { Host } from '../../../core/interceptor.ts';
import { orAborted } from '../../../core/or-aborted.ts';
import type { SemanticVerdict } from '../../../core/semantic-fact.ts';
import type { Neighbour } from '../../../core/vector-store.ts';
import type { Entry } from '../entry.ts';
import type { Failing } from '../failing.ts';
import type { Shelf } from '../shelf.ts';
import type { Apart } from './apart.ts';
import type { ComparableQuestion } from './comparable-question.ts';
import { isGiven, type ComparedQuestion } from './compared.ts';
import type { Meaning } from './embedder.ts';
import { differenceBetween } from './gate.ts';
import type { KnownQuestions } from './known-questions.ts';
import type { SemanticOptions, Verify } from './options.ts';
import { isConfirmed } from './verifier.ts';

export interface Candidate extends ComparedQuestion {
  /** The answer that may be given. */
  readonly entry?: Entry;
}

/** Says which kept questions have the answer to one that is asked. */
export class Comparison {
  readonly #host: Pick<Host, 'call' | 'dialects'>;
  readonly #shelf: Shelf;
  readonly #known: KnownQuestions;
  readonly #apart: Apart;
  readonly #failing: Pick<Failing<'verifying'>, 'failed' | 'works'>;
  readonly #options: SemanticOptions;

  constructor(
    host: Pick<Host, 'call' | 'dialects'>,
    shelf: Shelf,
    known: KnownQuestions,
    apart: Apart,
    failing: Pick<Failing<'verifying'>, 'failed' | 'works'>,
    options: SemanticOptions,
  ) {
    this.#host = host;
    this.#shelf = shelf;
    this.#known = known;
    this.#apart = apart;
    this.#failing = failing;
    this.#options = options;
  }

  /**
   * Rejects where it cannot go on, and when the call is stopped.
   *
   * @param compared gets what was compared as it is: the nearest first, the last with an answer if there is one
   */
  async compare(
    call: Call,
    question: ComparableQuestion,
    meaning: Meaning,
    compared: Candidate[],
  ): Promise<void> {
    const { candidates = 3, verify } = this.#options;
    for (const neighbour of await this.#known.nearest(question, meaning, candidates, call.signal)) {
      // Its own answer is out of date, else it would have been given.
      if (neighbour.id === question.key) continue;
      const candidate = await this.#judge(call, question, meaning, neighbour);
      call.signal.throwIfAborted();
      const at = compared.length;
      compared[at] = verify === undefined || !isGiven(candidate) ? candidate : notConfirmed(candidate);
      if (verify !== undefined && isGiven(candidate))
        compared[at] = await this.#verified(call, verify, question, candidate);
      if (isGiven(compared[at])) return;
    }
  }

  /** By what can be told without asking anybody. */
  async #judge(
    call: Call,
    question: ComparableQuestion,
    meaning: Meaning,
    { id: key, similarity }: Neighbour,
  ): Promise<Candidate> {
    const { minSimilarity = 0.9, gate = true, shadow = false } = this.#options;
    const isNear = similarity >= minSimilarity;
    const judged = (verdict: SemanticVerdict, kept?: string): Candidate => ({
      key,
      question: kept,
      similarity,
      verdict,
    });
    // In shadow it is worth knowing what it was that is too far.
    if (!isNear && !shadow) return judged('too far');
    const found = await this.#shelf.find(key, call);
    const asked = found.kind === 'fresh' ? found.entry.head.asked : undefined;
    if (found.kind !== 'fresh' || asked === undefined) {
      if (found.kind === 'none' && found.reason !== 'the store cannot be asked')
        this.#shelf.inBackground(this.#known.forget(question, meaning, key));
      return judged('gone');
    }
    // What another tenant has asked is told to nobody.
    if (asked.context !== question.context)
      throw new Error('The store of vectors has given a neighbour of another group.');
    const kept = asked.question;
    if (!isNear) return judged('too far', kept);
    const difference = gate ? differenceBetween(question.text, kept) : undefined;
    if (difference !== undefined) return { ...judged('differs', kept), difference };
    if (await this.#apart.has(question.key, key)) return judged('set apart', kept);
    return shadow ? judged('would be given', kept) : { ...judged('given', kept), entry: found.entry };
  }

  /** Who cannot be asked has not said yes. */
  async #verified(
    call: Call,
    verify: string | Verify,
    question: ComparableQuestion,
    candidate: Candidate,
  ): Promise<Candidate> {
    const { key, similarity, question: kept = '' } = candidate;
    try {
      const pair = { asked: question.text, kept, similarity };
      const asked = isConfirmed(this.#host, verify, call, pair);
      asked.catch(() => {});
      if (!(await orAborted(asked, call.signal))) return notConfirmed(candidate);
      this.#failing.works('verifying');
    } catch (thrown) {
      call.signal.throwIfAborted();
      this.#failing.failed('verifying', thrown);
      return notConfirmed(candidate);
    }
    // That may have taken its time, in which its answer was put out of date.
    const found = await this.#shelf.find(key, call);
    call.signal.throwIfAborted();
    if (found.kind !== 'fresh') return { key, similarity, question: undefined, verdict: 'gone' };
    return candidate.entry === undefined ? candidate : { ...candidate, entry: found.entry };
  }
}

function notConfirmed({ entry: _entry, ...rest }: Candidate): Candidate {
  return { ...rest, verdict: 'not confirmed' };
}
