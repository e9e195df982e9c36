import * as z from 'zod/mini';
import { realClock, type Clock } from '../core/clock.ts';
import { clockOption } from '../state/clock-option.ts';
import { KeptVectors, type MakeIndex } from './kept-vectors.ts';

/** Options of `memoryVectors`, and of whatever else keeps vectors in this process. */
export interface MemoryVectorsOptions {
  /** Vectors at most, of all groups; what was neither put nor found for the longest makes room. Default 100,000. */
  readonly entries?: number;
  /** Room for them: five bytes a number, 400 a vector and 1,000 a group. Default 268,435,456: 33,000 vectors of 1,536. */
  readonly bytes?: number;
  /** What times go by. Default: the machine's. */
  readonly clock?: Clock;
}

/** Members of a schema of {@link MemoryVectorsOptions}. */
export const memoryVectorsOptionsShape = {
  entries: z.optional(z.int().check(z.positive())),
  bytes: z.optional(z.int().check(z.positive())),
  clock: clockOption,
};

/** With an index of its own for each group. */
export function keptVectors(
  makeIndex: MakeIndex,
  { entries = 100_000, bytes = 268_435_456, clock = realClock }: MemoryVectorsOptions,
): KeptVectors {
  return new KeptVectors(makeIndex, { entries, bytes }, clock);
}
