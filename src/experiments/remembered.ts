import { changeDocument } from '../core/change-document.ts';
import type { Documents } from '../core/documents.ts';

/** Where a call was. */
export interface Place {
  readonly arm: string;
  /** Who stays with that arm, hashed; `undefined`: the call alone. */
  readonly subject?: string | undefined;
}

/** What is kept of a call, and which kinds of feedback it had. */
interface Kept extends Place {
  readonly score?: boolean;
  readonly label?: boolean;
}

/** What feedback brings. */
export type Kinds = Pick<Kept, 'score' | 'label'>;

/** While the state does not answer, what comes beyond these is forgotten. */
const mostUnderWay = 1_000;

/** Which arm a call had, for as long as feedback may come, and what was said of it: of each kind once. */
export class Remembered {
  readonly #documents: Documents;
  readonly #key: string;
  readonly #ttlMs: number;
  readonly #lost: (thrown: unknown) => void;
  /** Being written, by the ids of calls. */
  readonly #underWay = new Map<string, Promise<void>>();

  /**
   * @param key that those of calls begin with
   * @param lost told when a call could not be kept
   */
  constructor(documents: Documents, key: string, ttlMs: number, lost: (thrown: unknown) => void) {
    this.#documents = documents;
    this.#key = key;
    this.#ttlMs = ttlMs;
    this.#lost = lost;
  }

  /** In the background. Never throws. */
  keep(callId: string, { arm, subject }: Place): void {
    if (this.#underWay.size >= mostUnderWay) return this.#lost(undefined);
    const text = JSON.stringify({ arm, subject });
    const writing = this.#write(callId, text)
      .catch(this.#lost)
      .finally(() => this.#underWay.delete(callId));
    this.#underWay.set(callId, writing);
  }

  /** Resolves when what is to be kept by now is, or is lost. */
  async idle(): Promise<void> {
    await Promise.all(this.#underWay.values());
  }

  /**
   * The call's place, and which of these kinds of feedback are its first. `undefined`: the call is not known, or not any more.
   *
   * @param place where it is known from elsewhere
   */
  async first(
    callId: string,
    place: Place | undefined,
    kinds: Kinds,
  ): Promise<(Place & Required<Kinds>) | undefined> {
    await this.#underWay.get(callId);
    let first: (Place & Required<Kinds>) | undefined;
    const change = (text: string | undefined): string | undefined => {
      const kept: Kept | undefined = text === undefined ? place : JSON.parse(text);
      if (kept === undefined) return undefined;
      const score = kinds.score === true && kept.score !== true;
      const label = kinds.label === true && kept.label !== true;
      first = { arm: kept.arm, subject: kept.subject, score, label };
      if (!score && !label) return undefined;
      return JSON.stringify({ ...kept, ...(score && { score }), ...(label && { label }) });
    };
    await changeDocument(this.#documents, this.#keyOf(callId), change, this.#ttlMs);
    return first;
  }

  async #write(callId: string, text: string): Promise<void> {
    await this.#documents.write(this.#keyOf(callId), text, undefined, this.#ttlMs);
  }

  #keyOf(callId: string): string {
    return `${this.#key}:call:${callId}`;
  }
}
