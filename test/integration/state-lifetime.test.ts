import { setImmediate as turn } from 'node:timers/promises';
import { ManagedLLM, ManagedLLMError, memoryState, throttle, type State } from 'managed-llm';
import { redisState, type RedisClient } from 'managed-llm/redis';
import { standIn } from 'managed-llm/testing';
import { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import { clear, connect, freshPrefix, withoutRedis } from '../redis.ts';
import { governed, openai } from './governed.ts';

describe('a state', () => {
  function counted(): { readonly state: State; readonly disposed: string[] } {
    const disposed: string[] = [];
    const state: State = { ...memoryState(), dispose: async () => void disposed.push('disposed') };
    return { state, disposed };
  }

  test('is disposed of once, when the last that uses it is closed', async () => {
    const { state, disposed } = counted();
    const first = governed({ state });
    const second = governed({ state });
    await first.llm.close();
    await first.llm.close();
    expect(disposed).toEqual([]);
    await openai.create(second.llm);
    await second.llm.close();
    expect(disposed).toEqual(['disposed']);
  });

  test('that cannot be disposed of is reported, and everything is closed all the same', async () => {
    const state: State = { ...memoryState(), dispose: () => Promise.reject(new Error('gone')) };
    const world = governed({ state });
    await world.llm.close();
    expect(world.errors.map(({ cause }) => String(cause))).toEqual(['Error: gone']);
  });

  test.each([{}, { client: {} }, connectless()])('that is none is refused at construction: %#', (given) => {
    const state = given as State;
    const made = (): unknown =>
      new ManagedLLM({
        providers: { openai: new OpenAI({ apiKey: 'test', fetch: standIn().fetch }) },
        state,
      });
    expect(made).toThrow(/^`state` is no state: give `memoryState\(\)`, or `redisState/);
    expect(made).toThrow(ManagedLLMError);
  });

  /** What a client looks like to who passes it in place of a state. */
  function connectless(): object {
    return { status: 'wait', evalsha: () => {}, eval: () => {} };
  }
});

test.skipIf(withoutRedis)('a client of Redis may be closed as soon as `close` has resolved', async () => {
  const client = connect();
  const prefix = freshPrefix();
  let unanswered = 0;
  /** Answers a few turns later than Redis does. */
  const late = async (answer: Promise<unknown>): Promise<unknown> => {
    unanswered++;
    const answered = await answer.then(
      (value) => () => value,
      (thrown: unknown) => () => Promise.reject(thrown),
    );
    for (let turns = 0; turns < 10; turns++) await turn();
    unanswered--;
    return answered();
  };
  const slow: RedisClient = {
    get status() {
      return client.status;
    },
    evalsha: (...question) => late(client.evalsha(...question)),
    eval: (...question) => late(client.eval(...question)),
  };
  const rule = throttle({ openai: { tokensPerMinute: 100_000, concurrency: 2 } });
  const world = governed({ state: redisState({ client: slow, prefix }), interceptors: [rule] });
  await openai.create(world.llm);
  expect(unanswered).toBeGreaterThan(0);
  await world.llm.close();
  expect(unanswered).toBe(0);
  expect((await client.keys(`${prefix}*`)).filter((key) => key.includes(':slots:'))).toEqual([]);
  expect(world.errors).toEqual([]);
  await clear(client, prefix);
  client.disconnect();
});
