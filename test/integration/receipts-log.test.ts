import { cache, ManagedLLMError, memoryState, receipts, type Interceptor, type State } from 'managed-llm';
import { describe, expect, test } from 'vitest';

import { TinyLog } from '../unit/interceptors/receipts/receipts.ts';
import { governed, openai, readAll, rejection, sdks, settledOnce, type TestOptions } from './governed.ts';

function logged(options: TestOptions & { readonly keepDays?: number } = {}) {
  const { keepDays, interceptors = [], ...others } = options;
  const store = new TinyLog();
  const state: State = { ...memoryState(), receipts: store };
  const log = receipts(keepDays === undefined ? {} : { keepDays });
  const world = governed({ state, ...others, interceptors: [...interceptors, log] });
  return { ...world, store, log };
}

describe.each(sdks)('every call’s receipt is kept, just as listeners get it ($name)', (sdk) => {
  test('plain, streamed, failed and broken off', async () => {
    const world = logged();
    world.provider.next({}, { text: ['a ', 'b '] }, { status: 400 }, { text: ['a ', 'b ', 'c '] });
    await sdk.create(world.llm.with({ user: 'alice', tags: { feature: 'search' } }));
    await readAll(await sdk.stream(world.llm));
    await rejection(sdk.create(world.llm));
    for await (const _event of await sdk.stream(world.llm)) break;
    const told = await settledOnce(world, 4);
    expect(world.store.stored).toHaveLength(4);
    expect(new Set(world.store.stored)).toEqual(new Set(told));
    expect(told.map(({ outcome }) => outcome).toSorted()).toEqual([
      'abandoned',
      'failed',
      'finished',
      'finished',
    ]);
  });

  test('refused ones, by whomever, and those that are asked for when it is closed', async () => {
    const refuses = (stage: Interceptor['stage']): Interceptor => ({
      name: `refuses-${stage}`,
      stage,
      intercept(call, next) {
        if (call.settings.user !== stage) return next(call);
        throw new ManagedLLMError({ code: 'refused', message: 'No.' });
      },
    });
    const world = logged({ interceptors: [refuses('observe'), refuses('send')] });
    await rejection(sdk.create(world.llm.with({ user: 'observe' })));
    await rejection(sdk.create(world.llm.with({ user: 'send' })));
    await settledOnce(world, 2);
    expect(await world.log.query({ by: ['user'] })).toMatchObject([
      { user: 'observe', refused: 1, attempts: 0 },
      { user: 'send', refused: 1 },
    ]);
  });

  test('what a cache saved, which is summed', async () => {
    const price = { inputUsdPerMTok: 1, outputUsdPerMTok: 10 };
    const models = { 'openai/*': { price }, 'anthropic/*': { price } };
    const world = logged({ interceptors: [cache()], models });
    world.provider.always({ usage: { inputTokens: 10, outputTokens: 5 } });
    for (let time = 0; time < 3; time += 1) {
      await sdk.create(world.llm.with({ user: 'alice' }));
      await world.llm.idle();
    }
    await sdk.create(world.llm.with({ cache: { mode: 'off' } }));
    expect(await world.log.query({ by: ['cache', 'cacheKind', 'user'] })).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ cache: 'miss', cacheKind: 'exact', user: 'alice', costNanoUsd: 60_000 }),
        expect.objectContaining({ cache: 'hit', calls: 2, savedNanoUsd: 120_000, costNanoUsd: 0 }),
        expect.objectContaining({ cache: 'bypass', user: undefined, cacheBypassed: 1, savedNanoUsd: 0 }),
      ]),
    );
  });

  test('answers of a cache, and calls that interceptors make, with the call they are made for', async () => {
    const tinyCache: Interceptor = {
      name: 'cache',
      stage: 'reuse',
      async intercept(call, next) {
        if (call.settings.user === 'cached') return this.host().replies.body(call, { cached: true }, 'cache');
        if (call.settings.user === 'nests') {
          const { dialect, body } = call;
          const target = sdk.name === 'openai' ? 'openai/other' : 'anthropic/other';
          (await this.host().call(call, { dialect, model: target, body })).discard();
        }
        return next(call);
      },
      attach(host) {
        this.host = () => host;
      },
      host(): never {
        throw new Error('not attached');
      },
    } as Interceptor & { host: () => Parameters<NonNullable<Interceptor['attach']>>[0] };
    const world = logged({ interceptors: [tinyCache] });
    await sdk.create(world.llm.with({ user: 'cached' }));
    await sdk.create(world.llm.with({ user: 'nests' }));
    await world.llm.idle();
    const { stored } = world.store;
    expect(stored).toHaveLength(3);
    const [hit, ...others] = stored;
    expect(hit).toMatchObject({ origin: 'cache', attempts: [] });
    const parent = others.find(({ parentId }) => parentId === undefined);
    expect(others.map(({ parentId }) => parentId)).toContain(parent?.callId);
    expect(new Set(stored)).toEqual(new Set(world.receipts));
  });
});

