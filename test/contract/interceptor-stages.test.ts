import {
  fallback,
  type Call,
  type Facts,
  type Host,
  type Interceptor,
  type Next,
  type Reply,
  type Stage,
} from 'managed-llm';
import { describe, expect, test } from 'vitest';

import {
  anthropic,
  governed,
  openai,
  readAll,
  rejection,
  sdks,
  settledOnce,
  theOnlyCall,
} from '../integration/governed.ts';

declare module 'managed-llm' {
  interface Facts {
    readonly testArm: string;
    readonly testTries: number;
  }
}

const callStages: readonly Stage[] = ['observe', 'admit', 'shape', 'guard', 'reuse'];
const attemptStages: readonly Stage[] = ['retry', 'health', 'spend', 'pace', 'send'];

const at = (
  stage: Stage,
  name: string,
  intercept: (call: Call, next: Next) => Promise<Reply>,
  more: Partial<Interceptor> = {},
): Interceptor => ({ name, stage, intercept, ...more });

const noting = (log: string[], stage: Stage, name: string = stage): Interceptor =>
  at(stage, name, async (call, next) => {
    log.push(`> ${name}`);
    const reply = await next(call);
    log.push(`< ${name}`);
    return reply;
  });

describe('where an interceptor stands', () => {
  test.each(sdks)('follows from its stage alone, whatever the order of the list ($name)', async (sdk) => {
    const log: string[] = [];
    const shuffled: readonly Stage[] = [
      'send',
      'guard',
      'pace',
      'observe',
      'retry',
      'reuse',
      'health',
      'admit',
      'spend',
      'shape',
    ];
    const world = governed({ interceptors: shuffled.map((stage) => noting(log, stage)) });
    await sdk.create(world.llm);
    const order = [...callStages, ...attemptStages];
    expect(log).toEqual([
      ...order.map((stage) => `> ${stage}`),
      ...order.toReversed().map((stage) => `< ${stage}`),
    ]);
  });

  test('follows the list only within a stage, and lists may be nested', async () => {
    const log: string[] = [];
    const world = governed({
      interceptors: [
        noting(log, 'guard', 'g'),
        [noting(log, 'shape', 'b'), noting(log, 'shape', 'a')],
        noting(log, 'shape', 'c'),
      ],
    });
    await openai.create(world.llm);
    expect(log.filter((line) => line.startsWith('>'))).toEqual(['> b', '> a', '> c', '> g']);
  });

  test('call stages run once a call, attempt stages once an attempt, `retry` once a target', async () => {
    const log: string[] = [];
    const world = governed({
      routes: { smart: fallback('openai/first', 'backup/second') },
      interceptors: [...callStages, ...attemptStages]
        .filter((stage) => stage !== 'retry')
        .map((stage) => noting(log, stage)),
    });
    world.provider
      .when({ model: 'first' }, { status: 500 })
      .when({ model: 'second' }, { status: 500 }, { times: 1 });
    const reply = openai.create(world.llm, {}, 'smart');
    await world.clock.runAll();
    await reply;
    const times = (stage: Stage) => log.filter((line) => line === `> ${stage}`).length;
    expect(callStages.map(times)).toEqual([1, 1, 1, 1, 1]);
    expect(attemptStages.slice(1).map(times)).toEqual([3, 3, 3, 3]);
  });

  test('streams: what inner interceptors register runs first', async () => {
    const mark = (stage: Stage, sign: string): Interceptor =>
      at(stage, sign, async (call, next) => {
        const reply = await next(call);
        reply.events?.mapText(() => ({ push: (text) => `${text}${sign}`, end: () => '' }));
        return reply;
      });
    const world = governed({ interceptors: [mark('shape', 'S'), mark('send', 's'), mark('guard', 'G')] });
    world.provider.next({ text: ['one'] });
    const chunks = await readAll(
      await world.llm.clients.openai.chat.completions.create({ model: 'gpt', messages: [], stream: true }),
    );
    const text = (chunks as { choices: { delta: { content?: string } }[] }[])
      .map((chunk) => chunk.choices[0]?.delta.content ?? '')
      .join('');
    expect(text).toBe('onesGS');
  });

  test('several at one stage see streams in the same order as plain replies', async () => {
    const mark = (sign: string): Interceptor =>
      at('shape', sign, async (call, next) => {
        const reply = await next(call);
        if (reply.events !== undefined) {
          reply.events.mapText(() => ({ push: (text) => `${text}${sign}`, end: () => '' }));
          return reply;
        }
        const json = call.dialect.reply.mapTexts(await reply.json(), (text) => `${text}${sign}`);
        return reply.with({ json });
      });
    const world = governed({ interceptors: [mark('1'), mark('2')] });
    world.provider.always({ text: 'x' });
    expect(openai.text(await openai.create(world.llm))).toBe('x21');
    const events = JSON.stringify(await readAll(await openai.stream(world.llm)));
    expect(events).toContain('"x21"');
  });
});

