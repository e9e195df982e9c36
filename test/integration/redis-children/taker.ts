// Takes from one bucket as fast as it is given, and tells its parent each amount. node taker.ts <url> <prefix> <skewMs>
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { redisState } from '../../../src/redis.ts';

const [url = '', prefix = '', skewMs = '0'] = process.argv.slice(2);
const { now } = Date;
Date.now = () => now() + Number(skewMs);
const client = new Redis(url);
const { ledger } = redisState({ client, prefix });
const bucket = { key: 'fleet', capacity: 50, refillPerMs: 0.5 };
process.once('disconnect', () => process.exit());

await ledger.level(bucket);
process.once('message', async () => {
  const until = performance.now() + 1_000;
  for (let count = 0; performance.now() < until; count += 1) {
    const amount = 1 + (count % 7);
    const taken = await ledger.take([{ bucket, amount }]);
    if (taken.ok) process.send?.(amount);
    else await sleep(taken.waitMs);
  }
  client.disconnect();
  process.disconnect();
});
process.send?.('ready');
