import { Anthropic } from '@anthropic-ai/sdk';
import { ManagedLLM, ManagedLLMError, type Interceptor } from 'managed-llm';
import { manualClock, standIn } from 'managed-llm/testing';
import { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';

const messages = [{ role: 'user' as const, content: 'Hi' }];
const chat = { model: 'm', messages };
const ask = { model: 'm', max_tokens: 9, messages };

function refusing(status: number): Interceptor {
  return {
    name: 'no',
    stage: 'admit',
    intercept: () => {
      throw new ManagedLLMError({ code: 'refused', message: 'Not today.', status, retryAfterMs: 7_000 });
    },
  };
}

function world(...interceptors: Interceptor[]) {
  const clock = manualClock();
  const provider = standIn({ clock });
  const llm = new ManagedLLM({
    providers: {
      openai: new OpenAI({ apiKey: 'test', fetch: provider.fetch }),
      anthropic: new Anthropic({ apiKey: 'test', fetch: provider.fetch }),
    },
    interceptors,
    clock,
    random: () => 0,
    onError: () => {},
  });
  return { clock, provider, llm, ...llm.clients };
}

type World = ReturnType<typeof world>;

const thrownBy = (pending: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(pending).then(
    () => expect.unreachable('must not succeed'),
    (error: unknown) => error,
  );

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _event of stream);
}

const tool = {
  type: 'function' as const,
  function: { name: 'look', description: 'Looks.', parameters: {}, function: () => 'seen' },
};

const openaiCalls: Record<string, (world: World) => PromiseLike<unknown>> = {
  'a plain chat': ({ openai }) => openai.chat.completions.create(chat),
  'a streamed chat': ({ openai }) => openai.chat.completions.create({ ...chat, stream: true }),
  '.stream()': ({ openai }) => openai.chat.completions.stream(chat).finalChatCompletion(),
  '.stream(), iterated': ({ openai }) => drain(openai.chat.completions.stream(chat)),
  '.parse()': ({ openai }) => openai.chat.completions.parse(chat),
  '.withResponse()': ({ openai }) => openai.chat.completions.create(chat).withResponse(),
  'runTools()': ({ openai }) => openai.chat.completions.runTools({ ...chat, tools: [tool] }).finalContent(),
  'runTools({ stream })': ({ openai }) =>
    openai.chat.completions.runTools({ ...chat, stream: true, tools: [tool] }).finalContent(),
  'a response': ({ openai }) => openai.responses.create({ model: 'm', input: 'Hi' }),
  'a streamed response': ({ openai }) => openai.responses.stream({ model: 'm', input: 'Hi' }).finalResponse(),
  'an embedding': ({ openai }) => openai.embeddings.create({ model: 'm', input: 'Hi' }),
  'a list': ({ openai }) => openai.models.list(),
};

const anthropicCalls: Record<string, (world: World) => PromiseLike<unknown>> = {
  'a plain message': ({ anthropic }) => anthropic.messages.create(ask),
  'a streamed message': ({ anthropic }) => anthropic.messages.create({ ...ask, stream: true }),
  '.stream()': ({ anthropic }) => anthropic.messages.stream(ask).finalMessage(),
  '.stream(), iterated': ({ anthropic }) => drain(anthropic.messages.stream(ask)),
  '.withResponse()': ({ anthropic }) => anthropic.messages.create(ask).withResponse(),
  'toolRunner()': ({ anthropic }) => anthropic.beta.messages.toolRunner({ ...ask, tools: [] }).runUntilDone(),
  'a token count': ({ anthropic }) => anthropic.messages.countTokens({ model: 'm', messages }),
  'a list': ({ anthropic }) => anthropic.models.list(),
};

