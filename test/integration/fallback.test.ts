import {
  failureKinds,
  fallback,
  ManagedLLMError,
  type CallError,
  type Host,
  type Interceptor,
  type Route,
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
  smart: fallback('openai/first', 'backup/second', 'openai/third'),
  alias: 'backup/second',
  claude: fallback('anthropic/one', 'anthropic/two'),
  mixed: fallback('anthropic/one', 'openai/first'),
} as const;

const world = (options: TestOptions = {}): Governed => governed({ routes, ...options });

/** A failure of ours as a value, made with public means only. */
function refused(managed: ManagedLLMError): CallError {
  const { status, code, message } = managed;
  const cause = undefined;
  return {
    kind: 'refused',
    status,
    code,
    message,
    ...failureKinds.refused,
    retryAfterMs: undefined,
    cause,
    managed,
  };
}

const tried = ({ provider }: Governed) => provider.requests.map(({ model }) => model);

describe('a fallback route', () => {
  test('stays with the first target while it answers', async () => {
    const w = world();
    const reply = await w.llm.clients.openai.chat.completions.create({ model: 'smart', messages: [] });
    expect(tried(w)).toEqual(['first']);
    expect(reply.model).toBe('first');
    const { receipt } = await theOnlyCall(w);
    expect(receipt).toMatchObject({
      model: 'smart',
      target: { provider: 'openai', model: 'first' },
      servedModel: 'first',
      facts: {
        route: { name: 'smart', path: 'smart.choices.0', because: 'fallback (choices.0)', first: true },
      },
    });
  });

  test.each([
    ['an overload', { status: 529 }],
    ['a rate limit', { status: 429 }],
    ['a wrong key', { status: 401 }],
    ['a model that is not there', { status: 404 }],
    ['no connection', { connectionError: true }],
  ])('moves on in order and without waiting, at %s', async (_what, failure) => {
    const w = world();
    w.provider.when({ model: 'first' }, failure).when({ model: 'second' }, failure);
    await openai.create(w.llm, {}, 'smart');
    expect(tried(w)).toEqual(['first', 'second', 'third']);
    const { receipt } = await theOnlyCall(w);
    expect(receipt).toMatchObject({ outcome: 'finished', target: { model: 'third' }, durationMs: 0 });
    expect(receipt.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'finished']);
    expect(w.errors).toEqual([]);
  });

  test.each(['content_policy_violation', 'content_filter'])(
    'does not move on from what a content policy refuses (%s)',
    async (code) => {
      const w = world();
      w.provider.when({ model: 'first' }, { status: 400, error: { code } });
      expect(await rejection(openai.create(w.llm, {}, 'smart'))).toMatchObject({ status: 400, code });
      expect(tried(w)).toEqual(['first']);
      const { receipt } = await theOnlyCall(w);
      expect(receipt).toMatchObject({ outcome: 'failed', error: { kind: 'content-policy' } });
    },
  );

  test('a prompt that an error quotes does not pass for the provider’s own words', async () => {
    const w = world();
    const overflow = 'prompt is too long: 210000 tokens > 200000 maximum';
    w.provider
      .when({ model: 'one' }, { status: 400, error: { message: overflow } })
      .when({ model: 'first' }, { status: 400, error: { message: `messages.0: not text: "${overflow}"` } });
    expect(await rejection(anthropic.create(w.llm, {}, 'mixed'))).toMatchObject({ status: 400 });
    expect(tried(w)).toEqual(['one', 'first']);
    await rejection(openai.create(w.llm, {}, 'smart'));
    expect(tried(w)).toEqual(['one', 'first', 'first']);
  });

  test('sends to each target with its own client: base URL and key', async () => {
    const w = world();
    w.provider.when({ model: 'first' }, { status: 500 });
    await openai.create(w.llm, { headers: { 'x-own': 'yes' } }, 'smart');
    const [first, second] = w.provider.requests;
    expect(first?.url).toContain('https://api.openai.com/v1/chat/completions');
    expect(second?.url).toContain('https://backup.test/v1/chat/completions');
    expect([first?.headers['authorization'], second?.headers['authorization']]).toEqual([
      'Bearer test',
      'Bearer other',
    ]);
    expect(second?.headers['x-own']).toBe('yes');
  });

  test('moves on when an attempt passes its time limit', async () => {
    const w = world();
    w.provider.when({ model: 'first' }, { hang: true });
    const reply = openai.create(w.llm, { timeout: 100 }, 'smart');
    await w.clock.advance(100);
    await reply;
    expect((await theOnlyCall(w)).receipt.attempts.map(({ outcome }) => outcome)).toEqual([
      'timed-out',
      'finished',
    ]);
  });

  test.each([openai, anthropic])(
    'an error that comes first in a stream is peeked, and nobody notices ($name)',
    async (sdk) => {
      const w = world();
      const [route, first] = sdk.name === 'openai' ? ['smart', 'first'] : ['claude', 'one'];
      w.provider
        .when(
          { model: first },
          { text: ['never '], inBandError: { afterEvents: sdk.name === 'openai' ? 0 : 1 } },
        )
        .always({ text: ['seen'] });
      const events = JSON.stringify(await readAll(await sdk.stream(w.llm, {}, route)));
      expect(events).toContain('seen');
      expect(events).not.toContain('never');
      const { receipt } = await theOnlyCall(w);
      expect(receipt).toMatchObject({ outcome: 'finished', error: undefined });
      expect(receipt.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'finished']);
      expect(w.errors).toEqual([]);
    },
  );

  test.each([
    ['that ends before its content', { text: ['never '], events: [] as unknown[] }],
    ['whose connection breaks before its content', { text: ['never '], cutAfterEvents: 0 }],
  ])('a stream %s is a failure that is moved on from', async (_what, failure) => {
    const w = world();
    w.provider.when({ model: 'first' }, failure).always({ text: ['seen'] });
    expect(JSON.stringify(await readAll(await openai.stream(w.llm, {}, 'smart')))).toContain('seen');
    expect(tried(w)).toEqual(['first', 'second']);
    await settledOnce(w);
  });

  test('a stream that fails after its first content is not moved on from', async () => {
    const w = world();
    w.provider.when({ model: 'first' }, { text: ['a ', 'b '], inBandError: { afterEvents: 3 } });
    expect(await rejection(openai.stream(w.llm, {}, 'smart').then(readAll))).toBeInstanceOf(openai.APIError);
    expect(tried(w)).toEqual(['first']);
    expect((await theOnlyCall(w)).receipt.outcome).toBe('failed');
  });

  test('what was held back while peeking reaches the reader, in order and unchanged', async () => {
    const w = world();
    const plain = governed();
    for (const { provider } of [w, plain]) provider.always({ text: ['a ', 'b '], reasoning: 'hm' });
    const through = (await readAll(await openai.stream(w.llm, {}, 'smart'))) as { model: string }[];
    const bare = await readAll(await openai.stream(plain.llm, {}, 'first'));
    expect(through).toEqual(bare);
  });

  test('the caller’s abort stops the route: no other target is so much as considered', async () => {
    const considered: unknown[] = [];
    const considers: Interceptor = {
      name: 'considers',
      // The outermost of the attempt stages: those inside are kept from a call that is over in any case.
      stage: 'retry',
      intercept(call, next) {
        considered.push(call.target?.model);
        return next(call);
      },
    };
    const w = world({ interceptors: [considers] });
    w.provider.always({ hang: true });
    const controller = new AbortController();
    const failed = rejection(openai.create(w.llm, { signal: controller.signal }, 'smart'));
    await w.clock.advance(1);
    controller.abort();
    expect(await failed).toBeInstanceOf(openai.APIUserAbortError);
    await w.clock.advance(1_000);
    expect(considered).toEqual(['first']);
    expect(tried(w)).toEqual(['first']);
    expect((await theOnlyCall(w)).receipt.outcome).toBe('aborted');
  });

  test.each([
    ['while it waits for an answer', { hang: true }, true],
    ['when an answer has just failed', { status: 500 }, false],
  ])(
    'an abort %s stops the route, also where its rule goes on after anything',
    async (_when, script, waits) => {
      const controller = new AbortController();
      const considered: unknown[] = [];
      const leaving: Interceptor = {
        name: 'leaving',
        stage: 'retry',
        async intercept(call, next) {
          considered.push(call.target?.model);
          const reply = await next(call);
          controller.abort();
          return reply;
        },
      };
      const stubborn: Route = {
        kind: 'stubborn',
        choices: ['openai/first', 'backup/second'],
        order: (_call, choices) => choices,
        next: () => 'next',
      };
      const w = governed({ routes: { stubborn }, interceptors: [leaving] });
      w.provider.always(script);
      const failed = rejection(openai.create(w.llm, { signal: controller.signal }, 'stubborn'));
      await w.clock.advance(1);
      if (waits) controller.abort();
      expect(await failed).toBeInstanceOf(openai.APIUserAbortError);
      await w.clock.advance(1_000);
      expect(considered).toEqual(['first']);
      await w.llm.idle();
      expect(w.receipts).toMatchObject([{ outcome: 'aborted' }]);
    },
  );

  test('the deadline stops the route', async () => {
    const w = world();
    w.provider.always({ latencyMs: 300, status: 500 });
    const failed = rejection(openai.create(w.llm.with({ deadlineMs: 500 }), {}, 'smart'));
    await w.clock.advance(500);
    expect(await failed).toBeInstanceOf(openai.APIConnectionTimeoutError);
    expect(tried(w)).toEqual(['first', 'second']);
    const { receipt } = await theOnlyCall(w);
    expect(receipt).toMatchObject({ outcome: 'timed-out', durationMs: 500 });
    expect(receipt.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'timed-out']);
  });

  test('a target that cannot serve the request is passed over, told as `unsupported` where it stands alone', async () => {
    const w = world();
    await w.llm.clients.openai.embeddings.create({ model: 'mixed', input: 'a' });
    expect(tried(w)).toEqual(['first']);
    const error = await rejection(
      w.llm.clients.openai.embeddings.create({ model: 'anthropic/claude', input: 'a' }),
    );
    expect(error).toMatchObject({ status: 400 });
    expect(ManagedLLMError.from(error)).toMatchObject({
      code: 'unsupported',
      details: { target: 'anthropic/claude', dialect: 'openai-embeddings' },
    });
  });

  test('a target of another dialect is asked in its own', async () => {
    const w = world();
    await openai.create(w.llm, {}, 'mixed');
    expect(w.provider.requests.map(({ url }) => new URL(url).pathname)).toEqual(['/v1/messages']);
  });

  test.each([openai, anthropic])(
    'a request that cannot be taken is refused everywhere: told at once ($name)',
    async (sdk) => {
      const w = world();
      w.provider.always({ status: 400 });
      const route = sdk.name === 'openai' ? 'smart' : 'claude';
      expect(await rejection(sdk.create(w.llm, {}, route))).toBeInstanceOf(sdk.APIError);
      expect(w.provider.requests).toHaveLength(1);
      expect((await theOnlyCall(w)).receipt.outcome).toBe('failed');
    },
  );

  test.each([
    ['for the target’s own sake is moved on from', true, ['second']],
    ['of the call stands', false, []],
  ])('a refusal in an attempt stage %s', async (_what, fallbackable, sent) => {
    let host: Host | undefined;
    const picky: Interceptor = {
      name: 'picky',
      stage: 'spend',
      attach: (attached) => void (host = attached),
      async intercept(call, next) {
        if (call.target?.model !== 'first' || host === undefined) return next(call);
        const error = new ManagedLLMError({ code: 'refused', message: 'The queue is full.' });
        return host.replies.refuse(call, { ...refused(error), fallbackable });
      },
    };
    const w = world({ interceptors: [picky] });
    await openai.create(w.llm, {}, 'smart').catch(() => {});
    expect(tried(w)).toEqual(sent);
    expect((await theOnlyCall(w)).receipt.outcome).toBe(fallbackable ? 'finished' : 'refused');
  });
});

