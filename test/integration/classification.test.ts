import {
  fallback,
  ManagedLLMError,
  retry,
  type CallError,
  type ClassifiableFailure,
  type Classification,
  type Classify,
  type FailureKind,
  type Interceptor,
} from 'managed-llm';
import { describe, expect, test } from 'vitest';

import {
  anthropic,
  governed,
  openai,
  readAll,
  rejection,
  settledOnce,
  theOnlyCall,
  type Governed,
  type TestOptions,
} from './governed.ts';

const routes = {
  smart: fallback('openai/first', 'backup/second'),
  claude: fallback('anthropic/one', 'anthropic/two'),
  mixed: fallback('anthropic/one', 'openai/first'),
} as const;

interface Seen extends Governed {
  /** `reply.error` of each attempt, as an interceptor next to the transport gets it. */
  readonly seen: (CallError | undefined)[];
}

function world(options: TestOptions = {}): Seen {
  const seen: (CallError | undefined)[] = [];
  const watcher: Interceptor = {
    name: 'watcher',
    stage: 'send',
    async intercept(call, next) {
      const reply = await next(call);
      seen.push(reply.error);
      return reply;
    },
  };
  return {
    ...governed({ routes, ...options, interceptors: [...(options.interceptors ?? []), watcher] }),
    seen,
  };
}

const tried = ({ provider }: Governed): unknown[] => provider.requests.map(({ model }) => model);

const gatewayError = { error: { code: 429, message: 'Provider returned error: secret prompt' } };
const failedResponse = {
  id: 'resp_1',
  object: 'response',
  status: 'failed',
  error: { code: 'server_error', message: 'The model broke on: secret prompt' },
  incomplete_details: null,
  output: [],
  usage: null,
};

describe('a failure that a plain answer tells under status 200', () => {
  test('reaches the application as it came where nobody tries again, and is a failure in the books', async () => {
    const w = world();
    const body = '{ "error" :\n { "code": 429, "message": "Provider returned error: secret prompt" } }';
    w.provider.always({ body, headers: { 'content-type': 'application/json', 'retry-after': '7' } });
    const response = await w.llm.clients.openai.chat.completions
      .create({ model: 'gpt', messages: [] })
      .asResponse();
    expect([response.status, await response.text()]).toEqual([200, body]);
    expect(w.provider.requests).toHaveLength(1);
    const { receipt } = await theOnlyCall(w);
    const error = { kind: 'rate-limit', code: '429', retryable: true, retryAfterMs: 7_000 };
    expect(receipt).toMatchObject({
      outcome: 'failed',
      status: 200,
      error,
      attempts: [{ outcome: 'failed', error }],
    });
    expect(JSON.stringify(receipt)).not.toContain('secret');
  });

  test.each([
    ['a page of HTML', '<html><body>Service unavailable</body></html>', 'text/html'],
    ['nothing at all', '', 'application/json'],
  ])(
    '%s is no answer: a route moves on from it, and else it is handed on as it came',
    async (_what, body, type) => {
      const w = world();
      w.provider
        .when({ model: 'first' }, { body, headers: { 'content-type': type } })
        .always({ text: 'Yes' });
      expect(openai.text(await openai.create(w.llm, {}, 'smart'))).toBe('Yes');
      expect(tried(w)).toEqual(['first', 'second']);
      const response = await w.llm.clients.openai.chat.completions
        .create({ model: 'first', messages: [] })
        .asResponse();
      expect([response.status, await response.text()]).toEqual([200, body]);
      await w.llm.idle();
      expect(w.receipts.at(-1)).toMatchObject({
        outcome: 'failed',
        error: { kind: 'server', code: 'unreadable-answer', retryable: true },
      });
    },
  );

  test('is moved on from by a route (OpenAI)', async () => {
    const w = world();
    w.provider.when({ model: 'first' }, { body: gatewayError }).always({ text: 'Yes' });
    expect(openai.text(await openai.create(w.llm, {}, 'smart'))).toBe('Yes');
    expect(tried(w)).toEqual(['first', 'second']);
    const { receipt } = await theOnlyCall(w);
    expect(receipt.attempts.map(({ error }) => error?.kind)).toEqual(['rate-limit', undefined]);
  });

  test('is moved on from by a route (Anthropic)', async () => {
    const w = world();
    const body = { type: 'error', error: { type: 'overloaded_error', message: 'm' } };
    w.provider.when({ model: 'one' }, { body }).always({ text: 'Yes' });
    expect(anthropic.text(await anthropic.create(w.llm, {}, 'claude'))).toBe('Yes');
    expect((await theOnlyCall(w)).receipt.attempts[0]).toMatchObject({
      status: 200,
      error: { kind: 'overloaded' },
    });
  });

  test('is repeated by `retry`, and the last one handed on as it came', async () => {
    const w = world({ interceptors: [retry({ maxAttempts: 2, retryBudget: false })] });
    w.provider.always({ body: gatewayError });
    const pending = openai.create(w.llm);
    await w.clock.runAll();
    expect(await pending).toMatchObject(gatewayError);
    expect(tried(w)).toHaveLength(2);
  });

  test('is a failed response too', async () => {
    const w = world();
    const ask = (model: string) => w.llm.clients.openai.responses.create({ model, input: 'Hi' });
    w.provider.when({ model: 'first' }, { body: failedResponse });
    expect(await ask('first')).toMatchObject(failedResponse);
    expect((await ask('smart')).status).toBe('completed');
    expect(tried(w)).toEqual(['first', 'first', 'second']);
    const [alone] = await settledOnce(w, 2);
    expect(alone).toMatchObject({ outcome: 'failed', error: { kind: 'server', code: 'server_error' } });
  });

  test.each(['max_output_tokens', 'content_filter'])(
    'is no response that is incomplete for %s',
    async (reason) => {
      const w = world();
      const body = { ...failedResponse, status: 'incomplete', error: null, incomplete_details: { reason } };
      w.provider.always({ body });
      const reply = await w.llm.clients.openai.responses.create({ model: 'smart', input: 'Hi' });
      expect(reply.status).toBe('incomplete');
      expect((await theOnlyCall(w)).receipt).toMatchObject({
        outcome: 'finished',
        error: undefined,
        stopReason: reason,
      });
      expect(tried(w)).toEqual(['first']);
    },
  );

  test('is not looked for where no dialect is spoken', async () => {
    const w = world();
    w.provider.next({ body: { error: { code: 500 } } });
    await w.llm.clients.openai.get('/files');
    expect((await theOnlyCall(w)).receipt.outcome).toBe('finished');
  });
});

