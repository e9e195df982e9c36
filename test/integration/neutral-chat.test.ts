import {
  fallback,
  ManagedLLMError,
  type CallSettings,
  type ChatRequest,
  type Interceptor,
  type Message,
} from 'managed-llm';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';

import { governed, rejection, settledOnce, theOnlyCall } from './governed.ts';
import { models, once, redactor, until } from './neutral.ts';

describe.each(models)('`chat` asks %s', (model) => {
  test('with a text, and gives what it said in plain words', async () => {
    const world = governed();
    world.provider.next({
      reasoning: 'Be kind.',
      text: ['Good ', 'day'],
      usage: { inputTokens: 7, outputTokens: 5, reasoningTokens: 2 },
    });
    const reply = await world.llm.chat({ model, messages: 'Hello' });
    expect(reply).toMatchObject({
      text: 'Good day',
      reasoning: 'Be kind.',
      toolCalls: [],
      stop: 'stop',
      stopSequence: undefined,
      usage: { inputTokens: 7, outputTokens: 5, provenance: 'reported' },
    });
    expect(reply.content.map(({ type }) => type)).toEqual(['reasoning', 'text']);
    expect(reply.message).toEqual({ role: 'assistant', content: reply.content });
    expect(reply.messages).toEqual([reply.message]);
    expect(reply.steps).toHaveLength(1);
    const { receipt } = await theOnlyCall(world);
    expect(reply.receipt).toEqual(receipt);
    expect(reply.receipts).toEqual([receipt]);
    expect(receipt).toMatchObject({ operation: 'chat', dialect: 'neutral', provider: '', model, losses: [] });
    expect(world.errors).toEqual([]);
  });

  test('with a conversation, which its answer can be appended to', async () => {
    const world = governed();
    const messages: Message[] = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
    ];
    messages.push((await world.llm.chat({ model, messages })).message, { role: 'user', content: 'Again' });
    const reply = await world.llm.chat({ model, messages, maxOutputTokens: 50, stopSequences: ['again'] });
    expect(reply.text).toBe('You said: Again');
    expect(world.provider.requests[1]?.bodyText).toContain('You said: Hello');
    expect(world.provider.requests[1]?.bodyText).toContain('Be brief.');
    expect(world.provider.requests[1]?.bodyText).toContain('50');
  });

  test('and tells which stop sequence ended the answer, where the provider does, and when the limit did', async () => {
    const world = governed();
    world.provider.always({ text: 'one two three four' });
    expect((await world.llm.chat({ model, messages: 'Count', maxOutputTokens: 2 })).stop).toBe('length');
    const stopped = await world.llm.chat({ model, messages: 'Count', stopSequences: ['three'] });
    expect([stopped.text.trim(), stopped.stop]).toEqual(
      model === 'anthropic/claude' ? ['one two', 'stop-sequence'] : ['one two', 'stop'],
    );
  });

  test('with settings of its own over those of `with` over those of `run`', async () => {
    const seen: CallSettings[] = [];
    const sees: Interceptor = {
      name: 'sees',
      stage: 'admit',
      intercept(call, next) {
        seen.push(call.settings);
        return next(call);
      },
    };
    const { llm } = governed({ interceptors: [sees] });
    await llm.run({ user: 'run', team: 'run', tenant: 'run' }, async () => {
      await llm.chat({ model, messages: 'Hello' });
      await llm.with({ user: 'with', team: 'with' }).chat({ model, messages: 'Hello' }, { user: 'call' });
    });
    await llm.chat({ model, messages: 'Hello' });
    expect(seen).toEqual([
      { user: 'run', team: 'run', tenant: 'run' },
      { user: 'call', team: 'with', tenant: 'run' },
      {},
    ]);
  });

  test('and every interceptor has its say: a redactor masks both ways', async () => {
    const world = governed({ interceptors: [redactor] });
    world.provider.next({ text: 'It is a secret.' });
    const reply = await world.llm.chat({ model, messages: 'Tell the secret' });
    expect(reply.text).toBe('It is a [masked].');
    expect(world.provider.requests[0]?.bodyText).toContain('Tell the [masked]');
    expect(world.provider.requests[0]?.bodyText).not.toContain('secret');
  });

  test('and gives the application JSON of its own, not that which an interceptor keeps', async () => {
    const kept: unknown[] = [];
    const keeps: Interceptor = {
      name: 'keeps',
      stage: 'reuse',
      async intercept(call, next) {
        const reply = await next(call);
        kept.push(await reply.json());
        return reply;
      },
    };
    const world = governed({ interceptors: [keeps] });
    const { content } = await world.llm.chat({ model, messages: 'Hello' });
    (content as unknown as unknown[]).splice(0);
    expect(kept).toMatchObject([{ content: [{ text: 'You said: Hello' }] }]);
  });

  test('again after a failure, as the SDKs would, and every try is an attempt of one call', async () => {
    const world = governed();
    world.provider.next({ status: 503, headers: { 'retry-after': '2' } }, { text: 'Late' });
    const pending = world.llm.chat({ model, messages: 'Hello' });
    await until(() => world.provider.requests.length === 1);
    await world.clock.runAll();
    const reply = await pending;
    expect(reply.text).toBe('Late');
    expect(reply.receipt.attempts.map(({ status }) => status)).toEqual([503, 200]);
    expect(reply.receipt.durationMs).toBe(2_000);
  });

  test('a provider’s error is typed: its status, code and kind, its own words as the cause', async () => {
    const world = governed();
    world.provider.always({
      status: 429,
      headers: { 'retry-after': '30', 'x-should-retry': 'false' },
      error: { message: 'You said: Hello too often', type: 'rate_limit_error', code: 'too_many' },
    });
    const error = await rejection(world.llm.chat({ model, messages: 'Hello' }));
    const code = model === 'anthropic/claude' ? 'rate_limit_error' : 'too_many';
    expect(error).toMatchObject({
      name: 'ManagedLLMError',
      code: 'provider-failure',
      status: 502,
      message: `\`${model}\` answered with status 429 (${code}).`,
      // The server said so.
      retryable: false,
      retryAfterMs: 30_000,
      details: { target: model, status: 429, kind: 'rate-limit', code },
      cause: { error: { message: 'You said: Hello too often' } },
    });
    expect((await theOnlyCall(world)).receipt).toMatchObject({
      callId: (error as ManagedLLMError).callId,
      outcome: 'failed',
    });
  });

  test('a provider that cannot be reached, and one that answers nonsense, are typed too', async () => {
    const world = governed({ interceptors: [once] });
    world.provider.next({ connectionError: true }, { body: 'Bad gateway' });
    expect(await rejection(world.llm.chat({ model, messages: 'Hello' }))).toMatchObject({
      code: 'connection-failed',
      retryable: true,
      message: `The connection to \`${model}\` failed.`,
      cause: expect.any(Error),
    });
    expect(await rejection(world.llm.chat({ model, messages: 'Hello' }))).toMatchObject({
      code: 'unreadable-answer',
    });
    await settledOnce(world, 2);
  });

  test('a refusal is the very error that was thrown', async () => {
    const refusal = new ManagedLLMError({ code: 'refused', message: 'Not today.' });
    const refuses: Interceptor = {
      name: 'refuses',
      stage: 'guard',
      intercept: () => Promise.reject(refusal),
    };
    const world = governed({ interceptors: [refuses] });
    expect(await rejection(world.llm.chat({ model, messages: 'Hello' }))).toBe(refusal);
    expect((await theOnlyCall(world)).receipt.outcome).toBe('refused');
    expect(world.provider.requests).toHaveLength(0);
  });

  test('a deadline is a typed error', async () => {
    const world = governed();
    world.provider.always({ hang: true });
    const failed = rejection(world.llm.chat({ model, messages: 'Hello' }, { deadlineMs: 100 }));
    await until(() => world.provider.requests.length === 1);
    await world.clock.advance(100);
    expect(await failed).toMatchObject({ code: 'time-limit', status: 504 });
    expect((await theOnlyCall(world)).receipt.outcome).toBe('timed-out');
  });

  test('an abort rejects with the signal’s own reason, and before the call makes none', async () => {
    const world = governed();
    const reason = new Error('changed my mind');
    const before = world.llm.chat({ model, messages: 'Hello' }, { signal: AbortSignal.abort(reason) });
    expect(await rejection(before)).toBe(reason);
    await world.llm.idle();
    expect(world.receipts).toEqual([]);

    const controller = new AbortController();
    world.provider.always({ hang: true });
    const during = rejection(world.llm.chat({ model, messages: 'Hello' }, { signal: controller.signal }));
    await until(() => world.provider.requests.length === 1);
    controller.abort(reason);
    expect(await during).toBe(reason);
    expect((await theOnlyCall(world)).receipt.outcome).toBe('aborted');
    expect(world.provider.requests[0]?.outcome).toBe('cancelled');
  });

  test('an abort in the turn of the call stops it, wherever it is by then', async () => {
    const world = governed();
    const controller = new AbortController();
    const failed = rejection(world.llm.chat({ model, messages: 'Hello' }, { signal: controller.signal }));
    controller.abort('no');
    expect(await failed).toBe('no');
    await world.llm.idle();
    expect(world.provider.requests.filter(({ outcome }) => outcome === 'finished')).toEqual([]);
  });
});

