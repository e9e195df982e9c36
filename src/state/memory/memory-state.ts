import type { Clock } from '../../core/clock.ts';
import { realClock } from '../../core/clock.ts';
import type { State } from '../../core/state.ts';
import { MemoryAccounts } from './memory-accounts.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { MemoryReceipts } from './memory-receipts.ts';

/** Facts in this process, gone with it. Every answer is there at once. */
export function memoryState({ clock = realClock }: { readonly clock?: Clock } = {}): State {
  return {
    name: 'memory',
    shared: false,
    ledger: new MemoryLedger(clock),
    accounts: new MemoryAccounts(clock),
    receipts: new MemoryReceipts(),
  };
}
