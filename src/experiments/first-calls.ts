import type { Documents } from '../core/documents.ts';

/** A subject that comes back later counts as another one. */
const rememberedMs = 90 * 86_400_000;
/** Subjects that the state is not asked about again. */
const mostKnown = 10_000;

/**
 * Of each subject, one call counts in the comparison, the first that anything was measured of: calls of one user are more alike
 * than calls of different ones, and would pass for more than they know.
 */
export class FirstCalls {
  readonly #documents: Documents;
  readonly #key: string;
  readonly #known = new Set<string>();

  constructor(documents: Documents, key: string) {
    this.#documents = documents;
    this.#key = key;
  }

  /**
   * Whether nothing of this kind was measured of a subject before, by any process. A failure is the first that it had.
   *
   * @param subject `undefined`: each call is one of its own
   * @throws `state-unreachable`
   */
  async isFirst(
    kind: 'call' | 'schema' | 'score' | 'failure',
    subject: string | undefined,
  ): Promise<boolean> {
    if (subject === undefined) return true;
    const key = `${this.#key}:first:${kind}:${subject}`;
    if (this.#known.has(key)) return false;
    const { ok } = await this.#documents.write(key, '', undefined, rememberedMs);
    this.#known.add(key);
    const [oldest = ''] = this.#known;
    if (this.#known.size > mostKnown) this.#known.delete(oldest);
    return ok;
  }

  /** The state is asked again about every subject. */
  forget(): void {
    this.#known.clear();
  }
}
