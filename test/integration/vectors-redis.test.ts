import { redisVectors } from 'managed-llm/redis';
import { expect, test } from 'vitest';
import { connect, freshPrefix, withoutRedis } from '../redis.ts';

/** The first number of the version of the server that other tests use. */
async function majorVersion(): Promise<number> {
  if (withoutRedis) return NaN;
  const client = connect();
  const info = await client.info('server');
  client.disconnect();
  return Number(/redis_version:(\d+)/.exec(info)?.[1]);
}

test.skipIf(!((await majorVersion()) < 8))(
  'a real Redis without vector sets is told as that, with what to do',
  async () => {
    const client = connect();
    const store = redisVectors({ client, prefix: freshPrefix() });
    const refusal = { code: 'invalid-options', details: { path: 'redisVectors.client' } };
    await expect(store.put('group', 'id', [1], 1_000)).rejects.toMatchObject(refusal);
    await expect(store.nearest('group', [1], 1)).rejects.toMatchObject(refusal);
    await expect(store.delete('group', 'id')).rejects.toMatchObject(refusal);
    client.disconnect();
  },
);
