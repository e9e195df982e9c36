import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { cache } from 'managed-llm';
import { redisState } from 'managed-llm/redis';
import { callSamples, type Call } from './call-case.ts';
import { plainFetch } from './canned.ts';
import type { Case, Effort, Group, LeftOut } from './case.ts';
import { bareClients, caller, governed } from './clients.ts';
import { pairedFigure, type Figure } from './figure.ts';
import { latencyFigure, type Timed } from './latency.ts';
import { connectRedis, redisUrl } from './redis.ts';

/** What a hit costs where answers are kept in Redis. */
export const cacheInRedis: Group = {
  heading: 'An exact hit in Redis, 1 kB prompt',
  cases: [
    redisCase('openai · CPU, beside a bare call', async (name, client, prefix, effort) => {
      const bare = caller('openai', bareClients(plainFetch('openai'))).plain;
      return pairedFigure(
        name,
        'µs',
        await callSamples({ bare, ours: hit(client, prefix) }, effort, 200),
        undefined,
      );
    }),
    redisCase('openai · latency, beside GET alone', async (name, client, prefix, effort) => {
      const key = `${prefix}bare`;
      await client.set(key, await (await plainFetch('openai')('')).text(), 'PX', 600_000);
      const bare = timed(() => client.get(key));
      return latencyFigure(name, { bare, ours: timed(hit(client, prefix)) }, undefined, effort);
    }),
  ],
};

function hit(client: Redis, prefix: string): Call {
  const answers = cache({ ttlMs: 600_000 });
  return caller('openai', governed(plainFetch('openai'), [answers], redisState({ client, prefix })).clients)
    .plain;
}

function timed(call: Call): Timed {
  return async () => {
    const startedAt = performance.now();
    await call();
    return (performance.now() - startedAt) * 1_000;
  };
}

/** Under a prefix of its own, of which nothing is left. */
function redisCase(
  name: string,
  measure: (name: string, client: Redis, prefix: string, effort: Effort) => Promise<Figure>,
): Case {
  return {
    name,
    async measure(effort): Promise<Figure | LeftOut> {
      const client = await connectRedis();
      if (client === undefined) return { leftOut: `no Redis answers at ${redisUrl}` };
      const prefix = `managed-llm-bench:${randomUUID()}:`;
      try {
        return await measure(name, client, prefix, effort);
      } finally {
        const left = await client.keys(`${prefix}*`);
        if (left.length > 0) await client.del(...left);
        client.disconnect();
      }
    },
  };
}
