import type { Call } from '../../../core/call.ts';
import type { Next } from '../../../core/interceptor.ts';
import type { Reply } from '../../../core/reply.ts';
import type { Landed } from '../flight.ts';
import type { BatchFlight } from './batch-flight.ts';
import type { AskedItems } from './asked-items.ts';
import type { ItemRequests } from './requests.ts';
import type { KeyedItem, ItemVector } from './item-vector.ts';

/** What became of gathering what was not known. */
export type Gathered =
  | 'all'
  /** Something came that is not one answer to each item. */
  | 'unusable'
  /** What the call asked for itself failed, and its reply says so. */
  | { readonly failed: Reply }
  /** The same, of a request that asked just what this call would have asked. */
  | { readonly failedForOther: Reply };

/** Gathers the vectors of one call: those on their way for others are waited for, the rest is asked for. */
export class Gathering {
  /** What is known by now. */
  readonly vectors: Map<string, ItemVector>;
  /** The reply to what the call has asked for itself. */
  reply: Reply | undefined;
  /** How many items the call has asked for itself. */
  asked = 0;
  /** Of those known by now, what others' requests have brought. */
  readonly shared = new Map<string, ItemVector>();
  readonly #requests: ItemRequests;
  readonly #call: Call;
  readonly #next: Next;
  readonly #question: AskedItems;
  readonly #joins: boolean;
  /** Whether it waits for what asks for more, or for less. */
  #joinsParts: boolean;

  /**
   * @param known what was known before
   * @param joins whether it waits for what is on its way for others
   */
  constructor(
    requests: ItemRequests,
    call: Call,
    next: Next,
    question: AskedItems,
    known: ReadonlyMap<string, ItemVector>,
    joins: boolean,
  ) {
    this.vectors = new Map(known);
    this.#requests = requests;
    this.#call = call;
    this.#next = next;
    this.#question = question;
    this.#joins = joins;
    this.#joinsParts = joins;
  }

  async run(): Promise<Gathered> {
    for (;;) {
      const missing = this.#question.distinct.filter(({ key }) => !this.vectors.has(key));
      if (missing.length === 0) return 'all';
      const same = this.#joins ? this.#requests.underWay.sameAs(missing) : undefined;
      const end = same === undefined ? await this.#askFor(missing) : await this.#waitFor(same, missing);
      if (end !== undefined) return end;
    }
  }

  /** What asks for just the same fails for both, unless it is the failure of the one who asked. */
  async #waitFor(same: BatchFlight, missing: readonly KeyedItem[]): Promise<Gathered | undefined> {
    const { reply } = (await this.#requests.share(this.#call, this.#question, same).landed) ?? {};
    if (reply === undefined) return undefined;
    if (reply.error !== undefined) return { failedForOther: reply };
    const got = await this.#take(same, reply, missing, this.shared);
    return got === 0 ? 'unusable' : undefined;
  }

  async #askFor(missing: readonly KeyedItem[]): Promise<Gathered | undefined> {
    const theirs = this.#joinsParts ? this.#requests.underWay.withSomeOf(missing) : [];
    const theirKeys = new Set(theirs.flatMap(({ items }) => items.map(({ key }) => key)));
    const others = theirs.map((batch) => {
      const { landed, leave } = this.#requests.share(this.#call, this.#question, batch);
      // Whoever gives up waits for none of them any more.
      landed.catch(() => {});
      return { batch, landed, leave };
    });
    const end = await this.#askOwn(missing.filter(({ key }) => !theirKeys.has(key)));
    if (end === undefined) {
      for (const { batch, landed } of others) await this.#takeFrom(batch, await landed, missing);
      return undefined;
    }
    for (const { leave } of others) leave();
    return end;
  }

  async #askOwn(items: readonly KeyedItem[]): Promise<Gathered | undefined> {
    if (items.length === 0) return undefined;
    this.asked += items.length;
    const values = items.map(({ value }) => value);
    const call = this.#call.with({ body: this.#question.lens.withItems(this.#call.body, values) });
    const batch = this.#requests.begin(call, this.#next, this.#question, items);
    const { reply } = await this.#requests.board(this.#call, this.#question, batch).landed;
    // Of two, the first is no part of the answer any more: what it has brought is.
    this.reply?.discard();
    this.reply = reply;
    if (reply.error !== undefined) return { failed: reply };
    return (await this.#take(batch, reply, items)) === 0 ? 'unusable' : undefined;
  }

  /** Another call's request may fail of what only that has asked: then this one joins but those that ask for the same. */
  async #takeFrom(
    batch: BatchFlight,
    landed: Landed | undefined,
    missing: readonly KeyedItem[],
  ): Promise<void> {
    const got = landed === undefined ? 0 : await this.#take(batch, landed.reply, missing, this.shared);
    if (got === 0) this.#joinsParts = false;
  }

  /**
   * Returns how many of those that were missing it has brought.
   *
   * @param also gets them, too
   */
  async #take(
    batch: BatchFlight,
    reply: Reply,
    missing: readonly KeyedItem[],
    also?: Map<string, ItemVector>,
  ): Promise<number> {
    const bought = await batch.bought(reply);
    let count = 0;
    for (const { key } of missing) {
      const vector = bought?.vectors.get(key);
      if (vector === undefined || this.vectors.has(key)) continue;
      this.vectors.set(key, vector);
      also?.set(key, vector);
      count++;
    }
    return count;
  }
}
