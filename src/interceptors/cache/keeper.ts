import type { Call } from '../../core/call.ts';
import type { Reply } from '../../core/reply.ts';
import type { Entry } from './entry.ts';
import { plainEntry, streamedEntry, type Asker, type KeepingRules } from './keeping.ts';
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

/** How an answer is to be kept. */
export interface Keeping {
  readonly key: string;
  readonly asker: Asker;
  /** By which others find it in other words. */
  readonly lesson: Lesson | undefined;
  /** Whether it takes the place of one that is kept. */
  readonly replaces: boolean;
}

/** Keeps answers when they have settled. */
export class Keeper {
  readonly #shelf: Shelf;
  readonly #rules: KeepingRules;
  readonly #semantic: (() => Promise<SemanticAnswers>) | undefined;

  constructor(shelf: Shelf, rules: KeepingRules, semantic: (() => Promise<SemanticAnswers>) | undefined) {
    this.#shelf = shelf;
    this.#rules = rules;
    this.#semantic = semantic;
  }

  plain(keeping: Keeping, text: string, reply: Reply): void {
    reply.onSettled((settlement) =>
      this.#keep(keeping, async (asker) => plainEntry(asker, text, settlement, this.#rules)),
    );
  }

  chunks(keeping: Keeping, chunks: readonly Uint8Array[], reply: Reply): void {
    reply.onSettled((settlement) => {
      const withheld = reply.events?.withheld;
      this.#keep(keeping, (asker) => streamedEntry(asker, chunks, withheld, settlement, this.#rules));
    });
  }

  /** For an answer that is asked for anew. */
  async lesson(call: Call, key: string): Promise<Lesson | undefined> {
    const semantic = await this.#semantic?.();
    const question = semantic?.question(call, key);
    return semantic && question && { question, meaning: semantic.meaningOf(call, question) };
  }

  #keep({ key, asker, lesson, replaces }: Keeping, make: (asker: Asker) => Promise<Entry | undefined>): void {
    if (lesson === undefined) return this.#shelf.keep(key, () => make(asker), replaces);
    const { question, meaning } = lesson;
    const learn = async (ttlMs: number): Promise<void> => {
      const semantic = await this.#semantic?.();
      await semantic?.learn(question, await meaning, ttlMs);
    };
    const asked = { question: question.text, context: question.context };
    this.#shelf.keep(key, () => make({ ...asker, asked }), replaces, learn);
  }
}
