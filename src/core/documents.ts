/** A document as it stands. */
export interface VersionedText {
  readonly text: string;
  /** Another one after each write, never one of before. Only good for handing back to {@link Documents.write}. */
  readonly version: string;
}

export type Written =
  | { readonly ok: true; readonly version: string }
  | {
      readonly ok: false;
      /** As somebody else has written it since. `undefined`: there is none, or not any more. */
      readonly found: VersionedText | undefined;
    };

/**
 * Small texts by keys, that several processes change without undoing each other's changes: whoever writes says which version
 * it has read, and of all that have read one, the first that writes wins. Labels of prompts, the step a canary is at.
 *
 * A document that was written without a time stays: it is never let go of for want of room. One with a time may be gone
 * before it, where room is short. Which version of a document another one replaced is not kept.
 *
 * Promises only where another process or thread has to be asked; those reject with `state-unreachable` when it cannot be,
 * and then a document may have been written or not.
 */
export interface Documents {
  /**
   * `undefined`: there is none, or not any more.
   *
   * @param key any text of up to 1,024 UTF-16 code units, compared by exact code points
   */
  read(key: string): VersionedText | undefined | Promise<VersionedText | undefined>;
  /**
   * Writes a document if it still is what was read.
   *
   * @param text at most 65,536 bytes as UTF-8
   * @param expected the version that was read; `undefined`: there was none
   * @param ttlMs milliseconds, > 0: from now on it is kept so long. Left out, it is kept for good. Replaces what was said
   * before.
   * @throws `invalid-options` for a key, a text or a time out of these bounds.
   */
  write(key: string, text: string, expected: string | undefined, ttlMs?: number): Written | Promise<Written>;
}
