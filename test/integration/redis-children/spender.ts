// Reserves from two accounts as fast as it is given, tells its parent what it spends, and settles that; `holds` reserves
// and then does nothing more. node spender.ts <url> <prefix> <skewMs> <limit> <holds>
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { redisState } from '../../../src/redis.ts';

const [url = '', prefix = '', skewMs = '0', limit = '0', holds = '0'] = process.argv.slice(2);
const { now } = Date;
Date.now = () => now() + Number(skewMs);
const client = new Redis(url);
const accounts = accountsOf(redisState({ client, prefix }));
process.once('disconnect', () => process.exit());

function accountsOf({ accounts }: ReturnType<typeof redisState>) {
  if (accounts === undefined) throw new Error('The state has no accounts.');
  return accounts;
}

const window = { kind: 'fixed', startMs: 0 } as const;
const claims = (nanoUsd: number) =>
  ['everybody', 'alice'].map((subject) => ({
    account: { budget: 'race', subject, window },
    amounts: { nanoUsd, tokens: 1 },
    limits: { nanoUsd: Number(limit) },
    enforced: true,
  }));

async function spend(): Promise<void> {
  for (let count = 0; ; count += 1) {
    const id = randomUUID();
    const reserved = 1 + (count % 9);
    const { ok } = await accounts.reserve(id, claims(reserved), 60_000);
    if (!ok && reserved === 1) return;
    if (!ok) continue;
    const spent = Math.ceil(reserved / 2);
    process.send?.(spent);
    await accounts.settle(id, [
      { nanoUsd: spent, tokens: 1 },
      { nanoUsd: spent, tokens: 1 },
    ]);
  }
}

await accounts.now();
process.once('message', async () => {
  if (Number(holds) > 0) {
    await accounts.reserve('held', claims(Number(holds)), 400);
    process.send?.('held');
    return;
  }
  await Promise.all(Array.from({ length: 8 }, spend));
  client.disconnect();
  process.disconnect();
});
process.send?.('ready');
