import type { Interceptor } from 'managed-llm';
import { describe, expect, test } from 'vitest';

import { governed, readAll, rejection, sdks, theOnlyCall } from './governed.ts';

const usage = { inputTokens: 7, outputTokens: 4 };
const answer = { text: ['one ', 'two ', 'three ', 'four '], usage, betweenEventsMs: 100 };

/** Says of every attempt what it is expected to use. */
const expecting = (): Interceptor => ({
  name: 'expecting',
  stage: 'spend',
  intercept: (call, next) =>
    next(call.with({ expected: { inputTokens: 11, outputLimit: 1_000, tokensPerSecond: 50 } })),
});

describe.each(sdks)('a stream through $name that is stopped early', (sdk) => {
  describe('and drained', () => {
    const drained = () => governed({ stoppedStreams: 'drain' });

    test('is let go of at once, and settles with its exact usage when its end has come', async () => {
      const world = drained();
      world.provider.next(answer);
      const stream = await sdk.stream(world.llm);
      for await (const _ of stream) break;
      expect(world.receipts).toEqual([]);
      expect(world.provider.requests[0]?.outcome).toBe('open');
      await world.clock.advance(1_000);
      const { receipt } = await theOnlyCall(world);
      expect(receipt).toMatchObject({ outcome: 'abandoned', usage: { ...usage, provenance: 'reported' } });
      expect(world.provider.requests[0]?.outcome).toBe('finished');
      expect(world.errors).toEqual([]);
    });

    test('rejects its reader as ever when the caller aborts, while it is read on', async () => {
      const world = drained();
      world.provider.next(answer);
      const controller = new AbortController();
      const stream = await sdk.stream(world.llm, { signal: controller.signal });
      let hasEnded = false;
      const reading = readAll(stream).catch(() => (hasEnded = true));
      await world.clock.advance(150);
      controller.abort();
      await reading;
      expect(hasEnded || world.receipts.length === 0).toBe(true);
      await world.clock.advance(1_000);
      const { receipt } = await theOnlyCall(world);
      expect(receipt).toMatchObject({ outcome: 'aborted', usage: { ...usage, provenance: 'reported' } });
    });

    test('is given up after a minute, if its end does not come', async () => {
      const world = drained();
      world.provider.next({ ...answer, betweenEventsMs: 50_000 });
      const stream = await sdk.stream(world.llm);
      for await (const _ of stream) break;
      await world.clock.advance(59_000);
      expect(world.receipts).toEqual([]);
      await world.clock.advance(2_000);
      const { receipt } = await theOnlyCall(world);
      expect(receipt).toMatchObject({ outcome: 'abandoned', usage: { provenance: 'estimated' } });
      expect(world.provider.requests[0]?.outcome).toBe('cancelled');
    });

    test('is cut off by `close` when that waits no longer', async () => {
      const world = drained();
      world.provider.next({ ...answer, betweenEventsMs: 20_000 });
      const stream = await sdk.stream(world.llm);
      for await (const _ of stream) break;
      const closed = world.llm.close({ timeoutMs: 5_000 });
      await world.clock.advance(5_000);
      await closed;
      const { receipt } = await theOnlyCall(world);
      expect(receipt.outcome).toBe('abandoned');
    });

    test('that an interceptor discards is cancelled, not drained', async () => {
      const discarding: Interceptor = {
        name: 'discarding',
        stage: 'shape',
        async intercept(call, next) {
          (await next(call)).discard();
          return next(call);
        },
      };
      const world = governed({ stoppedStreams: 'drain', interceptors: [discarding] });
      world.provider.next(answer, { text: ['again'] });
      await readAll(await sdk.stream(world.llm));
      await world.llm.idle();
      expect(world.provider.requests.map(({ outcome }) => outcome)).toEqual(['cancelled', 'finished']);
    });

    test('tells its reader of its own end as ever when it is read to it', async () => {
      const world = drained();
      world.provider.next({ text: ['a', 'b'], usage });
      await readAll(await sdk.stream(world.llm));
      expect((await theOnlyCall(world)).receipt).toMatchObject({ outcome: 'finished', usage });
    });
  });

  describe('and estimated', () => {
    test('has used its input, and what can have been generated in the time', async () => {
      const world = governed({ interceptors: [expecting()] });
      world.provider.next(answer);
      const controller = new AbortController();
      const stream = await sdk.stream(world.llm, { signal: controller.signal });
      const failed = readAll(stream).catch(() => undefined);
      await world.clock.advance(250);
      controller.abort();
      await failed;
      const { receipt, settlement } = await theOnlyCall(world);
      const generatingMs = 250 - (receipt.firstEventMs ?? Number.NaN);
      expect(receipt.usage).toMatchObject({
        inputTokens: sdk.name === 'anthropic' ? usage.inputTokens : 11,
        outputTokens: Math.max(Math.ceil(settlement.receivedBytes / 4), Math.ceil(generatingMs / 20)),
        provenance: 'estimated',
      });
      expect(settlement.receivedBytes).toBeLessThanOrEqual('one two three '.length);
      expect(settlement.billed).toMatchObject([{ outcome: 'aborted', usage: { provenance: 'estimated' } }]);
    });

    test('has used nothing but its input where it had not begun', async () => {
      const world = governed({ interceptors: [expecting()] });
      world.provider.next({ hang: true });
      const controller = new AbortController();
      const failed = rejection(sdk.stream(world.llm, { signal: controller.signal }));
      await world.clock.advance(5_000);
      controller.abort();
      await failed;
      const { receipt } = await theOnlyCall(world);
      expect(receipt.attempts[0]?.usage).toEqual({
        inputTokens: 11,
        outputTokens: 0,
        provenance: 'estimated',
      });
    });

    test('also without a budget and without a ceiling', async () => {
      const world = governed();
      world.provider.next(answer);
      const stream = await sdk.stream(world.llm);
      for await (const _ of stream) break;
      const { receipt } = await theOnlyCall(world);
      expect(receipt).toMatchObject({ outcome: 'abandoned', usage: { provenance: 'estimated' } });
      expect(receipt.usage?.inputTokens).toBeGreaterThan(0);
      expect(receipt.usage?.outputTokens).toBeGreaterThanOrEqual(0);
    });

    test('is as it was told where it was told', async () => {
      const world = governed({ interceptors: [expecting()] });
      world.provider.next({ text: ['a'], usage });
      await readAll(await sdk.stream(world.llm));
      expect((await theOnlyCall(world)).receipt.usage).toMatchObject({ ...usage, provenance: 'reported' });
    });
  });

  test('a plain answer that nobody waited for has used what can have been generated, up to its limit', async () => {
    const world = governed({ interceptors: [expecting()] });
    world.provider.next({ hang: true });
    const controller = new AbortController();
    const failed = rejection(sdk.create(world.llm, { signal: controller.signal }));
    await world.clock.advance(60_000);
    controller.abort();
    await failed;
    const { receipt } = await theOnlyCall(world);
    expect(receipt.usage).toBeUndefined();
    expect(receipt.attempts[0]?.usage).toEqual({
      inputTokens: 11,
      outputTokens: 1_000,
      provenance: 'estimated',
    });
  });

  test('what a provider refuses or never hears of is not billed', async () => {
    const world = governed({ interceptors: [expecting()] });
    world.provider.next({ status: 400 });
    await rejection(sdk.create(world.llm, { maxRetries: 0 }));
    const { settlement } = await theOnlyCall(world);
    expect(settlement.billed).toEqual([]);
    expect(settlement.costNanoUsd).toBe(0);
  });
});
