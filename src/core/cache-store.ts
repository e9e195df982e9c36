/**
 * Where answers are kept: texts by keys, each for some time. What is kept may be gone at any time, for want of room. Has the
 * shape of a storage adapter of Keyv, so that one can be made of the other.
 *
 * Promises only where another process or thread has to be asked; those reject with `state-unreachable` when it cannot be.
 */
export interface CacheStore {
  /** `undefined`: there is none, or not any more. */
  get(key: string): string | undefined | Promise<string | undefined>;
  /** @param ttlMs milliseconds, > 0: not found any more after that */
  set(key: string, value: string, ttlMs: number): void | Promise<void>;
  /**
   * As `set`, under keys that are never `set`, for small texts without which others must not be given, such as that those are
   * out of date: they are not gone for want of room before what they are about. Default: `set` is asked, which will do for
   * stores that push nothing out.
   *
   * @param ttlMs milliseconds, > 0: not found any more after that
   */
  pin?(key: string, value: string, ttlMs: number): void | Promise<void>;
  /** Returns whether there was one. */
  delete(key: string): boolean | Promise<boolean>;
}
