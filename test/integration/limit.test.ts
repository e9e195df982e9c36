import { limit, ManagedLLMError } from 'managed-llm';
import { describe, expect, test } from 'vitest';
import { governed, rejection, sdks, settledOnce } from './governed.ts';

describe.each(sdks)('limit ($name)', (sdk) => {
  test('counts each caller apart, an absent name apart from an empty one, and no two names as one', async () => {
    const rule = limit({ per: 'tenant', requestsPerMinute: 1, name: 'fair' });
    const world = governed({ interceptors: [rule] });
    const tenants = ['a', 'A', 'a/b', 'a"', '', 'tenant=a', 'é', 'e\u0301'];
    for (const tenant of tenants) await sdk.create(world.llm.with({ tenant }));
    for (const tenant of tenants) {
      const error = await rejection(sdk.create(world.llm.with({ tenant })));
      expect(error).toBeInstanceOf(sdk.RateLimitError);
      expect(ManagedLLMError.from(error)).toMatchObject({ code: 'limit-exceeded', retryAfterMs: 60_000 });
    }
    const nobody = await rejection(sdk.create(world.llm));
    expect(ManagedLLMError.from(nobody)?.code).toBe('caller-required');
    expect(world.provider.requests).toHaveLength(tenants.length);
    expect(await rule.status({ tenant: 'b' })).toMatchObject({ requestsPerMinute: { limit: 1, left: 1 } });
    await settledOnce(world, tenants.length * 2 + 1);
  });

  test('a call that is refused does not count: the next may go when it was told so', async () => {
    const rule = limit({ per: 'user', requestsPerMinute: 2 });
    const world = governed({ interceptors: [rule] });
    const llm = world.llm.with({ user: 'alice' });
    await sdk.create(llm);
    await sdk.create(llm);
    for (let call = 0; call < 20; call++) await rejection(sdk.create(llm));
    await world.clock.advance(29_999);
    await rejection(sdk.create(llm));
    await world.clock.advance(1);
    await sdk.create(llm);
    expect(world.provider.requests).toHaveLength(3);
    await settledOnce(world, 24);
  });

  test('repeats of a call count once', async () => {
    const rule = limit({ per: 'user', requestsPerDay: 2 });
    const world = governed({ interceptors: [rule] });
    world.provider.next({ status: 500 }, { status: 500 });
    const asked = sdk.create(world.llm.with({ user: 'alice' }));
    await world.clock.runAll();
    await asked;
    expect(world.provider.requests).toHaveLength(3);
    expect((await rule.status({ user: 'alice' })).requestsPerDay?.left).toBe(1);
    await settledOnce(world);
  });
});