describe('a receipt that is kept', () => {
  test('is the one that `llm.receipt` gives', async () => {
    const world = logged();
    const ask = world.llm.clients.openai.chat.completions.create({ model: 'gpt', messages: [] });
    const receipt = await world.llm.receipt((await ask.withResponse()).response);
    await world.llm.idle();
    expect(world.store.stored).toEqual([receipt]);
  });

  test('holds neither prompt nor answer, whatever becomes of the call', async () => {
    const world = logged();
    const secret = 'the-code-is-1729';
    const body = { error: { message: `Cannot answer "${secret}"`, code: 'invalid_prompt' } };
    world.provider.next({ text: secret }, { text: [secret, secret] }, { status: 400, body });
    const ask = { model: 'gpt', messages: [{ role: 'user' as const, content: secret }] };
    await world.llm.clients.openai.chat.completions.create(ask);
    await readAll(await world.llm.clients.openai.chat.completions.create({ ...ask, stream: true }));
    await rejection(world.llm.clients.openai.chat.completions.create(ask));
    await world.llm.idle();
    expect(world.store.stored).toHaveLength(3);
    expect(JSON.stringify(world.store.stored)).not.toContain(secret);
  });
});

describe('keeping receipts', () => {
  test('is never on a call’s way: a store that hangs delays none, and one that fails fails none', async () => {
    const world = logged();
    world.store.onAppend = () => new Promise(() => {});
    for (let call = 0; call < 300; call += 1) await openai.create(world.llm);
    world.store.onAppend = () => {
      throw new Error('broken');
    };
    await world.clock.advance(11_000);
    await openai.create(world.llm);
    expect(world.receipts.every(({ outcome }) => outcome === 'finished')).toBe(true);
    expect(world.errors[0]).toMatchObject({ code: 'state-unreachable' });
  });

  test('is waited for by `idle`', async () => {
    const world = logged();
    await openai.create(world.llm);
    expect(world.store.stored).toEqual([]);
    await world.llm.idle();
    expect(world.store.stored).toHaveLength(1);
  });

  test('is waited for by `close`, also for calls that were under way', async () => {
    const world = logged();
    world.provider.next({ latencyMs: 1_000 });
    const asking = openai.create(world.llm);
    await world.clock.advance(1);
    const closing = world.llm.close();
    await world.clock.advance(1_000);
    await asking;
    await closing;
    expect(world.store.stored).toHaveLength(1);
  });

  test('is waited for by what `waitUntil` is given', async () => {
    const given: Promise<unknown>[] = [];
    const world = logged({ waitUntil: (settled) => void given.push(settled) });
    await openai.create(world.llm);
    expect(given).toHaveLength(1);
    expect(await given[0]).toBe(world.receipts[0]);
    expect(world.store.stored).toEqual(world.receipts);
  });

  test('needs a state that can', () => {
    const state: State = { name: 'mine', shared: false, ledger: memoryState().ledger };
    const log = receipts();
    const build = () => governed({ state, interceptors: [log] });
    expect(build).toThrow(
      '`state` (`mine`) cannot keep receipts, which `receipts` needs: give one of this package, or one with `receipts`.',
    );
    expect(() => log.state).toThrow('`receipts` belongs to no ManagedLLM yet');
  });

  test('is for one ManagedLLM', () => {
    const { log, state } = { log: receipts(), state: { ...memoryState(), receipts: new TinyLog() } };
    governed({ state, interceptors: [log] });
    expect(log.state).toBe(state);
    expect(() => governed({ state, interceptors: [log] })).toThrow(ManagedLLMError);
  });
});

