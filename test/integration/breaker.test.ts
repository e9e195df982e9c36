import { setImmediate as turn } from 'node:timers/promises';
import {
  breaker,
  fallback,
  hedge,
  ManagedLLM,
  ManagedLLMError,
  pool,
  retry,
  type BreakerOptions,
  type Call,
  type HealthChange,
  type Interceptor,
  type Readiness,
} from 'managed-llm';
import { describeInterceptorContract, standIn } from 'managed-llm/testing';
import { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';

import {
  governed,
  openai,
  readAll,
  rejection,
  sdks,
  settledOnce,
  theOnlyCall,
  type Governed,
  type Sdk,
  type TestOptions,
} from './governed.ts';

const fewCalls = { minCalls: 4, cooldownMs: 1_000 } as const;
const noRepeats = { maxRetries: 0 } as const;

interface World extends Governed {
  readonly health: ReturnType<typeof breaker>;
  readonly changes: HealthChange[];
}

function world(options: BreakerOptions = {}, more: TestOptions = {}): World {
  const changes: HealthChange[] = [];
  const health = breaker({ ...fewCalls, onChange: (change) => void changes.push(change), ...options });
  return { ...governed({ ...more, interceptors: [health, ...(more.interceptors ?? [])] }), health, changes };
}

/** Fails as many calls as open the circuit. */
async function open(w: World, sdk: Sdk, script: object = { status: 500 }): Promise<void> {
  w.provider.next(...Array.from({ length: 4 }, () => script));
  for (let call = 0; call < 4; call++) await rejection(sdk.create(w.llm, noRepeats, 'm'));
  expect(stateOf(w)).toBe('open');
}

const stateOf = ({ health }: World, index = 0) => health.status().targets[index]?.state;

const readiness = ({ health }: World, sdk: Sdk, model = 'm'): Readiness | undefined =>
  health.ready?.({ provider: sdk.name, model }, undefined as unknown as Call);

describe.each(sdks)('`breaker()` ($name)', (sdk) => {
  test('lets calls pass as they are while they answer', async () => {
    const w = world();
    for (let call = 0; call < 20; call++) await sdk.create(w.llm, {}, 'm');
    expect(w.health.status()).toEqual({
      targets: [
        {
          target: `${sdk.name}/m`,
          state: 'closed',
          calls: 20,
          failureRatio: 0,
          slowRatio: 0,
          opens: 0,
          openSince: undefined,
          nextProbeAt: undefined,
          killed: undefined,
        },
      ],
      kills: [],
    });
    expect(w.changes).toEqual([]);
  });

  test('opens when the target fails too often: nothing more is sent, and a refusal says what to do', async () => {
    const w = world();
    await open(w, sdk);
    const error = await rejection(sdk.create(w.llm, {}, 'm'));
    expect(error).toBeInstanceOf(sdk.InternalServerError);
    expect(error).toMatchObject({ status: 503 });
    const behind = ManagedLLMError.from(error);
    expect(behind).toMatchObject({ code: 'circuit-open', retryable: true, retryAfterMs: 1_000 });
    expect(behind?.message).toContain(`\`${sdk.name}/m\` failed too often`);
    expect(w.provider.requests).toHaveLength(4);
    expect(w.receipts.at(-1)).toMatchObject({ outcome: 'refused', attempts: [] });
    // A route goes elsewhere; nobody asks this target again at once.
    expect(w.settlements.at(-1)?.error).toMatchObject({ fallbackable: true, retryable: false });
    expect(readiness(w, sdk)).toEqual({ ok: false, reason: 'circuit is open', forMs: 1_000 });
    expect(w.health.status().targets[0]).toMatchObject({
      state: 'open',
      opens: 1,
      openSince: w.clock.now(),
      nextProbeAt: w.clock.now() + 1_000,
    });
    await settledOnce(w, 5);
    expect(w.errors).toEqual([]);
  });

  test('circuits are of targets: another model of the same provider is asked', async () => {
    const w = world();
    await open(w, sdk);
    await sdk.create(w.llm, {}, 'other');
    expect(w.health.status().targets.map(({ state }) => state)).toEqual(['open', 'closed']);
  });

  describe('what counts', () => {
    const opens = async (script: object, request: object = {}): Promise<boolean> => {
      const w = world();
      w.provider.always(script);
      for (let call = 0; call < 8; call++) {
        const ended = sdk.create(w.llm, { ...noRepeats, ...request }, 'm').catch(() => {});
        await w.clock.advance(100);
        await ended;
      }
      await settledOnce(w, 8);
      return stateOf(w) === 'open';
    };

    test.each([
      ['a 500', { status: 500 }, {}],
      ['an overload', { status: 529 }, {}],
      ['no connection', { connectionError: true }, {}],
      ['an attempt that passes its limit', { hang: true }, { timeout: 50 }],
    ])('%s', async (_what, script, request) => {
      expect(await opens(script, request)).toBe(true);
    });

    test.each([
      ['a rate limit', { status: 429 }],
      ['a request that is wrong', { status: 400 }],
      ['a wrong key', { status: 401 }],
      ['a model that is not there', { status: 404 }],
    ])('not %s, which is an answer', async (_what, script) => {
      expect(await opens(script)).toBe(false);
    });

    test('not what its caller aborts', async () => {
      const w = world();
      w.provider.always({ hang: true });
      for (let call = 0; call < 8; call++) {
        const controller = new AbortController();
        const failed = rejection(sdk.create(w.llm, { signal: controller.signal }, 'm'));
        await w.clock.advance(10);
        controller.abort();
        await failed;
      }
      await settledOnce(w, 8);
      expect(w.health.status().targets[0]).toMatchObject({ state: 'closed', calls: 0 });
    });

    test('not what is refused further in', async () => {
      const refuses: Interceptor = {
        name: 'refuses',
        stage: 'pace',
        intercept() {
          throw new ManagedLLMError({ code: 'refused', message: 'No.' });
        },
      };
      const w = world({}, { interceptors: [refuses] });
      for (let call = 0; call < 8; call++) await rejection(sdk.create(w.llm, {}, 'm'));
      expect(w.health.status().targets[0]).toMatchObject({ state: 'closed', calls: 0 });
    });

    test('not what has left the window', async () => {
      const w = world({ windowMs: 10_000 });
      w.provider.always({ status: 500 });
      for (let call = 0; call < 8; call++) {
        await rejection(sdk.create(w.llm, noRepeats, 'm'));
        await w.clock.advance(4_000);
      }
      expect(stateOf(w)).toBe('closed');
    });
  });

  describe('streams', () => {
    test('one that breaks after its content counts as failed, when it does', async () => {
      const w = world();
      w.provider.always({ text: ['a ', 'b ', 'c '], cutAfterEvents: 4 });
      for (let call = 0; call < 4; call++) {
        const stream = await sdk.stream(w.llm, {}, 'm');
        expect(stateOf(w)).toBe('closed');
        await rejection(readAll(stream));
      }
      expect(stateOf(w)).toBe('open');
    });

    test('one that its reader breaks off counts for nothing, one read to its end is healthy', async () => {
      const w = world();
      w.provider.always({ text: ['a ', 'b '] });
      for await (const _event of await sdk.stream(w.llm, {}, 'm')) break;
      expect(w.health.status().targets[0]?.calls).toBe(0);
      await readAll(await sdk.stream(w.llm, {}, 'm'));
      expect(w.health.status().targets[0]).toMatchObject({ calls: 1, failureRatio: 0 });
    });

    test('one that failed while it was held back counts once, when it is known', async () => {
      const w = world({}, { routes: { smart: fallback(`${sdk.name}/m`, 'backup/b') } });
      w.provider.when(
        { model: 'm' },
        { text: ['x '], inBandError: { afterEvents: sdk.name === 'openai' ? 0 : 1 } },
      );
      await readAll(await sdk.stream(w.llm, {}, 'smart'));
      expect(w.health.status().targets[0]).toMatchObject({
        target: `${sdk.name}/m`,
        calls: 1,
        failureRatio: 1,
      });
      await settledOnce(w);
    });

    test('a route passes over a target whose circuit is open, and comes back to it', async () => {
      const w = world({}, { routes: { smart: fallback(`${sdk.name}/m`, 'backup/b') } });
      await open(w, sdk);
      const served = async () => {
        await readAll(await sdk.stream(w.llm, {}, 'smart'));
        return w.provider.requests.at(-1)?.model;
      };
      expect(await served()).toBe('b');
      await w.clock.advance(1_000);
      expect(await served()).toBe('m');
      expect(stateOf(w)).toBe('closed');
    });
  });

  describe('slow calls', () => {
    test.each([
      ['plain', { latencyMs: 300 }],
      ['streamed', { text: ['a ', 'b '], latencyMs: 300 }],
    ] as const)('open the circuit where they are looked at: %s', async (kind, script) => {
      const w = world({ slowCallMs: 200 });
      w.provider.always(script);
      for (let call = 0; call < 4; call++) {
        const ended =
          kind === 'plain' ? sdk.create(w.llm, {}, 'm') : sdk.stream(w.llm, {}, 'm').then(readAll);
        await w.clock.advance(1_000);
        await ended;
      }
      expect(stateOf(w)).toBe('open');
      expect(w.changes).toMatchObject([{ to: 'open', slowRatio: 1, failureRatio: 0 }]);
    });

    test('a stream is not slow for going on long', async () => {
      const w = world({ slowCallMs: 200 });
      w.provider.always({ text: ['a ', 'b ', 'c '], betweenEventsMs: 150 });
      for (let call = 0; call < 8; call++) {
        const ended = sdk.stream(w.llm, {}, 'm').then(readAll);
        await w.clock.advance(5_000);
        await ended;
      }
      expect(w.health.status().targets[0]).toMatchObject({ state: 'closed', slowRatio: 0 });
    });

    test.each([
      ['plain', { latencyMs: 250 }],
      ['streamed, to its content', { text: ['a ', 'b '], latencyMs: 100, firstEventDelayMs: 150 }],
    ] as const)('a probe that is slow is no success: %s', async (kind, script) => {
      const w = world({ slowCallMs: 200 });
      await open(w, sdk);
      await w.clock.advance(1_000);
      w.provider.always(script);
      const ended = kind === 'plain' ? sdk.create(w.llm, {}, 'm') : sdk.stream(w.llm, {}, 'm').then(readAll);
      await w.clock.advance(1_000);
      await ended;
      expect(w.health.status().targets[0]).toMatchObject({ state: 'open', opens: 2 });
    });
  });

  describe('half-open', () => {
    test.each(['create', 'stream'] as const)(
      'of 50 calls that come when the cooldown ends, exactly one goes (%s)',
      async (kind) => {
        const w = world();
        await open(w, sdk);
        await w.clock.advance(1_000);
        w.provider.always({ text: ['a ', 'b '], latencyMs: 100 });
        const calls = Array.from({ length: 50 }, () =>
          (kind === 'create' ? sdk.create(w.llm, {}, 'm') : sdk.stream(w.llm, {}, 'm').then(readAll)).then(
            () => 'answered',
            (error: unknown) => ManagedLLMError.from(error)?.code,
          ),
        );
        await w.clock.advance(50);
        expect(readiness(w, sdk)).toEqual({ ok: false, reason: 'circuit is half-open, and a probe is out' });
        expect(stateOf(w)).toBe('half-open');
        await w.clock.advance(1_000);
        const ends = await Promise.all(calls);
        expect(ends.filter((end) => end === 'answered')).toHaveLength(1);
        expect(ends.filter((end) => end === 'circuit-open')).toHaveLength(49);
        expect(w.provider.requests).toHaveLength(4 + 1);
        expect(stateOf(w)).toBe('closed');
        await settledOnce(w, 54);
      },
    );

    test('a probe that fails opens it for twice as long, however many wait', async () => {
      const w = world();
      await open(w, sdk);
      w.provider.always({ status: 500 });
      for (const waitMs of [1_000, 2_000, 4_000]) {
        expect(readiness(w, sdk)).toMatchObject({ forMs: waitMs });
        await w.clock.advance(waitMs);
        expect(readiness(w, sdk)).toEqual({ ok: true });
        await Promise.all(Array.from({ length: 5 }, () => rejection(sdk.create(w.llm, noRepeats, 'm'))));
      }
      expect(w.provider.requests).toHaveLength(4 + 3);
    });

    test('a provider’s own wait is kept to', async () => {
      const w = world();
      await open(w, sdk, { status: 503, headers: { 'retry-after': '20' } });
      expect(readiness(w, sdk)).toMatchObject({ forMs: 20_000 });
    });

    test('an answer that is no fault of the target is success', async () => {
      const w = world();
      await open(w, sdk);
      await w.clock.advance(1_000);
      w.provider.always({ status: 400 });
      await rejection(sdk.create(w.llm, {}, 'm'));
      expect(stateOf(w)).toBe('closed');
    });

    test.each(['before the answer', 'before the content'])(
      'a probe that its caller aborts %s decides nothing, and the next may go',
      async (when) => {
        const w = world();
        await open(w, sdk);
        await w.clock.advance(1_000);
        w.provider.next(
          when === 'before the answer' ? { hang: true } : { text: ['a '], firstEventDelayMs: 10_000 },
        );
        const controller = new AbortController();
        const failed = rejection(sdk.stream(w.llm, { signal: controller.signal }, 'm'));
        await w.clock.advance(100);
        expect(readiness(w, sdk)?.ok).toBe(false);
        controller.abort();
        expect(await failed).toBeInstanceOf(sdk.APIUserAbortError);
        await w.clock.advance(0);
        expect([stateOf(w), readiness(w, sdk)]).toEqual(['half-open', { ok: true }]);
        await sdk.create(w.llm, {}, 'm');
        expect(stateOf(w)).toBe('closed');
        await settledOnce(w, 6);
        expect(w.errors).toEqual([]);
      },
    );

    test('a stream is success at its first content, and what comes after that counts like any other call', async () => {
      const w = world();
      await open(w, sdk);
      await w.clock.advance(1_000);
      w.provider.next({ text: ['a ', 'b ', 'c '], cutAfterEvents: 4 });
      const stream = await sdk.stream(w.llm, {}, 'm');
      expect(w.health.status().targets[0]).toMatchObject({ state: 'closed', calls: 0 });
      await rejection(readAll(stream));
      expect(w.health.status().targets[0]).toMatchObject({ state: 'closed', calls: 1, failureRatio: 1 });
    });

    test('a stream that fails before its content is a probe that failed, also when nobody reads on', async () => {
      const w = world();
      await open(w, sdk);
      await w.clock.advance(1_000);
      w.provider.next({ text: ['x '], inBandError: { afterEvents: sdk.name === 'openai' ? 0 : 1 } });
      void (await sdk.stream(w.llm, { maxRetries: 0 }, 'm').catch(() => {}));
      expect(stateOf(w)).toBe('open');
      expect(readiness(w, sdk)).toMatchObject({ forMs: 2_000 });
    });

    test('a probe that never comes back is waited for no longer than a minute', async () => {
      const w = world({ maxCooldownMs: 5_000 });
      await open(w, sdk);
      await w.clock.advance(1_000);
      w.provider.next({ hang: true });
      const lost = rejection(sdk.create(w.llm, noRepeats, 'm'));
      await w.clock.advance(59_999);
      await rejection(sdk.create(w.llm, {}, 'm'));
      await w.clock.advance(1);
      await sdk.create(w.llm, {}, 'm');
      expect(stateOf(w)).toBe('closed');
      await w.clock.runAll();
      await lost;
      expect(stateOf(w)).toBe('closed');
    });
  });

  describe('together with `retry()`', () => {
    test('a repeat that an opened circuit refuses leaves the provider’s own error', async () => {
      const w = world({ minCalls: 2 }, { interceptors: [retry({ maxAttempts: 5 })] });
      w.provider.always({ status: 500, error: { message: 'GPUs melt' } });
      const error = await rejection(sdk.create(w.llm, {}, 'm'));
      expect(error).toBeInstanceOf(sdk.InternalServerError);
      expect(String(error)).toContain('GPUs melt');
      expect(ManagedLLMError.from(error)).toMatchObject({
        code: 'all-attempts-failed',
        details: { stopped: 'circuit-open', failures: [{ status: 500 }, { status: 500 }] },
      });
      expect(w.provider.requests).toHaveLength(2);
      await settledOnce(w);
      expect(w.errors).toEqual([]);
    });

    test('a call that comes to an open circuit is not repeated, but refused at once', async () => {
      const w = world({}, { interceptors: [retry()] });
      await open(w, sdk);
      const failed = rejection(sdk.create(w.llm, {}, 'm'));
      expect(ManagedLLMError.from(await failed)?.code).toBe('circuit-open');
      expect(w.provider.requests).toHaveLength(4);
    });
  });

  describe('the kill switch', () => {
    test.each([
      ['a provider', { provider: sdk.name }],
      ['a model', { model: 'm' }],
      ['a target', { provider: sdk.name, model: 'm' }],
    ] as const)('switches %s off at once, and on again', async (_what, scope) => {
      const w = world();
      w.health.kill({ ...scope, reason: 'answers in riddles' });
      expect(readiness(w, sdk)).toEqual({ ok: false, reason: 'switched off by hand: answers in riddles' });
      const error = await rejection(sdk.create(w.llm, {}, 'm'));
      expect(error).toBeInstanceOf(sdk.InternalServerError);
      expect(ManagedLLMError.from(error)).toMatchObject({
        code: 'target-disabled',
        status: 503,
        details: { reason: 'answers in riddles' },
      });
      expect(w.provider.requests).toHaveLength(0);
      expect(w.health.status().kills).toEqual([{ ...scope, reason: 'answers in riddles' }]);
      expect(w.health.revive(scope)).toBe(true);
      expect(w.health.revive(scope)).toBe(false);
      await sdk.create(w.llm, {}, 'm');
      expect(w.changes.map(({ kind }) => kind)).toEqual(['killed', 'revived']);
      await settledOnce(w, 2);
    });

    test('leaves what it does not cover', async () => {
      const w = world();
      w.health.kill({ provider: 'backup' });
      w.health.kill({ provider: sdk.name, model: 'other' });
      w.health.kill({ model: 'third' });
      await sdk.create(w.llm, {}, 'm');
      expect(w.provider.requests).toHaveLength(1);
    });

    test('routes go elsewhere', async () => {
      const w = world({}, { routes: { smart: fallback(`${sdk.name}/m`, 'backup/b') } });
      w.health.kill({ model: 'm' });
      await sdk.create(w.llm, {}, 'smart');
      expect(w.provider.requests.map(({ model }) => model)).toEqual(['b']);
    });

    test('holds for a target that is probing: what is out comes back, nothing more goes', async () => {
      const w = world();
      await open(w, sdk);
      await w.clock.advance(1_000);
      w.provider.always({ latencyMs: 100 });
      const probe = sdk.create(w.llm, {}, 'm');
      await w.clock.advance(50);
      w.health.kill({ provider: sdk.name, model: 'm' });
      await w.clock.advance(50);
      await probe;
      expect(w.health.status().targets[0]).toMatchObject({ state: 'closed', killed: { model: 'm' } });
      const error = await rejection(sdk.create(w.llm, {}, 'm'));
      expect(ManagedLLMError.from(error)?.code).toBe('target-disabled');
    });

    test('stops the repeats of a call that is under way', async () => {
      const w = world({}, { interceptors: [retry()], random: () => 0.5 });
      w.provider.always({ status: 500 });
      const failed = rejection(sdk.create(w.llm, {}, 'm'));
      await w.clock.advance(0);
      w.health.kill({ model: 'm' });
      await w.clock.runAll();
      expect(await failed).toBeInstanceOf(sdk.InternalServerError);
      expect(ManagedLLMError.from(await failed)?.details['stopped']).toBe('target-disabled');
      expect(w.provider.requests).toHaveLength(1);
    });
  });

  test('in shadow it decides and tells, and lets every call through', async () => {
    const w = world({ shadow: true });
    await open(w, sdk);
    expect(readiness(w, sdk)).toEqual({ ok: true });
    w.receipts.length = 0;
    w.settlements.length = 0;
    await sdk.create(w.llm, {}, 'm');
    expect((await theOnlyCall(w)).receipt.facts).toMatchObject({
      shadow: [{ interceptor: 'breaker', decision: 'circuit-open', details: { target: `${sdk.name}/m` } }],
    });
    await w.clock.advance(1_000);
    await readAll(await sdk.stream(w.llm, {}, 'm'));
    expect(w.receipts.at(-1)?.facts).not.toHaveProperty('shadow');
    expect(w.changes.map((change) => 'shadow' in change && [change.to, change.shadow])).toEqual([
      ['open', true],
      ['half-open', true],
      ['closed', true],
    ]);
    w.health.kill({ model: 'm' });
    expect(ManagedLLMError.from(await rejection(sdk.create(w.llm, {}, 'm')))?.code).toBe('target-disabled');
  });
});

test('one that lost a race is judged only if it had been slow by then', async () => {
  for (const [slowCallMs, calls] of [
    [200, 2],
    [1_000, 1],
  ] as const) {
    const racing: Interceptor = {
      name: 'racing',
      stage: 'retry',
      async intercept(call, next) {
        const controller = new AbortController();
        const loser = next(call.with({ signal: controller.signal }));
        const winner = await next(call);
        controller.abort();
        void loser.then((reply) => reply.discard());
        return winner;
      },
    };
    const w = world({ slowCallMs }, { interceptors: [racing] });
    w.provider.next({ text: 'late', latencyMs: 5_000 }, { text: 'won', latencyMs: 300 });
    const reply = openai.create(w.llm, {}, 'm');
    await w.clock.advance(300);
    await reply;
    await settledOnce(w);
    expect(w.receipts[0]?.attempts[0]?.outcome).toBe('discarded');
    expect(w.health.status().targets[0]?.calls).toBe(calls);
  }
});

test('a probe that loses a race decides nothing, and its place is free again', async () => {
  const w = world({}, { routes: { fast: hedge('openai/m', 'backup/b', { afterMs: 100, maxExtra: 1 }) } });
  await open(w, openai);
  await w.clock.advance(1_000);
  w.provider.when({ model: 'm' }, { latencyMs: 10_000 }, { times: 1 }).when({ model: 'b' }, { text: 'won' });
  const reply = openai.create(w.llm, {}, 'fast');
  await w.clock.advance(50);
  expect(readiness(w, openai)?.ok).toBe(false);
  await w.clock.advance(50);
  expect(openai.text(await reply)).toBe('won');
  await w.clock.advance(0);
  expect([stateOf(w), readiness(w, openai)]).toEqual(['half-open', { ok: true }]);
  await openai.create(w.llm, {}, 'm');
  expect(stateOf(w)).toBe('closed');
  await settledOnce(w, 6);
  expect(w.errors).toEqual([]);
});

test('a race of two probes of two targets: the winner’s circuit closes, the loser’s waits for another', async () => {
  const w = world({}, { routes: { fast: hedge('openai/m', 'backup/m', { afterMs: 100, maxExtra: 1 }) } });
  await open(w, openai);
  w.provider.next(...Array.from({ length: 4 }, () => ({ status: 500 })));
  for (let call = 0; call < 4; call++)
    await rejection(w.llm.clients.backup.chat.completions.create({ model: 'm', messages: [] }, noRepeats));
  await w.clock.advance(1_000);
  w.provider.next({ text: ['late '], latencyMs: 10_000 }, { text: ['won '], latencyMs: 10 });
  const events = openai.stream(w.llm, {}, 'fast').then(readAll);
  await w.clock.advance(200);
  expect(JSON.stringify(await events)).toContain('won');
  await w.clock.advance(0);
  expect([stateOf(w, 0), stateOf(w, 1)]).toEqual(['half-open', 'closed']);
  await settledOnce(w, 9);
});

test('a listener that throws or rejects is reported, and hurts no call', async () => {
  for (const onChange of [
    () => {
      throw new Error('broken');
    },
    () => Promise.reject(new Error('broken')),
  ]) {
    const w = world({ onChange: onChange as () => void });
    await open(w, openai);
    expect(w.errors.map(({ message }) => message)).toEqual([
      'A fault in `onChange` of `breaker` was caught.',
    ]);
  }
});

test('a listener may look, and throw switches, while it is told', async () => {
  const seen: unknown[] = [];
  const health = breaker({
    ...fewCalls,
    onChange(change) {
      if (change.kind !== 'circuit') return;
      seen.push(health.status().targets[0]?.state);
      health.kill({ provider: 'openai', model: 'm', reason: 'for good' });
    },
  });
  const w = { ...governed({ interceptors: [health] }), health, changes: [] };
  await open(w, openai);
  expect(seen).toEqual(['open']);
  expect(ManagedLLMError.from(await rejection(openai.create(w.llm, {}, 'm')))?.code).toBe('target-disabled');
});

test.each([0, 4])('a stream that is dropped unread is collected, after %i failures', async (failures) => {
  const w = world({}, { interceptors: [retry()], unreadStreamMs: false });
  if (failures > 0) await open(w, openai);
  await w.clock.advance(1_000);
  const before = w.receipts.length;
  w.provider.next({ text: ['a ', 'b '] });
  const drop = async () => {
    await openai.stream(w.llm, {}, 'm');
  };
  await drop();
  for (let round = 0; round < 200 && w.receipts.length === before; round += 1) {
    globalThis.gc?.();
    await turn();
  }
  expect(w.receipts.at(-1)).toMatchObject({ outcome: 'abandoned', stream: true });
  expect(stateOf(w)).toBe('closed');
});

test('models that come from users push out no target that is open', async () => {
  const w = world();
  await open(w, openai);
  for (let model = 0; model < 2_500; model++) await openai.create(w.llm, {}, `made-up-${model}`);
  expect(w.health.status().targets).toHaveLength(1_000);
  expect(readiness(w, openai)).toMatchObject({ ok: false, reason: 'circuit is open' });
});

test('the name of a pool stands for all its members, each of which has a circuit of its own', async () => {
  const provider = standIn();
  const client = (apiKey: string) => new OpenAI({ apiKey, fetch: provider.fetch });
  const health = breaker();
  const llm = new ManagedLLM({
    providers: { openai: pool(client('a'), client('b')) },
    interceptors: [health],
  });
  const ask = () => llm.clients.openai.chat.completions.create({ model: 'm', messages: [] }, noRepeats);
  await ask();
  await ask();
  expect(
    health
      .status()
      .targets.map(({ target }) => target)
      .toSorted(),
  ).toEqual(['openai#1/m', 'openai#2/m']);
  health.kill({ provider: 'openai#1' });
  await ask();
  health.kill({ provider: 'openai' });
  expect(ManagedLLMError.from(await rejection(ask()))).toBeDefined();
  expect(provider.requests).toHaveLength(3);
  expect(provider.requests.at(-1)?.headers['authorization']).toBe('Bearer b');
  health.revive({ provider: 'openai' });
  await ask();
});

test('a provider that there is not cannot be killed', () => {
  expect(() => world().health.kill({ provider: 'opneai' })).toThrow('Did you mean `openai`?');
});

test.each([
  [{ failureRatio: 0 }, '`breaker.failureRatio` must be more than 0.'],
  [{ failureRatio: 1.1 }, '`breaker.failureRatio` must be at most 1.'],
  [{ maxCooldownMs: 5_000 }, '`breaker.maxCooldownMs` is 5000, less than `cooldownMs` (10000).'],
  [{ slowCallRatio: 0.5 }, '`breaker.slowCallRatio` says nothing without `slowCallMs`: give both.'],
  [{ minCall: 3 }, '`breaker` has no option `minCall`. Did you mean `minCalls`?'],
])('refuses the options %j', (options, message) => {
  expect(() => breaker(options as never)).toThrow(
    expect.objectContaining({ code: 'invalid-options', message }) as Error,
  );
});

test.each([
  [{}, '`kill` names nothing: give `provider`, `model` or both.'],
  [{ modle: 'x' }, '`kill` has no option `modle`. Did you mean `model`?'],
])('refuses to kill %j', (scope, message) => {
  expect(() => breaker().kill(scope as never)).toThrow(
    expect.objectContaining({ code: 'invalid-options', message }) as Error,
  );
});

describeInterceptorContract(
  { test },
  { name: 'breaker', make: () => breaker(), badOptions: [() => breaker({ minCalls: 0 })] },
);