describe('a failure inside a stream', () => {
  const failed = { type: 'response.failed', sequence_number: 1, response: failedResponse };
  const created = {
    type: 'response.created',
    sequence_number: 0,
    response: { ...failedResponse, status: 'in_progress', error: null },
  };
  const stream = (w: Seen, model: string) =>
    w.llm.clients.openai.responses.create({ model, input: 'Hi', stream: true }).then(readAll);

  test('is a failed response, which a route moves on from before its content', async () => {
    const w = world();
    w.provider.when({ model: 'first' }, { events: [created, failed] }).always({ text: 'Yes' });
    expect(JSON.stringify(await stream(w, 'smart'))).toContain('Yes');
    expect((await theOnlyCall(w)).receipt.attempts.map(({ outcome }) => outcome)).toEqual([
      'failed',
      'finished',
    ]);
  });

  test('is one that the application reads as it came, and the books know', async () => {
    const w = world();
    w.provider.always({ events: [created, failed] });
    expect(await stream(w, 'first')).toEqual([created, failed]);
    const { receipt } = await theOnlyCall(w);
    expect(receipt).toMatchObject({ outcome: 'failed', error: { kind: 'server', code: 'server_error' } });
    expect(JSON.stringify(receipt)).not.toContain('secret');
  });

  test.each([false, true])(
    'is no regular end, although a gateway makes it look like one ([DONE]: %s)',
    async (done) => {
      const w = world();
      const chunk = (delta: object, finish_reason: string | null) => ({
        id: 'gen-1',
        object: 'chat.completion.chunk',
        choices: [{ index: 0, delta, finish_reason }],
      });
      const broken = { ...chunk({ content: '' }, 'error'), error: { code: 502, message: 'Upstream broke' } };
      w.provider.always({
        events: [chunk({ content: 'a' }, null), broken, ...(done ? ['[DONE]'] : [])],
        chunking: 10_000,
      });
      expect(await rejection(openai.stream(w.llm).then(readAll))).toBeInstanceOf(openai.APIError);
      expect((await theOnlyCall(w)).receipt).toMatchObject({
        outcome: 'failed',
        error: { kind: 'server', code: '502' },
      });
    },
  );

  test('is known by the target’s own words where it was translated', async () => {
    const w = world();
    const error = { message: 'prompt is too long: 9 tokens > 8 maximum', type: 'invalid_request_error' };
    w.provider.always({ text: 'a', inBandError: { ...error, afterEvents: 1 } });
    const thrown = await rejection(openai.stream(w.llm, {}, 'anthropic/one').then(readAll));
    expect(String((thrown as Error).message)).toContain(error.message);
    const { settlement } = await theOnlyCall(w);
    expect(settlement.error).toMatchObject({ kind: 'context-overflow', cause: { type: 'error', error } });
  });
});

