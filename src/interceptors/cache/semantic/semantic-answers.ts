import { hash } from 'node:crypto';
import type { CacheStore } from '../../../core/cache-store.ts';
import type { Call } from '../../../core/call.ts';
import type { Timer } from '../../../core/clock.ts';
import type { Host } from '../../../core/interceptor.ts';
import { orAborted } from '../../../core/or-aborted.ts';
import type { SemanticVerdict } from '../../../core/semantic-fact.ts';
import type { Neighbour, VectorStore } from '../../../core/vector-store.ts';
import type { Entry } from '../entry.ts';
import { keyOf } from '../key.ts';
import type { Shelf } from '../shelf.ts';
import { Failing } from '../failing.ts';
import { Apart } from './apart.ts';
import { Compared, decisive, isGiven, type ComparedQuestion, type SemanticExplanation } from './compared.ts';
import { Embedder } from './embedder.ts';
import { differenceBetween } from './gate.ts';
import type { SemanticOptions } from './options.ts';
import { isConfirmed } from './verifier.ts';

/** After something that took too long, so long nobody is held up. Milliseconds. */
const restMs = 10_000;

/** A question whose answer may answer others, and be that of others. */
export interface Question {
  /** Of its own answer. */
  readonly key: string;
  /** Those with which it has all in common but its words. */
  readonly group: string;
  readonly text: string;
}

/** `undefined` where nobody could tell. */
export type Meaning = Float32Array | undefined;

/** What was found for a question. */
export interface Finding {
  readonly meaning: Meaning;
  /** The nearest first, the last with the answer that may be given, if there is one. */
  readonly compared: readonly Candidate[];
  /** The call that looked was stopped meanwhile: that says nothing of others. */
  readonly stopped?: true;
}

interface Candidate extends ComparedQuestion {
  readonly entry?: Entry;
}

const nothing: Finding = { meaning: undefined, compared: [] };

/** Answers to questions in other words. Fails open: what cannot be asked is reported, and nothing is found. */
export class SemanticAnswers {
  readonly #host: Host;
  readonly #failing: Failing<'comparing' | 'learning'>;
  readonly #shelf: Shelf;
  readonly #options: SemanticOptions;
  readonly #vectors: VectorStore;
  readonly #apart: Apart;
  readonly #embedder: Embedder;
  readonly #explanations = new Compared();
  readonly #underWay = new Map<string, Promise<Finding>>();
  #restsUntil = 0;

  constructor(
    host: Host,
    shelf: Shelf,
    stores: { readonly answers: CacheStore; readonly vectors: VectorStore },
    options: SemanticOptions,
  ) {
    this.#host = host;
    this.#failing = new Failing(host, '`cache`, which does without comparing questions meanwhile');
    this.#shelf = shelf;
    this.#options = options;
    this.#vectors = stores.vectors;
    this.#apart = new Apart(stores.answers);
    this.#embedder = new Embedder(host, options.embed);
  }

  /** Whether it only tells. */
  get isShadow(): boolean {
    return this.#options.shadow ?? false;
  }

