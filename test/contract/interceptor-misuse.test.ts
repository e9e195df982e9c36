import { setImmediate as turn } from 'node:timers/promises';
import { ManagedLLM, ManagedLLMError, type Call, type Interceptor, type Next, type Reply } from 'managed-llm';
import { standIn } from 'managed-llm/testing';
import { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';

import {
  governed,
  openai,
  readAll,
  rejection,
  sdks,
  settledOnce,
  type Governed,
} from '../integration/governed.ts';

const bad = (intercept: (call: Call, next: Next) => unknown): Interceptor => ({
  name: 'bad',
  stage: 'shape',
  intercept: intercept as Interceptor['intercept'],
});

/** A misuse is told once, in these words, and the next call is as if nothing had been. */
async function toldPlainly(world: Governed, message: RegExp, calls = 1): Promise<void> {
  await settledOnce(world, calls);
  expect(world.errors.map((error) => error.code)).toContain('interceptor-fault');
  expect(world.errors.map((error) => error.message).join('\n')).toMatch(message);
}

describe('what an interceptor does wrong is told plainly and harms no other call', () => {
  test.each(sdks)('a stream that is neither returned nor discarded ($name)', async (sdk) => {
    const world = governed({
      interceptors: [
        bad(async (call, next) => {
          await next(call);
          return next(call);
        }),
      ],
    });
    await readAll(await sdk.stream(world.llm));
    await toldPlainly(world, /The reply of attempt \S+\.1 was neither returned nor discarded/);
    expect(world.errors).toHaveLength(1);
    expect(world.receipts[0]?.outcome).toBe('finished');
    expect(world.receipts[0]?.attempts.map(({ outcome }) => outcome)).toEqual(['discarded', 'finished']);
  });

  test('a discarded reply is no misuse', async () => {
    const world = governed({
      interceptors: [
        bad(async (call, next) => {
          (await next(call)).discard();
          return next(call);
        }),
      ],
    });
    await readAll(await openai.stream(world.llm));
    const [receipt] = await settledOnce(world);
    expect(receipt?.attempts.map(({ outcome }) => outcome)).toEqual(['discarded', 'finished']);
    expect(world.errors).toEqual([]);
  });

  test.each(sdks)('a stream that the interceptor read itself ($name)', async (sdk) => {
    const world = governed({
      interceptors: [
        bad(async (call, next) => {
          const reply = await next(call);
          while ((await reply.events?.read())?.done === false);
          return reply;
        }),
      ],
    });
    const error = await rejection(sdk.stream(world.llm, { maxRetries: 0 }));
    expect(error).toBeInstanceOf(sdk.InternalServerError);
    expect(ManagedLLMError.from(error)).toMatchObject({ code: 'interceptor-fault' });
    await toldPlainly(world, /`bad` returned a stream that it had read: observe or transform it instead/);
  });

  test('a stream that the interceptor only peeked at is fine, and complete', async () => {
    const world = governed({
      interceptors: [
        bad(async (call, next) => {
          const reply = await next(call);
          await reply.events?.first();
          return reply;
        }),
      ],
    });
    const bare = governed();
    expect(await readAll(await openai.stream(world.llm))).toEqual(
      await readAll(await openai.stream(bare.llm)),
    );
    expect(world.errors).toEqual([]);
  });

  test('`next` after the call has settled sends nothing', async () => {
    let late: (() => Promise<Reply>) | undefined;
    const world = governed({
      interceptors: [
        bad((call, next) => {
          late = () => next(call);
          return next(call);
        }),
      ],
    });
    await openai.create(world.llm);
    await world.llm.idle();
    const reply = await late?.();
    expect(reply?.error?.kind).toBe('aborted');
    await toldPlainly(world, /`bad` called `next` after the call had settled/);
    expect(world.provider.requests).toHaveLength(1);
    expect(world.receipts).toHaveLength(1);
  });

  test.each([
    ['nothing', undefined],
    ['a plain object', { status: 200 }],
    ['a Response', new Response('{}')],
  ])('%s instead of a reply', async (_what, value) => {
    const world = governed({ interceptors: [bad(async () => value)] });
    const error = await rejection(openai.create(world.llm));
    expect(error).toBeInstanceOf(openai.InternalServerError);
    expect(ManagedLLMError.from(error)).toMatchObject({ code: 'interceptor-fault', status: 500 });
    await toldPlainly(world, /`bad` returned something that is not a reply/);
    expect(world.provider.requests).toHaveLength(0);
  });

  test('something that is no promise', async () => {
    const world = governed({ interceptors: [bad(() => undefined)] });
    expect(ManagedLLMError.from(await rejection(openai.create(world.llm)))).toMatchObject({
      code: 'interceptor-fault',
    });
    await toldPlainly(world, /`bad` returned something that is not a reply/);
  });

  test('a reply that it had discarded', async () => {
    const world = governed({
      interceptors: [
        bad(async (call, next) => {
          const reply = await next(call);
          reply.discard();
          return reply;
        }),
      ],
    });
    const error = await rejection(openai.stream(world.llm));
    expect(ManagedLLMError.from(error)).toMatchObject({ code: 'interceptor-fault' });
    await toldPlainly(world, /`bad` returned a reply that it had discarded/);
  });

  test.each(sdks)('a reply that it had kept from another call ($name)', async (sdk) => {
    let kept: Promise<Reply> | undefined;
    const world = governed({ interceptors: [bad((call, next) => (kept ??= next(call)))] });
    await sdk.create(world.llm);
    expect(ManagedLLMError.from(await rejection(sdk.create(world.llm)))).toMatchObject({
      code: 'interceptor-fault',
    });
    await toldPlainly(world, /`bad` returned the reply of another call/, 2);
    expect(world.receipts.map(({ outcome }) => outcome)).toEqual(['finished', 'failed']);
    expect(world.settlements.map(({ billed }) => billed.length)).toEqual([1, 0]);
  });

  test('a stream that another call is reading: that one goes on undisturbed', async () => {
    let kept: Promise<Reply> | undefined;
    const world = governed({ interceptors: [bad((call, next) => (kept ??= next(call)))] });
    world.provider.next({ text: ['a ', 'b ', 'c ', 'd '] });
    const mine = (await openai.stream(world.llm))[Symbol.asyncIterator]();
    await mine.next();
    await rejection(openai.stream(world.llm));
    let more = 0;
    while ((await mine.next()).done !== true) more += 1;
    expect(more).toBeGreaterThan(3);
    await world.llm.idle();
    expect(world.receipts.map(({ outcome }) => outcome).toSorted()).toEqual(['failed', 'finished']);
  });

  test('something that is no call, given to `next`', async () => {
    const world = governed({ interceptors: [bad((_call, next) => next({} as Call))] });
    const error = await rejection(openai.create(world.llm));
    expect(ManagedLLMError.from(error)?.cause).toMatchObject({
      message: '`bad` called `next` with something that is not a call.',
    });
    await toldPlainly(world, /because of a fault in interceptor `bad`/);
  });

  test('a stage added to a stream that is being read', async () => {
    let added: unknown;
    const world = governed({
      interceptors: [
        bad(async (call, next) => {
          const reply = await next(call);
          setImmediate(() => {
            try {
              reply.events?.observe(() => {});
            } catch (error) {
              added = error;
            }
          });
          return reply;
        }),
      ],
    });
    const stream = await openai.stream(world.llm);
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    await turn();
    expect(String(added)).toBe('TypeError: Stages are added before a stream is read, not after.');
    while ((await iterator.next()).done !== true);
    await settledOnce(world);
  });

  test('a fault fails its own call alone, however many run beside it', async () => {
    const world = governed({
      interceptors: [
        bad((call, next) => {
          if (call.model === 'unlucky') throw new Error('oops');
          return next(call);
        }),
      ],
    });
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        openai.create(world.llm, {}, index % 5 === 0 ? 'unlucky' : 'gpt'),
      ),
    );
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(4);
    const receipts = await settledOnce(world, 20);
    expect(receipts.filter(({ outcome }) => outcome === 'failed')).toHaveLength(4);
    expect(world.errors).toHaveLength(4);
  });
});

