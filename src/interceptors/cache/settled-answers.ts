import type { Call } from '../../core/call.ts';
import type { Reply } from '../../core/reply.ts';
import type { Asker } from './asker.ts';
import type { Entry } from './entry.ts';
import type { KeepingRules } from './keeping-rules.ts';
import { plainEntry, streamedEntry } from './new-entry.ts';
import type { ComparableQuestion } from './semantic/comparable-question.ts';
import type { Meaning } from './semantic/embedder.ts';
import type { SemanticAnswers } from './semantic/semantic-answers.ts';
import type { Shelf } from './shelf.ts';

/** A question, and what it means once somebody has told. */
export interface Lesson {
  readonly question: ComparableQuestion;
  /** `undefined` where nobody could tell. */
  readonly meaning: Promise<Meaning | undefined>;
}

/** An answer that has yet to settle: under which key, and as whose. */
export interface NewAnswer {
  readonly key: string;
  readonly asker: Asker;
  /** By which others find it in other words. */
  readonly lesson: Lesson | undefined;
  /** Whether it takes the place of one that is kept. */
  readonly replaces: boolean;
}

/** Puts answers on the shelf when they have settled, if they are ones to keep. */
export class SettledAnswers {
  readonly #shelf: Shelf;
  readonly #rules: KeepingRules;
  readonly #semantic: (() => Promise<SemanticAnswers>) | undefined;

  constructor(shelf: Shelf, rules: KeepingRules, semantic: (() => Promise<SemanticAnswers>) | undefined) {
    this.#shelf = shelf;
    this.#rules = rules;
    this.#semantic = semantic;
  }

  putPlain(answer: NewAnswer, text: string, reply: Reply): void {
    reply.onSettled((settlement) =>
      this.#put(answer, async (asker) => plainEntry(asker, text, settlement, this.#rules)),
    );
  }

  putStreamed(answer: NewAnswer, chunks: readonly Uint8Array[], reply: Reply): void {
    reply.onSettled((settlement) => {
      const withheld = reply.events?.withheld;
      this.#put(answer, (asker) => streamedEntry(asker, chunks, withheld, settlement, this.#rules));
    });
  }

  /** For an answer that is asked for anew. */
  async lesson(call: Call, key: string): Promise<Lesson | undefined> {
    const semantic = await this.#semantic?.();
    const question = semantic?.question(call, key);
    return semantic && question && { question, meaning: semantic.meaningOf(call, question) };
  }

  #put(
    { key, asker, lesson, replaces }: NewAnswer,
    make: (asker: Asker) => Promise<Entry | undefined>,
  ): void {
    if (lesson === undefined) return this.#shelf.putLater(key, () => make(asker), replaces);
    const { question, meaning } = lesson;
    const learn = async (ttlMs: number): Promise<void> => {
      const semantic = await this.#semantic?.();
      await semantic?.learn(question, await meaning, ttlMs);
    };
    const asked = { question: question.text, context: question.context };
    this.#shelf.putLater(key, () => make({ ...asker, asked }), replaces, learn);
  }
}