  /** `undefined`: this call has no question that can be compared. */
  question(call: Call, key: string): Question | undefined {
    const { maxQuestionLength = 2_000, embed, version = '' } = this.#options;
    // Who gives a key of their own says what is the same.
    if (call.settings.cache?.key !== undefined) return undefined;
    const asked = call.dialect.request.question?.(call.body);
    if (asked === undefined || asked.text.length > maxQuestionLength) return undefined;
    const frame = keyOf(this.#host, call.with({ body: asked.frame }));
    if (!('key' in frame)) return undefined;
    const meanings = typeof embed === 'string' ? ['model', embed] : ['function', version];
    const group = `meaning:${hash('sha256', JSON.stringify([...meanings, frame.key]))}`;
    return { key, group, text: asked.text };
  }

  /** Looks once for all who ask the same at the same time. Rejects only for who is stopped. */
  async find(call: Call, question: Question): Promise<Finding> {
    for (;;) {
      const shared = this.#underWay.get(question.key);
      const finding = await orAborted(shared ?? this.#look(call, question), call.signal);
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
  async meaningOf(call: Call, { text }: Question): Promise<Meaning> {
    return this.#openly(call, async () => this.#embedder.meaningOf(call, text));
  }

  /** Makes the answer that is kept for it one that others can be given. Never rejects. */
  async learn({ key, group }: Question, meaning: Meaning, ttlMs: number): Promise<void> {
    if (meaning === undefined) return;
    try {
      await this.#vectors.put(group, key, meaning, ttlMs);
      this.#failing.works('learning');
    } catch (thrown) {
      this.#failing.failed('learning', thrown);
    }
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

  #look(call: Call, question: Question): Promise<Finding> {
    const looking = this.#openly(call, () => this.#compare(call, question))
      .then((finding): Finding =>
        finding === undefined && call.signal.aborted ? { ...nothing, stopped: true } : (finding ?? nothing),
      )
      .finally(() => this.#underWay.delete(question.key));
    this.#underWay.set(question.key, looking);
    return looking;
  }

  async #compare(call: Call, question: Question): Promise<Finding> {
    const { candidates = 3 } = this.#options;
    const meaning = await this.#embedder.meaningOf(call, question.text);
    const near = await this.#vectors.nearest(question.group, meaning, candidates);
    const compared: Candidate[] = [];
    for (const neighbour of near) {
      // Its own answer is out of date, else it would have been given.
      if (neighbour.id === question.key) continue;
      const candidate = await this.#judge(call, question, neighbour);
      compared.push(candidate);
      if (isGiven(candidate)) break;
    }
    return { meaning, compared };
  }

  async #judge(call: Call, question: Question, { id: key, similarity }: Neighbour): Promise<Candidate> {
    const { minSimilarity = 0.9, gate = true, verify } = this.#options;
    const isFar = similarity < minSimilarity;
    const judged = (verdict: SemanticVerdict, kept?: string): Candidate => ({
      key,
      question: kept,
      similarity,
      verdict,
    });
    // In shadow it is worth knowing what it was that is too far.
    if (isFar && !this.isShadow) return judged('too far');
    const found = await this.#shelf.find(key, call);
    const kept = found.kind === 'fresh' ? found.entry.head.question : undefined;
    if (found.kind !== 'fresh' || kept === undefined) {
      if (found.kind === 'none' && found.reason !== 'the store cannot be asked')
        this.#shelf.inBackground((async () => this.#vectors.delete(question.group, key))());
      return judged('gone');
    }
    if (isFar) return judged('too far', kept);
    const difference = gate ? differenceBetween(question.text, kept) : undefined;
    if (difference !== undefined) return { ...judged('differs', kept), difference };
    if (await this.#apart.has(question.key, key)) return judged('set apart', kept);
    const pair = { asked: question.text, kept, similarity };
    if (verify !== undefined && !(await isConfirmed(this.#host, verify, call, pair)))
      return judged('not confirmed', kept);
    return this.isShadow ? judged('would be given', kept) : { ...judged('given', kept), entry: found.entry };
  }

  /** Waits for as long as that may take; what fails is reported, and `undefined`. */
  async #openly<T>(call: Call, work: () => Promise<T>): Promise<T | undefined> {
    const { clock } = this.#host;
    const { timeoutMs = 2_000 } = this.#options;
    if (clock.now() < this.#restsUntil) return undefined;
    let timer: Timer | undefined;
    const late = new Promise<never>((_, reject) => {
      const giveUp = (): void => {
        this.#restsUntil = clock.now() + restMs;
        reject(new Error(`Comparing questions took longer than \`timeoutMs\`, ${timeoutMs} ms.`));
      };
      timer = clock.setTimeout(giveUp, timeoutMs, true);
    });
    try {
      const done = await Promise.race([work(), late]);
      this.#failing.works('comparing');
      return done;
    } catch (thrown) {
      if (!call.signal.aborted) this.#failing.failed('comparing', thrown);
      return undefined;
    } finally {
      if (timer !== undefined) clock.clearTimeout(timer);
    }
  }
}
