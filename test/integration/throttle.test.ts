import { throttle } from 'managed-llm';
import { describe, expect, test } from 'vitest';
import { governed, rejection, sdks, settledOnce } from './governed.ts';

describe.each(sdks)('throttle ($name)', (sdk) => {
  const target = sdk.name;

  test('lets calls through in the same tick while the limits last', async () => {
    const world = governed({ interceptors: [throttle({ [target]: { requestsPerMinute: 2 } })] });
    await Promise.all([sdk.create(world.llm), sdk.create(world.llm)]);
    expect(world.provider.requests).toHaveLength(2);
    await settledOnce(world, 2);
  });

  test('holds the third back until the bucket has refilled', async () => {
    const world = governed({ interceptors: [throttle({ [target]: { requestsPerMinute: 2 } })] });
    const calls = [sdk.create(world.llm), sdk.create(world.llm), sdk.create(world.llm)];
    await world.clock.advance(29_900);
    expect(world.provider.requests).toHaveLength(2);
    await world.clock.advance(200);
    expect(world.provider.requests).toHaveLength(3);
    await Promise.all(calls);
    const receipts = await settledOnce(world, 3);
    expect(receipts[2]?.facts.queuedMs).toBeGreaterThanOrEqual(30_000);
  });

  test('an abort takes a waiting call out at once', async () => {
    const world = governed({ interceptors: [throttle({ [target]: { concurrency: 1 } })] });
    world.provider.next({ hang: true });
    const first = new AbortController();
    const second = new AbortController();
    const calls = [
      rejection(sdk.create(world.llm, { signal: first.signal })),
      rejection(sdk.create(world.llm, { signal: second.signal })),
    ];
    await world.clock.advance(10);
    expect(world.provider.requests).toHaveLength(1);
    second.abort();
    await calls[1];
    const third = sdk.create(world.llm);
    await world.clock.advance(10);
    expect(world.provider.requests).toHaveLength(1);
    first.abort();
    await calls[0];
    await third;
    expect(world.provider.requests).toHaveLength(2);
    await settledOnce(world, 3);
  });
});
