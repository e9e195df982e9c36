import { hash } from 'node:crypto';
import { Flights } from '../flights.ts';
import type { BatchFlight } from './batch-flight.ts';
import type { KeyedItem } from './item-vector.ts';

/** Requests under way that others may join: by all that they ask for, and by each item. */
export class Batches extends Flights<BatchFlight> {
  /** Asks for just these items, in this order. */
  sameAs(items: readonly KeyedItem[]): BatchFlight | undefined {
    return this.find(laneOf(items));
  }

  /** Those that ask for some of these items. */
  withSomeOf(items: readonly KeyedItem[]): readonly BatchFlight[] {
    return [...new Set(items.flatMap(({ key }) => this.find(key) ?? []))];
  }

  begun(batch: BatchFlight): void {
    this.add(batch, batch.flight, [laneOf(batch.items), ...batch.items.map(({ key }) => key)]);
  }
}

function laneOf(items: readonly KeyedItem[]): string {
  return `all:${hash('sha256', items.map(({ key }) => key).join('\n'))}`;
}