describe('`chat` and its model', () => {
  test('may be a route, which falls back from one provider to the other in one call', async () => {
    const routes = { smart: fallback('openai/gpt', 'anthropic/claude') } as const;
    const world = governed({ routes });
    world.provider.when({ model: 'gpt' }, { status: 500 });
    const reply = await world.llm.chat({ model: 'smart', messages: 'Hello' });
    expect(reply.text).toBe('You said: Hello');
    expect(reply.receipt).toMatchObject({
      model: 'smart',
      target: { provider: 'anthropic', model: 'claude' },
      facts: { route: { name: 'smart' } },
    });
    expect(world.provider.requests.map(({ path }) => path)).toEqual(['/v1/chat/completions', '/v1/messages']);
  });

  test('when all targets fail, the error has every attempt', async () => {
    const routes = { smart: fallback('openai/gpt', 'anthropic/claude') } as const;
    const world = governed({ routes, interceptors: [once] });
    world.provider.always({ status: 500 });
    const error = await rejection(world.llm.chat({ model: 'smart', messages: 'Hello' }));
    expect(error).toMatchObject({
      code: 'all-targets-failed',
      details: { failures: [{ target: 'openai/gpt' }, { target: 'anthropic/claude' }] },
    });
  });

  test.each(['gpt', 'nobody/gpt', ''])(
    'that names neither route nor provider is refused: %j',
    async (model) => {
      const world = governed();
      expect(await rejection(world.llm.chat({ model, messages: 'Hello' }))).toMatchObject({
        code: 'unknown-target',
        status: 400,
      });
      expect((await theOnlyCall(world)).receipt.outcome).toBe('refused');
    },
  );

  test.each([
    ['smrt', 'Did you mean `smart`?'],
    ['opnai/gpt', 'there is no provider `opnai`. Did you mean `openai`?'],
    ['gpt-5-mini', 'write targets as `provider/model`. Routes: smart. Providers: openai, anthropic'],
  ])('and the refusal of %j says what may have been meant', async (model, says) => {
    const { llm } = governed({ routes: { smart: 'openai/gpt' } });
    expect(await rejection(llm.chat({ model, messages: 'Hello' }))).toMatchObject({
      code: 'unknown-target',
      message: expect.stringContaining(says),
    });
  });

  test('what the target has no place for is told in the receipt, or refused', async () => {
    const world = governed();
    const request = { model: 'anthropic/claude', messages: 'Hello', seed: 7 };
    expect((await world.llm.chat(request)).receipt.losses).toMatchObject([{ path: 'seed' }]);
    expect(await rejection(world.llm.chat(request, { onUnsupported: 'refuse' }))).toMatchObject({
      code: 'unsupported',
    });
  });
});

