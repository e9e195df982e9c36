// Spends from one account, eight at a time, until it is refused 40 times. node spender.ts <url> <schema> <name> <limit>
import { Pool } from 'pg';
import type { Account } from '../../../src/index.ts';
import { postgresState } from '../../../src/postgres.ts';

const [url = '', schema = '', name = '', limit = '0'] = process.argv.slice(2);
const pool = new Pool({ connectionString: url });
const accounts = postgresState({ pool, schema }).accounts ?? process.exit(1);
process.once('disconnect', () => process.exit());

const account: Account = { budget: 'fleet', subject: '', window: { kind: 'fixed', startMs: 0 } };
const own: Account = { budget: 'own', subject: name, window: { kind: 'rolling', lengthMs: 3_600_000 } };
let refused = 0;
let count = 0;

async function spend(): Promise<void> {
  while (refused < 40) {
    const id = `${name}:${(count += 1)}`;
    const amount = 1 + ((count * 37) % 100);
    const amounts = { nanoUsd: amount, tokens: 1 };
    const reserved = await accounts.reserve(
      id,
      [
        { account, amounts, limits: { nanoUsd: Number(limit) }, enforced: true },
        { account: own, amounts, limits: {}, enforced: true },
      ],
      1_000,
    );
    if (!reserved.ok) {
      refused += 1;
      continue;
    }
    const [balance] = reserved.balances;
    process.send?.({ taken: (balance?.used.nanoUsd ?? NaN) + (balance?.reserved.nanoUsd ?? NaN) });
    const spent = { nanoUsd: Math.floor(amount / 2), tokens: 1 };
    const settled = await accounts.settle(id, [spent, spent]);
    process.send?.(settled === undefined ? { missing: id } : { spent: spent.nanoUsd });
  }
}

await accounts.now();
process.once('message', async () => {
  await Promise.all(Array.from({ length: 8 }, spend));
  await pool.end();
  process.disconnect();
});
process.send?.('ready');