describe('a request that is wrong', () => {
  test('is wrong everywhere, unless it had been translated', async () => {
    const w = world();
    w.provider.always({ status: 400 });
    await rejection(openai.create(w.llm, {}, 'openai/gpt'));
    await rejection(openai.create(w.llm, {}, 'anthropic/claude'));
    await rejection(openai.stream(w.llm, {}, 'anthropic/claude'));
    expect(w.seen.map((error) => [error?.kind, error?.fallbackable])).toEqual([
      ['invalid-request', false],
      ['invalid-request', true],
      ['invalid-request', true],
    ]);
  });
});

describe('`classify`', () => {
  interface Asked {
    readonly failure: ClassifiableFailure;
    readonly byDefault: Classification;
  }

  function asking(answer: Classify = () => undefined): {
    readonly asked: Asked[];
    readonly classify: Classify;
  } {
    const asked: Asked[] = [];
    return {
      asked,
      classify(failure, byDefault) {
        asked.push({ failure, byDefault });
        return answer(failure, byDefault);
      },
    };
  }

  test.each<
    [
      string,
      Parameters<Governed['provider']['always']>[0],
      boolean,
      FailureKind,
      number | undefined,
      string | undefined,
    ]
  >([
    [
      'an error status',
      { status: 429, headers: { 'retry-after': '3' } },
      false,
      'rate-limit',
      429,
      'rate_limit_exceeded',
    ],
    ['an answer that is none', { body: gatewayError }, false, 'rate-limit', 429, '429'],
    ['a broken connection', { connectionError: true }, false, 'connection', undefined, 'ECONNRESET'],
    [
      'an error in a stream',
      { text: ['a ', 'b'], inBandError: { afterEvents: 2, status: 503 } },
      true,
      'server',
      500,
      'server_error',
    ],
    ['a stream without its end', { text: 'a', endWithoutTerminal: true }, true, 'cut', 502, 'stream-cut'],
    [
      'a stream whose connection breaks',
      { text: ['a ', 'b'], cutAfterEvents: 2 },
      true,
      'connection',
      undefined,
      undefined,
    ],
  ])('is asked once of %s', async (_what, failing, streams, kind, status, code) => {
    const { asked, classify } = asking();
    const w = world({ classify });
    w.provider.always(failing);
    const options = { maxRetries: 0 };
    const pending = streams
      ? openai.stream(w.llm, options, 'gpt').then(readAll)
      : openai.create(w.llm, options);
    await pending.catch(() => {});
    const { receipt } = await theOnlyCall(w);
    expect(receipt.error?.kind).toBe(kind);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      failure: { target: { provider: 'openai', model: 'gpt' }, dialect: 'openai-chat', status, code },
      byDefault: { kind },
    });
    expect(asked[0]?.failure.headers instanceof Headers).toBe(
      failing !== undefined && !('connectionError' in failing),
    );
    expect(w.errors).toEqual([]);
  });

  test('is asked once of each attempt, in the dialect of its target, peeked or not', async () => {
    const { asked, classify } = asking();
    const w = world({ classify });
    w.provider.always({ text: ['never'], inBandError: { afterEvents: 0, status: 529 } });
    await rejection(openai.stream(w.llm, { maxRetries: 0 }, 'mixed').then(readAll));
    expect(asked.map(({ failure }) => [failure.target.provider, failure.dialect])).toEqual([
      ['anthropic', 'anthropic-messages'],
      ['openai', 'openai-chat'],
    ]);
    expect(asked[0]?.failure.cause).toMatchObject({ error: { type: 'overloaded_error' } });
  });

  test('is asked when an attempt passes its time limit', async () => {
    const { asked, classify } = asking(() => ({ kind: 'overloaded', fallbackable: false }));
    const w = world({ classify });
    w.provider.always({ hang: true });
    const failed = rejection(openai.create(w.llm, { timeout: 100, maxRetries: 0 }));
    await w.clock.advance(100);
    expect(await failed).toBeInstanceOf(openai.APIConnectionTimeoutError);
    expect(asked).toMatchObject([{ byDefault: { kind: 'timeout' } }]);
    expect((await theOnlyCall(w)).receipt).toMatchObject({
      outcome: 'timed-out',
      error: { kind: 'overloaded', fallbackable: false },
    });
  });

  test('is not asked of aborts, deadlines, refusals and faults of ours', async () => {
    const { asked, classify } = asking();
    const refusing: Interceptor = {
      name: 'refusing',
      stage: 'pace',
      intercept(call, next) {
        if (call.target?.model === 'refused') throw new ManagedLLMError({ code: 'refused', message: 'No.' });
        if (call.target?.model === 'broken') throw new Error('broken');
        return next(call);
      },
    };
    const w = world({ classify, interceptors: [refusing] });
    w.provider.always({ hang: true });
    const controller = new AbortController();
    const pending = [
      rejection(openai.create(w.llm, { signal: controller.signal })),
      rejection(openai.stream(w.llm, { signal: controller.signal })),
      rejection(openai.create(w.llm.with({ deadlineMs: 50 }))),
      rejection(openai.create(w.llm, {}, 'refused')),
      rejection(openai.create(w.llm, {}, 'broken')),
    ];
    await w.clock.advance(50);
    controller.abort();
    await Promise.all(pending);
    const receipts = await settledOnce(w, pending.length);
    expect(asked).toEqual([]);
    for (const { outcome, error } of receipts.filter(({ outcome }) => outcome === 'aborted'))
      expect([outcome, error]).toMatchObject([
        'aborted',
        { kind: 'aborted', retryable: false, fallbackable: false, countsForBreaker: false },
      ]);
  });

  test('decides for everybody: traits follow the kind it gives, unless it gives them too', async () => {
    const answers: Record<string, ReturnType<Classify>> = {
      first: { kind: 'quota', retryAfterMs: 5 },
      second: { kind: 'quota', retryable: true },
    };
    const w = world({ classify: ({ target }) => answers[target.model] });
    const ends: unknown[] = [];
    w.llm.on('attempt:end', ({ error }) => ends.push(error));
    w.provider.always({ status: 500, headers: { 'retry-after': '9' } });
    const thrown = await rejection(openai.create(w.llm, { maxRetries: 0 }, 'smart'));
    const first = {
      kind: 'quota',
      retryable: false,
      fallbackable: true,
      countsForBreaker: true,
      retryAfterMs: 5,
    };
    const second = { ...first, retryable: true, retryAfterMs: 9_000 };
    const { receipt } = await theOnlyCall(w);
    expect(receipt.error).toMatchObject(second);
    for (const told of [receipt.attempts.map(({ error }) => error), ends, w.seen])
      expect(told).toMatchObject([first, second]);
    expect(ManagedLLMError.from(thrown)?.details).toMatchObject({
      failures: [{ kind: 'quota' }, { kind: 'quota' }],
    });
  });

  test('can send a route on, hold it back, and take a wait away', async () => {
    const w = world({
      classify: ({ status }) => ({ fallbackable: status === 400, retryAfterMs: undefined }),
    });
    w.provider.when({ model: 'first' }, { status: 400 }, { times: 1 }).always({ text: 'Yes' });
    expect(openai.text(await openai.create(w.llm, {}, 'smart'))).toBe('Yes');
    w.provider.when({ model: 'first' }, { status: 500, headers: { 'retry-after': '9' } });
    await rejection(openai.create(w.llm, { maxRetries: 0 }, 'smart'));
    expect(tried(w)).toEqual(['first', 'second', 'first']);
    expect(w.seen.at(-1)).toMatchObject({ kind: 'server', fallbackable: false, retryAfterMs: undefined });
  });

  test.each<[string, () => unknown, RegExp]>([
    [
      'a throw',
      () => {
        throw new Error('mine');
      },
      /`classify`/,
    ],
    ['a promise', () => Promise.reject(new Error('late')), /`classify` must answer at once/],
    ['an unknown kind', () => ({ kind: 'ratelimit' }), /`classify\.kind` .*Did you mean "rate-limit"\?/],
    ['a kind that is ours to give', () => ({ kind: 'aborted' }), /`classify\.kind` must be/],
    ['a wait below 0', () => ({ retryAfterMs: -1 }), /`classify\.retryAfterMs` must be at least 0/],
    ['an unknown key', () => ({ retriable: true }), /Did you mean `retryable`\?/],
    ['something else', () => 'rate-limit', /`classify` must be an object/],
    ['null', () => null, /`classify` must be an object/],
  ])('that answers with %s is reported, and the default stands', async (_what, answer, message) => {
    const w = world({ classify: answer as Classify });
    w.provider.always({ status: 529 });
    await rejection(openai.create(w.llm, { maxRetries: 0 }));
    expect((await theOnlyCall(w)).receipt.error).toMatchObject({ kind: 'overloaded', retryable: true });
    expect(w.errors).toHaveLength(1);
    expect(w.errors[0]?.message).toMatch(message);
  });

  test('may not call a failure what only this package can say', () => {
    // @ts-expect-error an abort is the caller's
    const classify: Classify = () => ({ kind: 'aborted' });
    expect(classify).toBeTypeOf('function');
  });

  test('must be a function', () => {
    expect(() => world({ classify: 'quota' as unknown as Classify })).toThrow(
      '`classify` must be a function.',
    );
  });
});
