/** Something that was asked for, or answered, which the other format has no place for. */
export interface Loss {
  /**
   * Where it stood: the path in the neutral request or reply, ending in the format's own name of what was lost, e.g.
   * `logit_bias`, `messages.2.content.0.cache_control`, `tools.1.type`.
   */
  readonly path: string;
  /** What became of it, in one short sentence that holds nothing of the content. */
  readonly reason: string;
}

/** A value in another format, with what it could not hold. */
export interface Translated<T> {
  readonly value: T;
  readonly losses: readonly Loss[];
}