describe('`on`', () => {
  test('passes by calls of other operations', async () => {
    const seen: string[] = [];
    const world = governed({
      interceptors: [
        at('shape', 'chat-only', (call, next) => (seen.push(`chat ${call.operation}`), next(call)), {
          on: ['chat'],
        }),
        at('spend', 'embed-only', (call, next) => (seen.push(`embed ${call.operation}`), next(call)), {
          on: ['embed'],
        }),
        at('guard', 'all', (call, next) => (seen.push(`all ${call.operation}`), next(call))),
      ],
    });
    const { openai: client } = world.llm.clients;
    await client.chat.completions.create({ model: 'gpt', messages: [{ role: 'user', content: 'x' }] });
    await client.embeddings.create({ model: 'embedder', input: 'x' });
    await client.models.list();
    expect(seen).toEqual(['chat chat', 'all chat', 'all embed', 'embed embed', 'all passthrough']);
    const receipts = await settledOnce(world, 3);
    expect(receipts.map(({ operation }) => operation)).toEqual(['chat', 'embed', 'passthrough']);
  });
});

describe('the call', () => {
  test('is frozen, and `with` makes a changed copy that shares id and run', async () => {
    const kept: Call[] = [];
    const world = governed({
      interceptors: [
        at('shape', 'changes', (call, next) => {
          kept.push(call);
          const body = call.dialect.request.withInstruction(call.body, 'Answer briefly.');
          return next(call.with({ body, settings: { ...call.settings, tags: { arm: 'b' } } }));
        }),
        at('guard', 'sees', (call, next) => {
          kept.push(call);
          return next(call);
        }),
      ],
    });
    await openai.create(world.llm.with({ user: 'alice' }));
    const [before, after] = kept;
    if (before === undefined || after === undefined) throw new Error('not called');
    expect(Object.isFrozen(before) && Object.isFrozen(after)).toBe(true);
    expect(() => Object.assign(before, { model: 'x' })).toThrow(TypeError);
    expect([before.bodyChanged, after.bodyChanged]).toEqual([false, true]);
    expect(before.settings).toEqual({ user: 'alice' });
    expect(after.settings).toEqual({ user: 'alice', tags: { arm: 'b' } });
    expect(after.id).toBe(before.id);
    expect(after.run).toBe(before.run);
    expect(before.with({ body: before.body }).bodyChanged).toBe(false);
    expect(before.fingerprint()).toBeTypeOf('string');
    expect(before.with({ attempt: 2 }).fingerprint()).toBe(before.fingerprint());
    expect(before.with({ body: after.body }).fingerprint()).not.toBe(before.fingerprint());
    expect(before.with({ body: after.body }).fingerprint()).toBe(after.fingerprint());
    expect(JSON.stringify(before.body)).not.toContain('briefly');
    expect(world.provider.requests[0]?.bodyText).toContain('Answer briefly.');
  });

  test.each(sdks)('carries what was asked, in the words of the caller ($name)', async (sdk) => {
    let seen: Call | undefined;
    const world = governed({
      interceptors: [at('shape', 'sees', (call, next) => ((seen = call), next(call)))],
    });
    const controller = new AbortController();
    await sdk.create(world.llm, {
      signal: controller.signal,
      timeout: 5_000,
      maxRetries: 7,
      headers: { 'X-Own': 'yes', 'x-managed-llm-user': 'mallory', authorization: 'Bearer mine' },
    });
    expect(seen).toMatchObject({
      operation: 'chat',
      provider: sdk.name,
      target: undefined,
      attempt: 0,
      stream: false,
      attemptTimeoutMs: 5_000,
      deadlineAt: Infinity,
      retries: { max: 7, explicit: true },
      peek: false,
      settings: {},
    });
    expect(seen?.callerSignal).toBe(controller.signal);
    expect(seen?.signal).not.toBe(controller.signal);
    expect([...(seen?.headers ?? [])]).toEqual([['x-own', 'yes']]);
    expect(world.provider.requests[0]?.headers['x-managed-llm-user']).toBeUndefined();
    expect(world.provider.requests[0]?.headers['x-own']).toBe('yes');
  });

  test('has its target in every attempt interceptor, and the number of the try at it', async () => {
    const tries: unknown[] = [];
    const world = governed({
      routes: { smart: fallback('openai/first', 'backup/second') },
      interceptors: [
        at('send', 'sees', (call, next) => {
          tries.push([call.target?.provider, call.target?.model, call.attempt, call.peek]);
          return next(call);
        }),
      ],
    });
    world.provider
      .when({ model: 'first' }, { status: 503 })
      .when({ model: 'second' }, { status: 503 }, { times: 2 });
    const reply = openai.create(world.llm, {}, 'smart');
    await world.clock.runAll();
    await reply;
    expect(tries).toEqual([
      ['openai', 'first', 1, true],
      ['backup', 'second', 1, false],
      ['backup', 'second', 2, false],
      ['backup', 'second', 3, false],
    ]);
    expect(
      (await theOnlyCall(world)).receipt.attempts.map(({ attemptId }) => attemptId.split('.')[1]),
    ).toEqual(['1', '2', '3', '4']);
  });

  test('can be sent with other headers', async () => {
    const world = governed({
      interceptors: [
        at('send', 'headers', (call, next) =>
          next(
            call.with({
              headers: new Map(
                [...call.headers].filter(([name]) => name !== 'x-drop').concat([['x-added', '1']]),
              ),
            }),
          ),
        ),
      ],
    });
    await openai.create(world.llm, { headers: { 'x-drop': 'a', 'x-keep': 'b' } });
    await anthropic.create(world.llm, { headers: { 'x-drop': 'a', 'x-keep': 'b' } });
    for (const { headers } of world.provider.requests) {
      expect([headers['x-drop'], headers['x-keep'], headers['x-added']]).toEqual([undefined, 'b', '1']);
      expect(headers['authorization']).toMatch(/^Bearer test/);
    }
  });
});

