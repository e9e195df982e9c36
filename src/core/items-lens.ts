/** One of the things that a request asks for at once. */
export interface RequestItem {
  /** As it stands in the request. */
  readonly value: unknown;
  /** Canonical: the same for equal items only, whatever they are. */
  readonly text: string;
  /** About how much of the request it is, beside the others: UTF-8 bytes of text, four for a token. */
  readonly bytes: number;
}

/** A request taken apart. */
export interface SplitRequest {
  /** Canonical text of everything that shapes the answers beside the items themselves. */
  readonly frame: string;
  /** In the order in which they are asked for; at least one. */
  readonly items: readonly RequestItem[];
}

/** The answer to one item. */
export interface ItemAnswer {
  /** JSON, without the item's place among the others. */
  readonly text: string;
  /** How long the vector is: numbers, or characters of base64. Vectors of one model have one size. */
  readonly size: number;
}

/**
 * Requests that ask for several things at once, each of which is answered by itself: whatever else is asked for beside it,
 * it gets the same. As the lenses of a dialect: pure, and never throwing.
 */
export interface ItemsLens {
  /** `undefined` where it cannot be told apart, or where items shape each other's answers. */
  split(body: unknown): SplitRequest | undefined;
  /** The same request for other items, given by their values. */
  withItems(body: unknown, values: readonly unknown[]): unknown;
  /**
   * What a reply holds for each item, in the order in which they were asked for. `undefined` for a reply that is not plainly
   * one answer to each of them.
   *
   * @param count how many were asked for
   */
  answers(json: unknown, count: number): readonly ItemAnswer[] | undefined;
  /**
   * The text of a reply that holds these answers, in this order.
   *
   * @param texts each answer's JSON, as `answers` gave it
   */
  reply(texts: readonly string[], told: ToldOfItems): string;
}

/** What a reply says beside its answers. */
export interface ToldOfItems {
  readonly model: string | undefined;
  /** `undefined`: then it tells no usage. */
  readonly inputTokens: number | undefined;
}
