import { hash } from 'node:crypto';
import type { Clock } from '../../../core/clock.ts';
import { orAborted } from '../../../core/or-aborted.ts';
import type { Neighbour, VectorStore } from '../../../core/vector-store.ts';
import type { Failing } from '../failing.ts';
import type { ComparableQuestion } from './comparable-question.ts';
import type { Meaning } from './embedder.ts';
import { Patience } from './patience.ts';

/** How much more than 1 a cosine may come to where it is computed with few digits. */
const rounding = 1e-3;

/** Questions whose answers are kept, by their meanings: who has not all in common but the words is never compared. */
export class KnownQuestions {
  readonly #vectors: VectorStore;
  readonly #failing: Pick<Failing<'learning' | 'forgetting'>, 'failed' | 'works'>;
  readonly #writing: Patience;

  constructor(
    vectors: VectorStore,
    failing: Pick<Failing<'learning' | 'forgetting'>, 'failed' | 'works'>,
    clock: Clock,
    timeoutMs: number,
  ) {
    this.#vectors = vectors;
    this.#failing = failing;
    this.#writing = new Patience(clock, timeoutMs, 'A store of vectors');
  }

  /** At most `count`, the nearest first, by the keys of their answers. Rejects where the store cannot be asked. */
  async nearest(
    { context }: ComparableQuestion,
    meaning: Meaning,
    count: number,
    signal: AbortSignal,
  ): Promise<readonly Neighbour[]> {
    const asked = (async () => this.#vectors.nearest(groupOf(context, meaning), meaning.vector, count))();
    asked.catch(() => {});
    const near = (await orAborted(asked, signal)).slice(0, count);
    for (const { id, similarity } of near)
      if (typeof id !== 'string' || !isCosine(similarity))
        throw new Error('The store of vectors has given a neighbour without an id, or without a cosine.');
    return near;
  }

  /** Never rejects. */
  async learn({ context, key }: ComparableQuestion, meaning: Meaning, ttlMs: number): Promise<void> {
    await this.#write('learning', () =>
      this.#vectors.put(groupOf(context, meaning), key, meaning.vector, ttlMs),
    );
  }

  /** Never rejects. */
  async forget({ context }: ComparableQuestion, meaning: Meaning, key: string): Promise<void> {
    await this.#write('forgetting', () => this.#vectors.delete(groupOf(context, meaning), key));
  }

  async #write(what: 'learning' | 'forgetting', write: () => void | Promise<void>): Promise<void> {
    if (this.#writing.isAtRest) return;
    try {
      await this.#writing.waitFor(async () => write());
      this.#failing.works(what);
    } catch (thrown) {
      this.#failing.failed(what, thrown);
    }
  }
}

function groupOf(context: string, { space }: Meaning): string {
  return `meaning:${hash('sha256', JSON.stringify([space, context]))}`;
}

function isCosine(similarity: unknown): boolean {
  return typeof similarity === 'number' && Math.abs(similarity) <= 1 + rounding;
}