describe('interceptors that throw', () => {
  test.each(sdks)('fail the call with a 500 of the class that $name has for it', async (sdk) => {
    const cause = new Error('my own bug');
    const world = governed({
      interceptors: [
        bad(async () => {
          throw cause;
        }),
      ],
    });
    const error = await rejection(sdk.create(world.llm));
    expect(error).toBeInstanceOf(sdk.InternalServerError);
    expect(ManagedLLMError.from(error)).toMatchObject({
      code: 'interceptor-fault',
      message: 'The call failed because of a fault in interceptor `bad`.',
      cause,
      retryable: false,
      callId: world.receipts[0]?.callId,
    });
    expect(String(error)).not.toContain('my own bug');
    const [receipt] = await settledOnce(world);
    expect(receipt).toMatchObject({
      outcome: 'failed',
      origin: 'none',
      error: { kind: 'bug' },
      attempts: [],
    });
    expect(world.errors).toHaveLength(1);
    expect(world.provider.requests).toHaveLength(0);
  });

  test.each(sdks)(
    'may throw a ManagedLLMError to refuse, and nobody calls that a fault ($name)',
    async (sdk) => {
      const refusal = new ManagedLLMError({
        code: 'refused',
        message: 'Not on Sundays.',
        status: 429,
        retryAfterMs: 1_500,
        retryable: true,
      });
      const world = governed({
        interceptors: [
          bad(() => {
            throw refusal;
          }),
        ],
      });
      const error = await rejection(sdk.create(world.llm));
      expect(error).toBeInstanceOf(sdk.RateLimitError);
      expect(ManagedLLMError.from(error)).toBe(refusal);
      const { headers } = error as { headers: Headers };
      expect(headers.get('retry-after-ms')).toBe('1500');
      expect(headers.get('retry-after')).toBe('2');
      const [receipt] = await settledOnce(world);
      expect(receipt).toMatchObject({ outcome: 'refused', origin: 'none', error: { kind: 'refused' } });
      expect(world.errors).toEqual([]);
      expect(world.provider.requests).toHaveLength(0);
    },
  );

  test('are seen by outer interceptors as a reply with an error, never as a rejection', async () => {
    let seen: unknown;
    const world = governed({
      interceptors: [
        {
          name: 'outer',
          stage: 'admit',
          async intercept(call, next) {
            const reply = await next(call);
            seen = reply.error?.kind;
            return reply;
          },
        },
        bad(() => {
          throw new Error('inner');
        }),
      ],
    });
    await rejection(openai.create(world.llm));
    expect(seen).toBe('bug');
  });

  test('in an observer lose their view of the stream, and the stream goes on', async () => {
    let seen = 0;
    const world = governed({
      interceptors: [
        bad(async (call, next) => {
          const reply = await next(call);
          reply.events?.observe(() => {
            seen += 1;
            throw new Error('observer');
          });
          return reply;
        }),
      ],
    });
    expect((await readAll(await openai.stream(world.llm))).length).toBeGreaterThan(3);
    expect(seen).toBe(1);
    const [receipt] = await settledOnce(world);
    expect(receipt?.outcome).toBe('finished');
    expect(world.errors).toHaveLength(1);
  });

  test.each(sdks)(
    'in a transform fail the stream with an error that the reader notices ($name)',
    async (sdk) => {
      const world = governed({
        interceptors: [
          bad(async (call, next) => {
            const reply = await next(call);
            let events = 0;
            reply.events?.transform({
              event(event, emit) {
                if (++events === 3) throw new Error('transform');
                emit(event);
              },
            });
            return reply;
          }),
        ],
      });
      const error = await rejection(sdk.stream(world.llm).then(readAll));
      expect(ManagedLLMError.from(error)).toMatchObject({ code: 'interceptor-fault' });
      const [receipt] = await settledOnce(world);
      expect(receipt).toMatchObject({ outcome: 'failed', error: { kind: 'bug' } });
    },
  );

  test('in a settlement listener hurt neither the call nor the other listeners', async () => {
    const heard: string[] = [];
    const world = governed({
      interceptors: [
        bad(async (call, next) => {
          const reply = await next(call);
          reply.onSettled(() => {
            throw new Error('listener');
          });
          reply.onSettled(({ outcome }) => heard.push(outcome));
          return reply;
        }),
      ],
    });
    await openai.create(world.llm);
    await settledOnce(world);
    expect(heard).toEqual(['finished']);
    expect(world.errors).toMatchObject([{ code: 'interceptor-fault' }]);
  });
});