describe.each([['openai', openaiCalls, OpenAI] as const, ['anthropic', anthropicCalls, Anthropic] as const])(
  'a refusal of ours through %s is that SDK’s own error, with ours behind it',
  (_name, calls, sdk) => {
    test.each(Object.entries(calls))('%s', async (_what, run) => {
      const refused = world(refusing(429));
      const error = await thrownBy(run(refused));
      const managed = ManagedLLMError.from(error);
      expect(managed?.code).toBe('refused');
      expect(managed?.message).toBe('Not today.');
      // Helpers of openai wrap what is no error of its own.
      const own = error instanceof sdk.RateLimitError ? error : (error as Error).cause;
      expect(own).toBeInstanceOf(sdk.RateLimitError);
      expect((own as InstanceType<typeof sdk.APIError>).status).toBe(429);
      expect(refused.provider.requests).toHaveLength(0);
      await refused.llm.idle();
    });

    test.each([
      [400, sdk.BadRequestError],
      [401, sdk.AuthenticationError],
      [403, sdk.PermissionDeniedError],
      [402, sdk.APIError],
      [503, sdk.InternalServerError],
    ])('a %i is its usual class, and is not repeated by the SDK', async (status, expected) => {
      let asked = 0;
      const counting: Interceptor = {
        name: 'count',
        stage: 'observe',
        intercept: (call, next) => {
          asked++;
          return next(call);
        },
      };
      const error = await thrownBy(
        (calls['a list'] ?? expect.unreachable())(world(counting, refusing(status))),
      );
      expect(error).toBeInstanceOf(expected);
      expect(asked).toBe(1);
    });
  },
);

describe('an error of the provider', () => {
  test('is not ours: `ManagedLLMError.from` gives undefined', async () => {
    const { provider, openai, anthropic } = world();
    provider.always({ status: 400 });
    expect(ManagedLLMError.from(await thrownBy(openai.chat.completions.create(chat)))).toBeUndefined();
    expect(ManagedLLMError.from(await thrownBy(anthropic.messages.create(ask)))).toBeUndefined();
  });
});

describe('a stream that breaks off', () => {
  test.each([
    ['openai', ({ openai }: World) => openai.chat.completions.create({ ...chat, stream: true })],
    ['anthropic', ({ anthropic }: World) => anthropic.messages.create({ ...ask, stream: true })],
  ] as const)('ends as an error through %s, with ours behind it', async (_name, begin) => {
    const cut = world();
    cut.provider.always({ text: 'one two three', endWithoutTerminal: true });
    const stream = await begin(cut);
    const error = await thrownBy(drain(stream));
    expect(ManagedLLMError.from(error)?.code).toBe('stream-cut');
  });
});

describe.each([
  ['openai', OpenAI, (w: World, o: object) => w.openai.chat.completions.create(chat, o)] as const,
  ['anthropic', Anthropic, (w: World, o: object) => w.anthropic.messages.create(ask, o)] as const,
])('time and aborts through %s', (name, sdk, create) => {
  test('a provider that does not answer within `timeout` is an APIConnectionTimeoutError', async () => {
    const slow = world();
    slow.provider.always({ hang: true });
    const pending = thrownBy(create(slow, { timeout: 5_000, maxRetries: 0 }));
    await slow.clock.runAll();
    const error = await pending;
    expect(error).toBeInstanceOf(sdk.APIConnectionTimeoutError);
    // Anthropic's SDK and the oldest openai drop the cause of a timeout.
    const keepsCause = name === 'openai' && process.env['MANAGED_LLM_SDK'] !== 'oldest';
    expect(ManagedLLMError.from(error)?.code).toBe(keepsCause ? 'time-limit' : undefined);
    expect(slow.provider.requests[0]?.cancelled).toBe(true);
  });

  test('waiting in a queue of ours does not count against `timeout`', async () => {
    const queued = world({
      name: 'queue',
      stage: 'pace',
      async intercept(call, next) {
        await new Promise<void>((resolve) => queued.clock.setTimeout(resolve, 60_000));
        return next(call);
      },
    });
    const pending = create(queued, { timeout: 100 });
    const settled = pending.then(() => 'answered');
    await queued.clock.runAll();
    expect(await settled).toBe('answered');
  });

  test('an abort by the caller is an APIUserAbortError, before and while the provider works', async () => {
    const aborted = world();
    aborted.provider.always({ hang: true });
    const before = await thrownBy(create(aborted, { signal: AbortSignal.abort() }));
    expect(before).toBeInstanceOf(sdk.APIUserAbortError);
    const controller = new AbortController();
    const pending = thrownBy(create(aborted, { signal: controller.signal }));
    await aborted.clock.advance(10);
    controller.abort();
    expect(await pending).toBeInstanceOf(sdk.APIUserAbortError);
    await aborted.llm.idle();
    expect(aborted.provider.requests.map(({ cancelled }) => cancelled)).toEqual([true]);
  });
});
