import { getEventListeners } from 'node:events';
import { ManagedLLM, ManagedLLMError, type Interceptor } from 'managed-llm';
import { standIn } from 'managed-llm/testing';
import { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';

import { governed, openai, readAll, rejection, sdks, settledOnce } from './governed.ts';

const disposable = (log: string[], name: string, dispose: () => Promise<void> | void): Interceptor => ({
  name,
  stage: 'shape',
  intercept: (call, next) => next(call),
  dispose() {
    log.push(name);
    return dispose();
  },
});

describe('`idle`', () => {
  test('resolves at once when nothing is open', async () => {
    await governed().llm.idle();
  });

  test('waits for calls under way and for streams that are open', async () => {
    const world = governed();
    world.provider.next({ text: ['a '] }, { latencyMs: 100 });
    const stream = await openai.stream(world.llm);
    const reply = openai.create(world.llm);
    let idle = 0;
    void world.llm.idle().then(() => (idle += 1));
    void world.llm.idle().then(() => (idle += 1));
    await world.clock.advance(100);
    await reply;
    await world.clock.advance(0);
    expect(idle).toBe(0);
    await readAll(stream);
    await world.clock.advance(0);
    expect(idle).toBe(2);
  });
});

describe.each(sdks)('after `close` ($name)', (sdk) => {
  test('calls are refused as a class that the SDK has, at once and without retries', async () => {
    const world = governed();
    await world.llm.close();
    const error = await rejection(sdk.create(world.llm));
    expect(error).toBeInstanceOf(sdk.InternalServerError);
    expect(error).toMatchObject({ status: 503 });
    expect(ManagedLLMError.from(error)).toMatchObject({ code: 'closed', retryable: false });
    expect(ManagedLLMError.from(await rejection(sdk.stream(world.llm)))).toMatchObject({ code: 'closed' });
    await world.llm.idle();
    expect(world.receipts).toMatchObject([
      { outcome: 'refused', origin: 'none', attempts: [] },
      { outcome: 'refused', origin: 'none', attempts: [] },
    ]);
    expect(world.provider.requests).toHaveLength(0);
  });

  test('calls under way are waited for', async () => {
    const world = governed();
    world.provider.next({ latencyMs: 5_000 });
    const reply = sdk.create(world.llm);
    await world.clock.advance(1);
    let closed = false;
    const closing = world.llm.close().then(() => (closed = true));
    await world.clock.advance(4_000);
    expect(closed).toBe(false);
    await world.clock.advance(1_000);
    await reply;
    await closing;
    expect((await settledOnce(world))[0]?.outcome).toBe('finished');
  });

  test('what is still open after `timeoutMs` ends with an error, never cleanly', async () => {
    const world = governed();
    world.provider.next(
      { text: Array.from({ length: 100 }, (_, index) => `${index} `), betweenEventsMs: 1_000 },
      { hang: true },
    );
    const reading = rejection(sdk.stream(world.llm).then(readAll));
    await world.clock.advance(1_500);
    const hanging = rejection(sdk.create(world.llm));
    await world.clock.advance(0);
    const closing = world.llm.close({ timeoutMs: 3_000 });
    await world.clock.advance(3_000);
    await closing;
    expect(ManagedLLMError.from(await reading)).toMatchObject({ code: 'closed' });
    expect(ManagedLLMError.from(await hanging)).toMatchObject({ code: 'closed' });
    const receipts = await settledOnce(world, 2);
    expect(receipts.map(({ outcome }) => outcome)).toEqual(['aborted', 'aborted']);
    expect(world.errors).toEqual([]);
  });
});

describe('`close`', () => {
  test('disposes the interceptors, each once, after the last call', async () => {
    const log: string[] = [];
    const world = governed({
      interceptors: [disposable(log, 'a', async () => {}), disposable(log, 'b', () => {})],
    });
    const stream = await openai.stream(world.llm);
    const closing = world.llm.close();
    await world.clock.advance(0);
    expect(log).toEqual([]);
    await readAll(stream);
    await closing;
    await world.llm.close();
    expect(log).toEqual(['a', 'b']);
  });

  test('disposes the rest though one of them fails', async () => {
    const log: string[] = [];
    const world = governed({
      interceptors: [
        disposable(log, 'a', () => Promise.reject(new Error('stuck'))),
        disposable(log, 'b', () => {}),
      ],
    });
    await world.llm.close();
    expect(log).toEqual(['a', 'b']);
    expect(world.errors).toMatchObject([{ message: 'A fault in disposing `a` was caught.' }]);
  });

  test('is what `await using` does', async () => {
    const log: string[] = [];
    {
      await using llm = new ManagedLLM({
        providers: { openai: new OpenAI({ apiKey: 'test', fetch: standIn().fetch }) },
        interceptors: [disposable(log, 'a', () => {})],
      });
      await llm.clients.openai.models.list();
      expect(log).toEqual([]);
    }
    expect(log).toEqual(['a']);
  });

  test('is safe to call many times at once', async () => {
    const log: string[] = [];
    const world = governed({ interceptors: [disposable(log, 'a', () => {})] });
    await Promise.all([world.llm.close(), world.llm.close(), world.llm[Symbol.asyncDispose]()]);
    expect(log).toEqual(['a']);
  });
});

describe('`waitUntil`', () => {
  test('is given a promise for each call that resolves when that call has settled', async () => {
    const given: Promise<unknown>[] = [];
    const world = governed({ waitUntil: (settled) => void given.push(settled) });
    world.provider.next({ status: 400 });
    await rejection(openai.create(world.llm));
    const stream = await openai.stream(world.llm);
    expect(given).toHaveLength(2);
    await expect(given[0]).resolves.toMatchObject({ outcome: 'failed' });
    let settled = false;
    void given[1]?.then(() => (settled = true));
    await world.clock.advance(0);
    expect(settled).toBe(false);
    await readAll(stream);
    await given[1];
  });

  test('that throws hurts no call', async () => {
    const world = governed({
      waitUntil: () => {
        throw new Error('outside a request');
      },
    });
    await openai.create(world.llm);
    await settledOnce(world);
    expect(world.errors).toMatchObject([{ code: 'interceptor-fault' }]);
  });
});

describe('long-lived signals', () => {
  test('keep no listener of a call that has ended', async () => {
    const world = governed();
    const { signal } = new AbortController();
    for (let round = 0; round < 20; round += 1) {
      await openai.create(world.llm, { signal });
      await readAll(await openai.stream(world.llm, { signal }));
      await sdks[1]?.create(world.llm, { signal });
      const response = await world.llm.fetch('openai')('https://api.openai.com/v1/chat/completions', {
        method: 'POST',
        body: JSON.stringify({ model: 'gpt', messages: [{ role: 'user', content: 'x' }] }),
        signal,
      });
      await response.json();
    }
    await settledOnce(world, 80);
    expect(getEventListeners(signal, 'abort').length).toBeLessThanOrEqual(1);
  });

  test('already aborted: `llm.fetch` rejects with the signal’s reason, and nothing runs', async () => {
    let ran = 0;
    const world = governed({
      interceptors: [
        {
          name: 'counts',
          stage: 'shape',
          intercept(call, next) {
            ran += 1;
            return next(call);
          },
        },
      ],
    });
    const reason = new Error('changed my mind');
    const error = await rejection(
      world.llm.fetch('openai')('https://api.openai.com/v1/models', { signal: AbortSignal.abort(reason) }),
    );
    expect(error).toBe(reason);
    await world.llm.idle();
    expect(ran).toBe(0);
    expect(world.receipts).toMatchObject([{ outcome: 'aborted', attempts: [] }]);
    expect(world.errors).toEqual([]);
  });
});