describe('the log', () => {
  test('is asked only after what waits is stored', async () => {
    const world = logged();
    await openai.create(world.llm.with({ user: 'alice' }));
    const [row] = await world.log.query({ by: ['user', 'target'] });
    expect(row).toMatchObject({
      user: 'alice',
      target: 'openai/gpt',
      calls: 1,
      inputTokens: expect.any(Number),
    });
    await openai.create(world.llm);
    let lines = 0;
    for await (const _line of world.log.export({ format: 'jsonl' })) lines += 1;
    expect(lines).toBe(2);
  });

  test('cannot be asked before it belongs to a ManagedLLM', async () => {
    await expect(receipts().query()).rejects.toMatchObject({ code: 'invalid-options' });
    await expect(receipts().deleteUser('alice')).rejects.toMatchObject({ code: 'invalid-options' });
    expect(() => receipts().export({ format: 'csv' })).toThrow('list it in `interceptors`');
  });

  test('lets go of a user, also of what still waits', async () => {
    const world = logged();
    for (const user of ['alice', 'bob']) await openai.create(world.llm.with({ user }));
    await world.llm.idle();
    await openai.create(world.llm.with({ user: 'alice', tenant: 'acme' }));
    await openai.create(world.llm.with({ user: 'alice' }));
    expect(await world.log.deleteUser('alice', { tenant: null })).toBe(2);
    expect(await world.log.deleteUser('alice', { tenant: 'globex' })).toBe(0);
    expect(await world.log.deleteUser('alice')).toBe(1);
    await world.llm.idle();
    expect(world.store.stored).toMatchObject([{ caller: { user: 'bob' } }]);
  });

  test('deletes nobody’s receipts when it is not told whose', async () => {
    const world = logged();
    await openai.create(world.llm.with({ tenant: 'acme' }));
    await expect(world.log.deleteUser(undefined as never, { tenant: 'acme' })).rejects.toThrow(
      'takes the user',
    );
    await expect(world.log.delete({})).rejects.toThrow('give `to`, `from`, `user` or `tenant`');
    await world.llm.idle();
    expect(world.store.stored).toHaveLength(1);
  });

  test('deletes what is older, when it is told to', async () => {
    const world = logged();
    await openai.create(world.llm);
    await world.clock.advance(86_400_000);
    await openai.create(world.llm);
    await world.llm.idle();
    expect(await world.log.delete({ to: '2026-11-24' })).toBe(1);
    expect(world.store.stored).toHaveLength(1);
  });

  test('keeps `keepDays`, and looks once an hour', async () => {
    const world = logged({ keepDays: 1 });
    const begun = world.clock.now();
    await openai.create(world.llm);
    for (let hour = 0; hour < 26; hour += 1) {
      await world.clock.advance(1_800_000);
      await openai.create(world.llm);
      await world.clock.advance(1_800_000);
      await openai.create(world.llm);
    }
    await world.clock.advance(1_000);
    expect(world.store.deleted.length).toBeGreaterThanOrEqual(26);
    expect(world.store.deleted.length).toBeLessThanOrEqual(28);
    const oldest = Math.min(...world.store.stored.map(({ startedAt }) => startedAt));
    expect(oldest).toBeGreaterThan(begun + 3_600_000);
    expect(world.store.stored.length).toBeGreaterThan(45);
    expect(world.errors).toEqual([]);
  });

  test('goes on when old receipts cannot be deleted, and tells', async () => {
    const world = logged({ keepDays: 1 });
    world.store.delete = () => Promise.reject(new Error('no permission'));
    await openai.create(world.llm);
    await world.llm.idle();
    expect(world.store.stored).toHaveLength(1);
    expect(world.errors).toHaveLength(1);
  });
});

test('one who listens through the host hears what `llm.on` does, until it stops', async () => {
  const heard: string[] = [];
  let stop = (): void => {};
  const listens: Interceptor = {
    name: 'listens',
    stage: 'send',
    attach(host) {
      stop = host.on('call:end', ({ callId }) => void heard.push(callId));
    },
    intercept: (call, next) => next(call),
  };
  const world = governed({ interceptors: [listens] });
  await openai.create(world.llm);
  stop();
  await openai.create(world.llm);
  expect(heard).toEqual([world.receipts[0]?.callId]);
});

test('an interceptor that cannot tell when it is idle keeps nobody waiting, and is reported', async () => {
  const broken: Interceptor = {
    name: 'broken',
    stage: 'observe',
    intercept: (call, next) => next(call),
    idle: () => Promise.reject(new Error('lost')),
  };
  const world = governed({ interceptors: [broken] });
  await openai.create(world.llm);
  await world.llm.idle();
  expect(world.errors).toMatchObject([
    { code: 'interceptor-fault', message: expect.stringContaining('`idle`') },
  ]);
});

test('closed, it leaves no timer behind that would not be there without it', async () => {
  const pendingAfter = async (interceptors: readonly Interceptor[]): Promise<number> => {
    const world = governed({ state: { ...memoryState(), receipts: new TinyLog() }, interceptors });
    await openai.create(world.llm);
    await world.llm.close();
    return world.clock.pending;
  };
  expect(await pendingAfter([receipts()])).toBe(await pendingAfter([]));
});
