// Spends from one account as fast as it is let, and tells its parent what of. node racer.ts <path> <name> <limit>
import type { Account, Amounts } from '../../../src/core/accounts.ts';
import { sqliteState } from '../../../src/sqlite.ts';

const [path = '', name = '', limit = '0'] = process.argv.slice(2);
const { accounts, dispose } = sqliteState({ path });
if (accounts === undefined) throw new Error('The state has no accounts.');
const account: Account = { budget: 'race', subject: '', window: { kind: 'fixed', startMs: 0 } };
const money = (nanoUsd: number): Amounts => ({ nanoUsd, tokens: 1 });
process.once('disconnect', () => process.exit());

async function spend(id: string, amount: number): Promise<number | undefined> {
  const claim = { account, amounts: money(amount), limits: { nanoUsd: Number(limit) }, enforced: true };
  const reserved = await accounts?.reserve(id, [claim], 60_000);
  if (reserved?.ok !== true) return undefined;
  const spent = amount - (amount % 3);
  const settled = await accounts?.settle(id, [money(spent)]);
  if (settled === undefined) throw new Error(`${id} was settled by somebody else.`);
  return spent;
}

process.once('message', async () => {
  let spent = 0;
  let refused = 0;
  for (let count = 0; refused < 20; count += 1) {
    // Several at once, so that some wait while others are asked.
    const each = await Promise.all(
      [1, 2, 3].map((part) => spend(`${name} ${count} ${part}`, 5 + (count % 7) + part)),
    );
    for (const one of each) {
      if (one === undefined) refused += 1;
      else spent += one;
    }
  }
  process.send?.(spent);
  await dispose?.();
  process.disconnect();
});
process.send?.('ready');
