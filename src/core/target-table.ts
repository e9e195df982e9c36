import { targetName, type Target } from './target.ts';

interface Entry<T> {
  readonly value: T;
  /** Asked for again since it was made, or since the table was last short of room. */
  used: boolean;
}

/**
 * Something for each target, made when it is first asked for. Bounded: model names may come from users, so when it is
 * full, what was not asked for of late goes first, and what must be remembered only if there is nothing else.
 */
export class TargetTable<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #make: (target: Target) => T;
  readonly #mustStay: (value: T) => boolean;
  readonly #capacity: number;

  /** @param mustStay whether forgetting it would change what happens next */
  constructor(make: (target: Target) => T, mustStay: (value: T) => boolean = () => false, capacity = 1_000) {
    this.#make = make;
    this.#mustStay = mustStay;
    this.#capacity = capacity;
  }

  of(target: Target): T {
    const name = targetName(target);
    let entry = this.#entries.get(name);
    if (entry === undefined) {
      if (this.#entries.size >= this.#capacity) this.#evict();
      entry = { value: this.#make(target), used: false };
      this.#entries.set(name, entry);
    } else entry.used = true;
    return entry.value;
  }

  /** What there is, without making it. */
  find(target: Target): T | undefined {
    return this.named(targetName(target));
  }

  /** @param name `provider/model` */
  named(name: string): T | undefined {
    return this.#entries.get(name)?.value;
  }

  *values(): Generator<T> {
    for (const { value } of this.#entries.values()) yield value;
  }

  /** The oldest that was not used since its last chance; who was used goes to the end of the queue. */
  #evict(): void {
    let oldest: string | undefined;
    for (const [name, entry] of this.#entries) {
      if (this.#mustStay(entry.value)) {
        oldest ??= name;
        continue;
      }
      if (!entry.used) {
        this.#entries.delete(name);
        return;
      }
      entry.used = false;
      this.#entries.delete(name);
      this.#entries.set(name, entry);
    }
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