test('a settlement listener whose promise rejects is reported, and rejects nothing else', async () => {
  const world = governed({
    interceptors: [
      bad(async (call, next) => {
        const reply = await next(call);
        const listener = async () => {
          await Promise.resolve();
          throw new Error('late');
        };
        reply.onSettled(listener as () => void);
        return reply;
      }),
    ],
  });
  await openai.create(world.llm);
  await settledOnce(world);
  expect(world.errors).toMatchObject([{ code: 'interceptor-fault', cause: { message: 'late' } }]);
});

describe('an `onError` that throws', () => {
  test('becomes a process warning', async () => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    const world = governed({
      onError: () => {
        throw new Error('broken handler');
      },
      interceptors: [
        bad(async (call, next) => {
          const reply = await next(call);
          reply.onSettled(() => {
            throw new Error('listener');
          });
          return reply;
        }),
      ],
    });
    await openai.create(world.llm);
    expect(await warned).toMatchObject({ name: 'ManagedLLMWarning', message: '`onError` threw.' });
  });
});

describe('a fault that nothing listens for', () => {
  test('becomes a process warning that tells where it was thrown, and none of its words', async () => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    const provider = standIn();
    const llm = new ManagedLLM({
      providers: { openai: new OpenAI({ apiKey: 'test', fetch: provider.fetch }) },
      interceptors: [
        bad(async () => {
          throw new TypeError('first words\n    at last words');
        }),
      ],
    });
    await expect(llm.chat({ model: 'openai/gpt', messages: 'Hi' })).rejects.toThrow('a fault in interceptor');
    const { message, detail } = (await warned) as Error & { readonly detail: string };
    expect(detail).toMatch(/^TypeError\n {4}at .*interceptor-misuse/);
    expect(message + detail).not.toContain('words');
  });
});

