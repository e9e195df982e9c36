/**
 * Parts that must not overlap, in the order they first appear: what a part says while an earlier one is open waits until
 * that has ended.
 */
export class Lane<T> {
  readonly #parts: { readonly part: number; readonly waiting: T[]; ended: boolean }[] = [];
  /** Place of the first part that has not ended. */
  #current = 0;

  /** The part's place in the order; it gets the next one when it is new. */
  indexOf(part: number): number {
    const index = this.#parts.findIndex((known) => known.part === part);
    return index < 0 ? this.#parts.push({ part, waiting: [], ended: false }) - 1 : index;
  }

  has(part: number): boolean {
    return this.#parts.some((known) => known.part === part);
  }

  /** What may go out now of what the part says. */
  send(part: number, said: readonly T[]): readonly T[] {
    const index = this.indexOf(part);
    if (index <= this.#current) return said;
    this.#parts[index]?.waiting.push(...said);
    return [];
  }

  /** What may go out once the part has ended. */
  end(part: number): readonly T[] {
    const ended = this.#parts.find((known) => known.part === part);
    if (ended !== undefined) ended.ended = true;
    const released: T[] = [];
    while (this.#parts[this.#current]?.ended === true) {
      this.#current++;
      released.push(...(this.#parts[this.#current]?.waiting.splice(0) ?? []));
    }
    return released;
  }

  /** Whatever still waits, when nothing more will come. */
  drain(): readonly T[] {
    return this.#parts.flatMap(({ part }) => this.end(part));
  }
}