describe('when every target of a route fails', () => {
  const failures = (error: unknown) => ManagedLLMError.from(error)?.details['failures'];

  test.each([openai, anthropic])(
    'the application gets the last provider’s own error, and every failure behind it ($name)',
    async (sdk) => {
      const w = world({ routes: { all: fallback(`${sdk.name}/a`, `${sdk.name}/b`) } });
      w.provider
        .when({ model: 'a' }, { status: 500, error: { message: 'a broke' } })
        .when({ model: 'b' }, { status: 429, error: { message: 'b is full' } });
      const error = await rejection(sdk.create(w.llm, { maxRetries: 0 }, 'all'));
      expect(error).toBeInstanceOf(sdk.RateLimitError);
      expect(String(error)).toContain('b is full');
      expect(ManagedLLMError.from(error)).toMatchObject({
        code: 'all-targets-failed',
        message: `All targets of \`all\` failed: ${sdk.name}/a (server, 500), ${sdk.name}/b (rate-limit, 429).`,
      });
      expect(failures(error)).toEqual([
        {
          attemptId: expect.stringMatching(/\.1$/),
          target: `${sdk.name}/a`,
          status: 500,
          kind: 'server',
          message: expect.stringMatching(/^The provider answered with status 500/),
        },
        {
          attemptId: expect.stringMatching(/\.2$/),
          target: `${sdk.name}/b`,
          status: 429,
          kind: 'rate-limit',
          message: expect.stringMatching(/^The provider answered with status 429/),
        },
      ]);
      expect((await theOnlyCall(w)).receipt).toMatchObject({ outcome: 'failed', status: 429 });
    },
  );

  test.each([openai, anthropic])('so too when none could be reached ($name)', async (sdk) => {
    const w = world({ routes: { all: fallback(`${sdk.name}/a`, `${sdk.name}/b`) } });
    w.provider.always({ connectionError: true });
    const error = await rejection(sdk.create(w.llm, { maxRetries: 0 }, 'all'));
    expect(error).toBeInstanceOf(sdk.APIConnectionError);
    expect(failures(error)).toMatchObject([
      { target: `${sdk.name}/a`, kind: 'connection' },
      { target: `${sdk.name}/b`, kind: 'connection' },
    ]);
  });

  test('a time limit at the last one is that SDK’s own timeout', async () => {
    const w = world({ routes: { all: fallback('openai/a', 'backup/b') } });
    w.provider.when({ model: 'a' }, { status: 500 }).when({ model: 'b' }, { hang: true });
    const failed = rejection(openai.create(w.llm, { maxRetries: 0, timeout: 100 }, 'all'));
    await w.clock.advance(100);
    const error = await failed;
    expect(error).toBeInstanceOf(openai.APIConnectionTimeoutError);
    expect(failures(error)).toMatchObject([
      { target: 'openai/a', status: 500 },
      { target: 'backup/b', kind: 'timeout' },
    ]);
    expect((await theOnlyCall(w)).receipt.outcome).toBe('timed-out');
  });

  test('a time limit at the last one is that SDK’s own timeout, also Anthropic’s, which tells no cause', async () => {
    const w = world();
    w.provider.when({ model: 'one' }, { status: 500 }).when({ model: 'two' }, { hang: true });
    const failed = rejection(anthropic.create(w.llm, { maxRetries: 0, timeout: 100 }, 'claude'));
    await w.clock.advance(100);
    expect(await failed).toBeInstanceOf(anthropic.APIConnectionTimeoutError);
    expect((await theOnlyCall(w)).receipt.outcome).toBe('timed-out');
  });

  test('an error first in the last stream is released as it came', async () => {
    const w = world({ routes: { all: fallback('openai/a', 'backup/b') } });
    w.provider.always({ inBandError: { afterEvents: 0, message: 'overloaded everywhere' } });
    const error = await rejection(openai.stream(w.llm, {}, 'all').then(readAll));
    expect(error).toBeInstanceOf(openai.APIError);
    expect(String(error)).toContain('overloaded everywhere');
    expect(ManagedLLMError.from(error)).toMatchObject({
      code: 'all-targets-failed',
      details: { failures: [{ target: 'openai/a' }, { target: 'backup/b' }] },
    });
    expect((await theOnlyCall(w)).receipt.attempts.map(({ outcome }) => outcome)).toEqual([
      'failed',
      'failed',
    ]);
  });

  test('one target that fails alone is told as it is', async () => {
    const w = world();
    w.provider.always({ status: 500 });
    const error = await rejection(openai.create(w.llm, { maxRetries: 0 }, 'alias'));
    expect(error).toBeInstanceOf(openai.InternalServerError);
    expect(ManagedLLMError.from(error)).toBeUndefined();
  });
});

