import {
  ManagedLLM,
  balance,
  breaker,
  limit,
  pool,
  retry,
  throttle,
  timeLimits,
  type Interceptor,
} from 'managed-llm';
import { redisState } from 'managed-llm/redis';
import { standIn } from 'managed-llm/testing';
import { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import { governed, openai } from './governed.ts';

const client = (fetch = standIn().fetch) => new OpenAI({ apiKey: 'test', fetch });

/** What types would have told. */
function given(value: unknown): never {
  return value as never;
}

function make(...interceptors: readonly (Interceptor | readonly Interceptor[])[]) {
  return new ManagedLLM({ providers: { openai: client() }, interceptors });
}

describe('a mistake in an option is told with its path and what to write', () => {
  test.each<[string, () => unknown, string]>([
    [
      'limits without a provider',
      () => throttle(given({ requestsPerMinute: 500 })),
      '`throttle.requestsPerMinute` stands where a provider’s name is expected: `throttle({ openai: { requestsPerMinute: … } })`.',
    ],
    [
      'options of throttle in place of limits',
      () => throttle(given({ maxWaitMs: 500 })),
      '`throttle.maxWaitMs` belongs into the second argument: `throttle({ … }, { maxWaitMs: … })`.',
    ],
    [
      'time limits of a provider among those of all',
      () => timeLimits(given({ openai: { attemptMs: 5 } })),
      '`timeLimits.openai` belongs into the second argument: `timeLimits({}, { "openai": { … } })`.',
    ],
    [
      'a number from an environment that does not have it',
      () => retry({ maxAttempts: Number(undefined) }),
      '`retry.maxAttempts` must be a finite number, not NaN.',
    ],
    [
      'no end',
      () => throttle({}, { maxWaitMs: Infinity }),
      '`throttle.maxWaitMs` must be a finite number, not Infinity.',
    ],
    [
      'an empty name',
      () => limit({ per: 'user', requestsPerMinute: 1, name: '' }),
      '`limit.name` must be a text that is not empty.',
    ],
    [
      'another word for a key',
      () => balance(['a/x', 'b/y'], { stickyBy: given('users') }),
      '`balance.stickyBy` must be "user" or "conversation" or a function. Did you mean "user"?',
    ],
    [
      'two limits of a kind',
      () => make(limit({ per: 'user', requestsPerMinute: 1 }), limit({ per: 'user', requestsPerDay: 1 })),
      '`interceptors.1` has the name `limit-per-user`, which another interceptor has already: give it once, or under a `name` of its own where it takes one.',
    ],
    [
      'a list of keys',
      () => pool(given([client()])),
      '`pool` takes clients one by one, not as a list: `pool(a, b)`.',
    ],
    [
      'a client of Redis where options stand',
      () => redisState(given({ status: 'wait', evalsha: () => {}, eval: () => {} })),
      '`redisState` takes options: `redisState({ client })`.',
    ],
  ])('%s', (_what, mistake, message) => {
    expect(mistake).toThrow(expect.objectContaining({ code: 'invalid-options', message }));
  });

  test('a kill that would switch off nothing', () => {
    const health = breaker();
    make(health);
    expect(() => health.kill({ model: 'openai/gpt-5-mini' })).toThrow(
      '`kill.model` begins with the provider `openai`, of which it would switch off nothing: give `provider` and `model`.',
    );
    health.kill({ model: 'meta/llama' });
    expect(health.status().kills).toEqual([{ model: 'meta/llama' }]);
  });

  test('an explanation for a provider that there is not', async () => {
    const llm = make();
    await expect(llm.explain({ model: 'm', provider: given('opnai') })).rejects.toThrow(
      '`explain.provider` names no provider: "opnai". Providers: openai.',
    );
  });
});

test('a key that is refused is left alone where `classify` counts that for the breaker', async () => {
  const revoked = standIn().always({ status: 401 });
  const valid = standIn();
  const llm = new ManagedLLM({
    providers: { openai: pool(client(revoked.fetch), client(valid.fetch)) },
    classify: (_, { kind }) => (kind === 'auth' ? { countsForBreaker: true } : undefined),
    interceptors: [breaker({ minCalls: 2 })],
  });
  for (let calls = 0; calls < 20; calls++)
    await llm.clients.openai.chat.completions.create({
      model: 'm',
      messages: [{ role: 'user', content: 'Hi' }],
    });
  expect(revoked.requests).toHaveLength(2);
  expect(valid.requests).toHaveLength(20);
});

test('what a provider asked for is told as a pause', async () => {
  const world = governed({ interceptors: [throttle()] });
  world.provider.next({ status: 429, headers: { 'retry-after': '30' } });
  await openai.create(world.llm, { maxRetries: 0 }, 'm').catch(() => undefined);
  const { choices } = await world.llm.explain({ model: 'openai/m', messages: 'Hi' });
  expect(choices[0]).toMatchObject({
    ready: false,
    reason: 'a pause that openai/m asked for',
    forMs: 30_000,
  });
});

test('who has waited too long is told for which limit, also behind another', async () => {
  const rule = throttle({ openai: { concurrency: 1 } }, { maxWaitMs: 500 });
  const world = governed({ interceptors: [rule] });
  world.provider.next({ latencyMs: 1_000 });
  const made = Promise.allSettled([1, 2, 3].map(() => openai.create(world.llm, { maxRetries: 0 })));
  await world.clock.runAll();
  const [, second, third] = await made;
  for (const ended of [second, third])
    expect(String(ended?.status === 'rejected' && ended.reason)).toContain(
      'it has waited 500 ms for `concurrency` of openai',
    );
});