describe('the run', () => {
  test('carries notes to outer layers, settlements, receipts and the other copies of the call', async () => {
    let outer: Readonly<Partial<Facts>> | undefined;
    const world = governed({
      interceptors: [
        at('admit', 'outer', async (call, next) => {
          const reply = await next(call);
          outer = { ...call.run.facts };
          return reply;
        }),
        at('shape', 'inner', (call, next) => {
          call.run.note('testArm', 'b');
          return next(call.with({}));
        }),
        at('send', 'innermost', (call, next) => {
          call.run.note('testTries', (call.run.facts.testTries ?? 0) + 1);
          return next(call);
        }),
      ],
    });
    await readAll(await openai.stream(world.llm));
    const { receipt, settlement } = await theOnlyCall(world);
    expect(outer).toEqual({ testArm: 'b', testTries: 1 });
    expect(receipt.facts).toEqual(outer);
    expect(settlement.facts).toEqual(outer);
  });

  test('knows the attempts as they are made', async () => {
    const counts: unknown[] = [];
    const world = governed({
      interceptors: [
        at('send', 'counts', async (call, next) => {
          counts.push(call.run.attempts.length);
          const reply = await next(call);
          counts.push(call.run.attempts.map(({ settlement }) => settlement?.outcome));
          return reply;
        }),
      ],
    });
    await readAll(await openai.stream(world.llm));
    await openai.create(world.llm);
    expect(counts).toEqual([0, [undefined], 0, ['finished']]);
  });
});

describe('an attempt settlement and a call settlement', () => {
  test('attempt interceptors are told the attempt, outer ones the sum of all attempts', async () => {
    const told: unknown[] = [];
    const world = governed({
      interceptors: [
        at('spend', 'attempt', async (call, next) => {
          const reply = await next(call);
          reply.onSettled(({ outcome, attempts, billed }) =>
            told.push(['attempt', outcome, attempts.length, billed.length]),
          );
          return reply;
        }),
        at('reuse', 'call', async (call, next) => {
          const reply = await next(call);
          reply.onSettled(({ outcome, attempts, billed }) =>
            told.push(['call', outcome, attempts.length, billed.length]),
          );
          return reply;
        }),
      ],
    });
    world.provider.next({ status: 500 });
    const reply = openai.create(world.llm);
    await world.clock.runAll();
    await reply;
    expect(told).toEqual([
      ['attempt', 'failed', 0, 0],
      ['attempt', 'finished', 0, 1],
      ['call', 'finished', 2, 1],
    ]);
  });

  test('a listener that comes late is told at once', async () => {
    let reply: Reply | undefined;
    const world = governed({
      interceptors: [at('shape', 'keeps', async (call, next) => (reply = await next(call)))],
    });
    await openai.create(world.llm);
    let outcome: string | undefined;
    reply?.onSettled((settlement) => (outcome = settlement.outcome));
    expect(outcome).toBe('finished');
    await expect(reply?.settled).resolves.toMatchObject({ outcome: 'finished' });
  });
});