describe('what a `model` string means', () => {
  const servedBy = async (model: string, options: TestOptions = {}) => {
    const w = world(options);
    await openai.create(w.llm, {}, model);
    const { target } = (await theOnlyCall(w)).receipt;
    return target && `${target.provider}/${target.model}`;
  };

  test('a route first, also one that bears a real model’s name', async () => {
    expect(await servedBy('alias')).toBe('backup/second');
    expect(await servedBy('gpt-5', { routes: { 'gpt-5': 'backup/gpt-5' } })).toBe('backup/gpt-5');
  });

  test('then `provider/model`', async () => {
    expect(await servedBy('backup/some/model')).toBe('backup/some/model');
  });

  test('else the client’s own model, slash or not', async () => {
    expect(await servedBy('gpt')).toBe('openai/gpt');
    expect(await servedBy('meta/llama')).toBe('openai/meta/llama');
  });

  test('an alias is sent with the target’s model, and the call keeps the name that was asked for', async () => {
    const w = world();
    await openai.create(w.llm, {}, 'alias');
    expect(tried(w)).toEqual(['second']);
    expect((await theOnlyCall(w)).receipt).toMatchObject({
      model: 'alias',
      facts: { route: { name: 'alias', path: 'alias', because: 'alias' } },
    });
  });
});

test('what failed before a refusal stands behind it', async () => {
  const dear: Interceptor = {
    name: 'dear',
    stage: 'spend',
    intercept(call, next) {
      if (call.target?.model !== 'b') return next(call);
      throw new ManagedLLMError({ code: 'refused', status: 402, message: 'Too dear.' });
    },
  };
  const w = governed({ routes: { all: fallback('openai/a', 'openai/b') }, interceptors: [dear] });
  w.provider.always({ status: 500 });
  const error = await rejection(openai.create(w.llm, { maxRetries: 0 }, 'all'));
  expect(error).toMatchObject({ status: 402 });
  expect(ManagedLLMError.from(error)).toMatchObject({
    code: 'all-targets-failed',
    message: 'All targets of `all` failed: openai/a (server, 500). The last was refused: Too dear.',
    details: { failures: [{ target: 'openai/a', status: 500 }] },
    cause: { code: 'refused' },
  });
  await settledOnce(w);
});
