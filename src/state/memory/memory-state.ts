import * as z from 'zod/mini';
import type { Clock } from '../../core/clock.ts';
import { realClock } from '../../core/clock.ts';
import { parseOptions } from '../../core/parse-options.ts';
import type { State } from '../../core/state.ts';
import { clockOption } from '../clock-option.ts';
import { MemoryAccounts } from './memory-accounts.ts';
import { MemoryCache } from './memory-cache.ts';
import { MemoryDocuments } from './memory-documents.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { MemoryReceipts } from './memory-receipts.ts';
import { MemoryTallies } from './memory-tallies.ts';

/** Options of {@link memoryState}. */
export interface MemoryStateOptions {
  /** How much `cache()` may keep here; what was not asked for the longest makes room. */
  readonly cache?: {
    /** Answers at most. Default 10,000. */
    readonly entries?: number;
    /** Room for them, counted as UTF-16. Default 67,108,864. */
    readonly bytes?: number;
  };
  /** What times go by. Default: the machine's. */
  readonly clock?: Clock;
}

const memoryStateOptionsSchema = z.strictObject({
  cache: z.optional(
    z.strictObject({
      entries: z.optional(z.int().check(z.positive())),
      bytes: z.optional(z.int().check(z.positive())),
    }),
  ),
  clock: clockOption,
});

/** Facts in this process, gone with it. Every answer is there at once. */
export function memoryState(options: MemoryStateOptions = {}): State {
  const { cache = {}, clock = realClock } = parseOptions(memoryStateOptionsSchema, options, 'memoryState');
  const { entries = 10_000, bytes = 67_108_864 } = cache;
  return {
    name: 'memory',
    shared: false,
    ledger: new MemoryLedger(clock),
    accounts: new MemoryAccounts(clock),
    receipts: new MemoryReceipts(),
    cache: new MemoryCache(clock, { entries, bytes }),
    documents: new MemoryDocuments(clock),
    tallies: new MemoryTallies(clock),
  };
}