describe('calls that an interceptor makes itself', () => {
  const verifier = (asked: { reply?: Reply }): Interceptor => {
    let host: Host | undefined;
    return at(
      'guard',
      'verifier',
      async (call, next) => {
        if (host === undefined) return next(call);
        const reply = await next(call);
        asked.reply = await host.call(call, {
          dialect: host.dialects['openai-chat'],
          model: 'openai/judge',
          body: { model: 'judge', messages: [{ role: 'user', content: 'ok?' }] },
        });
        return reply;
      },
      { attach: (attached) => void (host = attached) },
    );
  };

  test('are calls of their own with the same caller, told apart by `parentId`', async () => {
    const asked: { reply?: Reply } = {};
    const world = governed({ interceptors: [verifier(asked)] });
    await anthropic.create(world.llm.with({ user: 'alice', tenant: 'acme' }));
    const receipts = await settledOnce(world, 2);
    const nested = receipts.find(({ model }) => model === 'openai/judge');
    const outer = receipts.find(({ model }) => model === 'claude');
    expect(outer).toMatchObject({ parentId: undefined, outcome: 'finished', provider: 'anthropic' });
    expect(nested).toMatchObject({
      parentId: outer?.callId,
      outcome: 'finished',
      caller: { user: 'alice', tenant: 'acme' },
      dialect: 'openai-chat',
      target: { provider: 'openai', model: 'judge' },
    });
    expect(await asked.reply?.json()).toMatchObject({ object: 'chat.completion' });
  });

  test('are counted by `track`', async () => {
    const world = governed({ interceptors: [verifier({})] });
    const tracked = world.llm.track(() => anthropic.create(world.llm));
    expect((await tracked.settled).receipts).toHaveLength(2);
  });

  test('end with the call that asked for them', async () => {
    const world = governed({ interceptors: [verifier({})] });
    world.provider.when({ model: 'judge' }, { hang: true });
    const controller = new AbortController();
    const failed = rejection(anthropic.create(world.llm, { signal: controller.signal }));
    await world.clock.advance(1);
    controller.abort();
    expect(await failed).toBeInstanceOf(anthropic.APIUserAbortError);
    await world.llm.idle();
    expect(world.receipts.map(({ outcome }) => outcome)).toEqual(['aborted', 'aborted']);
    expect(world.provider.requests.map(({ outcome }) => outcome)).toEqual(['finished', 'cancelled']);
    expect(world.errors).toEqual([]);
  });

  test('do not come back to the interceptor that asks, but to all others', async () => {
    const seen: string[] = [];
    const world = governed({
      interceptors: [
        verifier({}),
        at('guard', 'other', (call, next) => {
          seen.push(call.model);
          return next(call);
        }),
      ],
    });
    await anthropic.create(world.llm);
    expect(seen).toEqual(['claude', 'openai/judge']);
    expect(world.receipts).toHaveLength(2);
  });

  test('have what is left of the deadline of the call that asked', async () => {
    const world = governed({ interceptors: [verifier({})] });
    world.provider.when({ model: 'judge' }, { hang: true });
    const failed = rejection(anthropic.create(world.llm.with({ deadlineMs: 100 })));
    await world.clock.advance(100);
    await failed;
    await world.llm.idle();
    expect(world.receipts.map(({ outcome }) => outcome)).toEqual(['timed-out', 'timed-out']);
  });

  test('to a model that leads nowhere fail as a value', async () => {
    const kinds: unknown[] = [];
    let host: Host | undefined;
    const world = governed({
      interceptors: [
        at(
          'guard',
          'lost',
          async (call, next) => {
            const dialect = call.dialect;
            const reply = await host?.call(call, { dialect, model: 'nowhere', body: call.body });
            kinds.push(reply?.error?.managed?.code);
            return next(call);
          },
          { attach: (attached) => void (host = attached) },
        ),
      ],
    });
    await openai.create(world.llm);
    expect(kinds).toEqual(['unknown-target']);
  });
});
