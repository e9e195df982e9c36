import { ManagedLLMError } from 'managed-llm';
import { redisVectors, type RedisVectorsClient } from 'managed-llm/redis';
import { manualClock } from 'managed-llm/testing';
import { describe, expect, test, vi } from 'vitest';
import { VectorSetDouble } from '../../vector-doubles/redis.ts';

const longMs = 600_000;

function opened() {
  const clock = manualClock(1_000);
  const client = new VectorSetDouble(clock.now);
  return { clock, client, store: redisVectors({ client, clock, prefix: 'p:' }) };
}

/** Answers each command with what it is told to. */
function answering(answer: () => Promise<unknown>): RedisVectorsClient {
  return { status: 'ready', call: answer };
}

function failing(message: string): RedisVectorsClient {
  return answering(() => Promise.reject(new Error(message)));
}

describe('a group in Redis', () => {
  test('lasts as long as the longest time to live in it', async () => {
    const { client, store } = opened();
    await store.put('group', 'a', [1], 5_000);
    expect(client.lasts('p:group')).toBe(5_000);
    await store.put('group', 'b', [1], 9_000.5);
    expect(client.lasts('p:group')).toBe(9_001);
    await store.put('group', 'c', [1], 100);
    expect(client.lasts('p:group')).toBe(9_001);
  });

  test('is rid of what is over, by those who put', async () => {
    const { clock, client, store } = opened();
    await store.put('group', 'stays', [1, 0], longMs);
    for (let index = 0; index < 15; index += 1) await store.put('group', `ends-${index}`, [1, index], 10);
    await clock.advance(60_000);
    expect(client.size).toBe(16);
    await store.put('group', 'last', [1, 0], longMs);
    await vi.waitFor(() => expect(client.size).toBe(2));
  });

  test.each([16, 17, 34])('is so although it takes turns with others (%i in all)', async (groups) => {
    const { clock, client, store } = opened();
    for (let second = 0; second < 1_000; second += 1) {
      await store.put(`group-${second % groups}`, `id-${second}`, [1, 0], 60_000);
      await clock.advance(1_000);
    }
    // 60 are not over, and none has been for much longer than a minute.
    expect(client.size).toBeLessThan(60 + 60 + 2 * groups);
  });

  test('that was left to itself is rid of all by the next who put, some at a time', async () => {
    const { clock, client, store } = opened();
    await store.put('group', 'stays', [1, 0], longMs);
    for (let index = 0; index < 250; index += 1) await store.put('group', `ends-${index}`, [1, index], 10);
    await clock.advance(60_000);
    for (const left of [152, 53, 4]) {
      await store.put('group', `new-${left}`, [1, 0], longMs);
      await vi.waitFor(() => expect(client.size).toBe(left));
    }
  });

  test('that this process has forgotten is swept like a new one', async () => {
    const { clock, client, store } = opened();
    await store.put('group', 'ends', [1, 0], 10);
    await store.put('group', 'stays', [1, 0], longMs);
    await clock.advance(10);
    for (let other = 0; other < 10_000; other += 1) await store.put(`other-${other}`, 'id', [1, 0], longMs);
    await store.put('group', 'new', [1, 0], longMs);
    await vi.waitFor(() => expect(client.size).toBe(10_002));
  });

  test('begins anew with vectors of another length', async () => {
    const { client, store } = opened();
    await store.put('group', 'a', [1, 0], longMs);
    await store.put('group', 'b', [1, 0, 0], longMs);
    expect(client.size).toBe(1);
    expect(client.lasts('p:group')).toBe(longMs);
    expect(client.asked).toContain('DEL');
  });
});

describe('what ioredis answers', () => {
  test('is read as pairs, and as an object without an order of its own', async () => {
    const expected = [
      { id: 'b', similarity: 1 },
      { id: '1', similarity: 0.5 },
    ];
    const pairs = answering(async () => ['b', '1', '1', '0.75']);
    expect(await redisVectors({ client: pairs }).nearest('group', [1], 2)).toEqual(expected);
    const object = answering(async () => ({ 1: 0.75, b: 1 }));
    expect(await redisVectors({ client: object }).nearest('group', [1], 2)).toEqual(expected);
  });
});

describe('a Redis that cannot serve', () => {
  async function refusal(client: RedisVectorsClient, clock = manualClock()): Promise<ManagedLLMError> {
    const answer = Promise.resolve(redisVectors({ client, clock }).put('group', 'id', [1], longMs));
    const thrown = answer.then(
      () => undefined,
      (error: unknown) => error,
    );
    await clock.advance(2_000);
    const error = await thrown;
    if (!ManagedLLMError.isInstance(error)) throw new Error('It was not refused.', { cause: error });
    return error;
  }

  test('is told to be too old, with what to do', async () => {
    const error = await refusal(failing("ERR unknown command 'VADD', with args beginning with: 'key' "));
    expect(error.code).toBe('invalid-options');
    expect(error.message).toMatch(/without vector sets.*from version 8 on.*`memoryVectors\(\)`/);
  });

  test('is told to hold something else under the key', async () => {
    for (const message of [
      'WRONGTYPE Operation against a key holding the wrong kind of value',
      'ERR asked quantization mismatch with existing vector set',
      'ERR asked M value mismatch with existing vector set',
    ]) {
      const error = await refusal(failing(message));
      expect(error.code).toBe('state-incompatible');
      expect(error.message).toContain('`managed-llm:vectors:group` is not of this package');
    }
  });

  test('is not waited for longer than a second', async () => {
    const error = await refusal(answering(() => new Promise(() => {})));
    expect(error.code).toBe('state-unreachable');
    expect(String(error.cause)).toContain('No answer within 1000 ms');
  });

  test('is not asked once its connection is known to be down', async () => {
    const { client, store } = opened();
    await store.put('group', 'id', [1], longMs);
    const asked = client.asked.length;
    client.status = 'reconnecting';
    await expect(store.nearest('group', [1], 1)).rejects.toMatchObject({ code: 'state-unreachable' });
    expect(client.asked).toHaveLength(asked);
    client.status = 'ready';
    expect(await store.nearest('group', [1], 1)).toEqual([{ id: 'id', similarity: 1 }]);
  });
});

test('wrong options are told by their path', () => {
  const { client } = opened();
  const given = (options: unknown) => () => redisVectors(options as { client: RedisVectorsClient });
  expect(given({})).toThrow('`redisVectors.client` is no client of `ioredis`');
  expect(given({ client: { isOpen: true } })).toThrow('is a client of node-redis');
  expect(given(client)).toThrow('takes options: `redisVectors({ client })`');
  expect(given({ client, prefixes: 'a' })).toThrow('Did you mean `prefix`?');
});