describe('an `onError` whose promise rejects', () => {
  test('becomes a process warning, too', async () => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    const world = governed({ onError: (async () => Promise.reject(new Error('late'))) as () => void });
    world.llm.on('call:end', () => {
      throw new Error('listener');
    });
    await openai.create(world.llm);
    expect(await warned).toMatchObject({ name: 'ManagedLLMWarning', message: '`onError` threw.' });
  });
});

describe('what is wrong with the list of interceptors is told at construction', () => {
  const make = (...interceptors: readonly Interceptor[]) =>
    new ManagedLLM({
      providers: { openai: new OpenAI({ apiKey: 'test', fetch: standIn().fetch }) },
      interceptors,
    });
  const pass = (name: string, stage = 'shape', more: object = {}): Interceptor => ({
    name,
    stage: stage as Interceptor['stage'],
    intercept: (call, next) => next(call),
    ...more,
  });

  test('two with one name', () => {
    expect(() => make(pass('a'), pass('b'), pass('a', 'send'))).toThrowErrorMatchingInlineSnapshot(
      `[ManagedLLMError: \`interceptors.2\` has the name \`a\`, which another interceptor has already: give it once, or under a \`name\` of its own where it takes one.]`,
    );
  });

  test('an unknown stage, with the nearest one', () => {
    expect(() => make(pass('rules', 'shpae'))).toThrowErrorMatchingInlineSnapshot(
      `[ManagedLLMError: \`interceptors.0.stage\` of \`rules\` is unknown: "shpae". Did you mean \`shape\`?]`,
    );
  });

  test('a stage that resembles none, with all of them', () => {
    expect(() => make(pass('rules', 'somewhere'))).toThrowErrorMatchingInlineSnapshot(
      `[ManagedLLMError: \`interceptors.0.stage\` of \`rules\` is unknown: "somewhere". Stages: observe, admit, shape, guard, reuse, retry, health, spend, pace, send.]`,
    );
  });

  test('an operation that there is not, for which it would never be asked', () => {
    expect(() => make(pass('rules', 'shape', { on: ['chats'] }))).toThrowErrorMatchingInlineSnapshot(
      `[ManagedLLMError: \`interceptors.0.on\` of \`rules\` has an unknown operation: "chats". Operations: chat, embed, passthrough.]`,
    );
    expect(() => make(pass('rules', 'shape', { on: 'chat' }))).toThrowErrorMatchingInlineSnapshot(
      `[ManagedLLMError: \`interceptors.0.on\` of \`rules\` must be a list of operations.]`,
    );
  });

  test('something that is no interceptor', () => {
    expect(() => make(pass('a'), {} as Interceptor)).toThrowErrorMatchingInlineSnapshot(
      `[ManagedLLMError: \`interceptors.1\` is no interceptor: it needs \`name\`, \`stage\` and \`intercept\`.]`,
    );
    expect(() => make(undefined as unknown as Interceptor)).toThrow(ManagedLLMError);
  });

  test('one that serves another ManagedLLM already', () => {
    const shared = pass('mine');
    make(shared);
    expect(() => make(shared)).toThrowErrorMatchingInlineSnapshot(
      `[ManagedLLMError: \`interceptors\` holds \`mine\`, which belongs to another ManagedLLM already. Make a new one for each.]`,
    );
  });

  test('one that says it is shareable may serve several', async () => {
    const attached: unknown[] = [];
    const shared = pass('mine', 'shape', { shareable: true, attach: (host: unknown) => attached.push(host) });
    make(shared);
    make(shared);
    expect(attached).toHaveLength(2);
    expect(attached[0]).not.toBe(attached[1]);
  });

  test('a failed construction leaves its interceptors free for the next try', () => {
    const mine = pass('mine');
    expect(() => make(mine, pass('mine'))).toThrow(ManagedLLMError);
    const taken = pass('taken');
    make(taken);
    expect(() => make(mine, taken)).toThrow(ManagedLLMError);
    expect(() => make(mine)).not.toThrow();
  });
});
