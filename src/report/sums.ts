import type { NewPlaces } from './timeline.ts';

/** Sums by places of a timeline. */
export class Sums {
  #values: number[] = [];

  add(place: number, amount: number): void {
    this.#values[place] = this.at(place) + amount;
  }

  at(place: number | undefined): number {
    return place === undefined ? 0 : (this.#values[place] ?? 0);
  }

  move(places: NewPlaces): void {
    const before = this.#values;
    this.#values = [];
    for (const [place, next] of places.entries()) this.add(next, before[place] ?? 0);
  }
}

/** More names than there are kinds of anything: whoever makes up names of kinds is told with the others. */
const namesAtMost = 500;

/** How often each of a few kinds occurred, or what of it, over time. */
export class Kinds {
  readonly #sums = new Map<string, Sums>();

  add(kind: string, place: number, amount = 1): void {
    const name = this.#sums.has(kind) || this.#sums.size < namesAtMost ? kind : 'others';
    const sums = this.#sums.get(name) ?? new Sums();
    this.#sums.set(name, sums);
    sums.add(place, amount);
  }

  move(places: NewPlaces): void {
    for (const sums of this.#sums.values()) sums.move(places);
  }

  get all(): ReadonlyMap<string, Sums> {
    return this.#sums;
  }
}
