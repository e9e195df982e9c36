// Reserves and settles without end, tells its parent of each reservation, and waits to be killed. node victim.ts <path> <name>
import type { Account } from '../../../src/core/accounts.ts';
import { sqliteState } from '../../../src/sqlite.ts';

const [path = '', name = ''] = process.argv.slice(2);
const { accounts, receipts } = sqliteState({ path });
const account: Account = { budget: 'victim', subject: name, window: { kind: 'fixed', startMs: 0 } };
const amounts = { nanoUsd: 10, tokens: 1 };
process.once('disconnect', () => process.exit());

for (let count = 0; ; count += 1) {
  const id = `${name} ${count}`;
  await accounts?.reserve(id, [{ account, amounts, limits: {}, enforced: true }], 60_000);
  process.send?.(count);
  if (count % 3 === 0) await accounts?.settle(id, [{ nanoUsd: 7, tokens: 1 }]);
  if (count % 10 === 0) await receipts?.delete({ user: 'nobody' });
  if (count % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
}