describe('`chat` is strict', () => {
  test.each([
    [{ model: 'openai/gpt', messages: 'Hi', maxOutputToken: 5 }, 'Did you mean `maxOutputTokens`?'],
    [{ messages: 'Hi' }, '`chat.model`'],
    [{ model: 'openai/gpt', messages: 'Hi', user: 'alice' }, '`chat.user` goes into the second argument'],
    [{ model: 'openai/gpt', messages: 'Hi', system: 'Be brief' }, '`chat.system` is a message of role'],
    [{ model: 'openai/gpt', messages: 'Hi', max_tokens: 5 }, '`chat.max_tokens` is `maxOutputTokens`.'],
    [{ model: 'openai/gpt', messages: 'Hi', stop: 'x' }, '`chat.stop` is `stopSequences`, a list.'],
    [{ model: 'openai/gpt', messages: 5 }, '`chat.messages`'],
    [
      { model: 'openai/gpt', messages: [{ role: 'usr', content: 'Hi' }] },
      '`chat.messages.0` is no message: it needs a `role`',
    ],
    [
      { model: 'openai/gpt', messages: [{ role: 'user', content: [{ type: 'image_url' }] }] },
      '`chat.messages.0.content.0` is no part of such a message. Parts are',
    ],
    [{ model: 'openai/gpt', messages: 'Hi', temperature: 'warm' }, '`chat.temperature` must be a number.'],
    [
      { model: 'openai/gpt', messages: 'Hi', reasoning: { effort: 'hgih' } },
      '`chat.reasoning.effort` must be "none", ',
    ],
    [
      { model: 'openai/gpt', messages: 'Hi', extras: { 'openai-chat': 5 } },
      '`chat.extras.openai-chat` does not have the form it must have.',
    ],
    [
      { model: 'openai/gpt', messages: 'Hi', tools: [{ name: 'a', parameters: z.object({}) }] },
      '`chat.tools.0.parameters` is a schema and must be a JSON schema: let `tool(…)` make the tool.',
    ],
    [{ model: 'openai/gpt', messages: 'Hi', maxSteps: 0 }, '`chat.maxSteps`'],
    [{ model: 'openai/gpt', messages: 'Hi', tools: [{ name: 'a' }] }, '`chat.tools.0`'],
    [
      { model: 'openai/gpt', messages: 'Hi', tools: [1, 2].map(() => ({ name: 'a', parameters: {} })) },
      '`chat.tools.1.name`',
    ],
  ])('about requests: %j', async (request, says) => {
    const world = governed();
    const error = await rejection(world.llm.chat(request as ChatRequest));
    expect(error).toMatchObject({ code: 'invalid-options', message: expect.stringContaining(says) });
    expect(world.provider.requests).toEqual([]);
  });

  test('about settings', async () => {
    const { llm } = governed();
    const options = { usr: 'alice' } as CallSettings;
    expect(await rejection(llm.chat({ model: 'openai/gpt', messages: 'Hi' }, options))).toMatchObject({
      code: 'invalid-settings',
      message: '`chat` has no option `usr`. Did you mean `user`?',
    });
    const signal = new AbortController() as unknown as AbortSignal;
    expect(await rejection(llm.chat({ model: 'openai/gpt', messages: 'Hi' }, { signal }))).toMatchObject({
      code: 'invalid-settings',
      message: expect.stringContaining('`chat.signal` must be an AbortSignal'),
    });
  });
});

describe('`chat` and the life of its ManagedLLM', () => {
  test('is waited for by `idle` and counted by `track`', async () => {
    const world = governed();
    const scope = world.llm.track(() => world.llm.chat({ model: 'openai/gpt', messages: 'Hello' }));
    await world.llm.idle();
    expect(world.receipts).toHaveLength(1);
    expect((await scope.settled).receipts).toEqual(world.receipts);
  });

  test('is refused once it is closed', async () => {
    const world = governed();
    await world.llm.close();
    const request = { model: 'openai/gpt', messages: 'Hello' };
    expect(await rejection(world.llm.chat(request))).toMatchObject({ code: 'closed' });
  });
});
