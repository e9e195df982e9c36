import { hash } from 'node:crypto';
import type { BatchFlight } from './batch-flight.ts';
import type { KeyedItem } from './item-vector.ts';

/** Requests under way that others may join: by all that they ask for, and by each item. */
export class Batches {
  readonly #flights = new Map<string, BatchFlight>();

  /** Asks for just these items, in this order. */
  sameAs(items: readonly KeyedItem[]): BatchFlight | undefined {
    return this.#flights.get(laneOf(items));
  }

  /** Those that ask for some of these items. */
  withSomeOf(items: readonly KeyedItem[]): readonly BatchFlight[] {
    return [...new Set(items.flatMap(({ key }) => this.#flights.get(key) ?? []))];
  }

  add(flight: BatchFlight): void {
    for (const name of namesOf(flight)) if (!this.#flights.has(name)) this.#flights.set(name, flight);
  }

  delete(flight: BatchFlight): void {
    for (const name of namesOf(flight)) if (this.#flights.get(name) === flight) this.#flights.delete(name);
  }
}

function namesOf({ items }: BatchFlight): readonly string[] {
  return [laneOf(items), ...items.map(({ key }) => key)];
}

function laneOf(items: readonly KeyedItem[]): string {
  return `all:${hash('sha256', items.map(({ key }) => key).join('\n'))}`;
}
