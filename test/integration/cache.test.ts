import { cache } from 'managed-llm';
import { describe, expect, test } from 'vitest';
import { governed, readAll, sdks, settledOnce } from './governed.ts';

describe.each(sdks)('a cache ($name)', (sdk) => {
  test('answers what was asked before, at no cost', async () => {
    const world = governed({ interceptors: [cache()] });
    world.provider.next({ text: 'first' }, { text: 'second' });
    const miss = await sdk.create(world.llm);
    await world.llm.idle();
    expect(await sdk.create(world.llm)).toEqual(miss);
    const [, receipt] = await settledOnce(world, 2);
    expect(receipt).toMatchObject({ origin: 'cache', attempts: [], facts: { cache: { status: 'hit' } } });
    expect(world.provider.requests).toHaveLength(1);
  });

  test('gives a streamed answer as a stream again', async () => {
    const world = governed({ interceptors: [cache()] });
    world.provider.next({ text: ['a ', 'b '] }, { text: 'other' });
    const miss = await readAll(await sdk.stream(world.llm));
    await world.llm.idle();
    expect(await readAll(await sdk.stream(world.llm))).toEqual(miss);
    await settledOnce(world, 2);
  });

  test('gives a streamed answer plain, and a plain one streamed', async () => {
    const world = governed({ interceptors: [cache()] });
    world.provider.next({ text: ['a ', 'b '] }, { text: 'other' });
    await readAll(await sdk.stream(world.llm));
    await world.llm.idle();
    expect(sdk.text(await sdk.create(world.llm))).toBe('a b ');
    await settledOnce(world, 2);
  });

  test('shares one answer among calls at the same time', async () => {
    const world = governed({ interceptors: [cache()] });
    world.provider.next({ text: ['a ', 'b '], latencyMs: 10, betweenEventsMs: 5 });
    const all = Promise.all(Array.from({ length: 20 }, () => sdk.stream(world.llm).then(readAll)));
    await world.clock.advance(1_000);
    const streams = await all;
    expect(new Set(streams.map((events) => JSON.stringify(events))).size).toBe(1);
    await settledOnce(world, 20);
    expect(world.provider.requests).toHaveLength(1);
  });
});
