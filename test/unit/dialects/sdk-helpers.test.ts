import Anthropic, { PermissionDeniedError } from '@anthropic-ai/sdk';
import OpenAI, { RateLimitError } from 'openai';
import { describe, expect, it } from 'vitest';
import { failureKinds, type CallError } from '../../../src/core/call-error.ts';
import type { Dialect } from '../../../src/core/dialect.ts';
import type { StreamEvent } from '../../../src/core/stream-event.ts';
import { anthropicMessages, openaiChat, openaiResponses } from '../../../src/dialects/index.ts';
import { completion, message, response } from './replies.ts';
import { eventsOf, recordings, textOf } from './recordings.ts';

/** What each SDK makes of a body: streamed through its helper, or plain. */
const helpers = {
  'openai-chat': {
    dialect: openaiChat,
    streamed: (body: string) =>
      openai(body, 'text/event-stream')
        .chat.completions.stream({ model: 'm', messages: [] })
        .finalChatCompletion(),
    plain: (body: string) => openai(body).chat.completions.create({ model: 'm', messages: [] }),
  },
  'openai-responses': {
    dialect: openaiResponses,
    streamed: (body: string) =>
      openai(body, 'text/event-stream').responses.stream({ model: 'm', input: '' }).finalResponse(),
    plain: (body: string) => openai(body).responses.create({ model: 'm', input: '' }),
  },
  'anthropic-messages': {
    dialect: anthropicMessages,
    streamed: (body: string) =>
      anthropic(body, 'text/event-stream')
        .messages.stream({ model: 'm', max_tokens: 9, messages: [] })
        .finalMessage(),
    plain: (body: string) => anthropic(body).messages.create({ model: 'm', max_tokens: 9, messages: [] }),
  },
} as const;

const fetchOf = (body: string, type: string, status: number) => async () =>
  new Response(body, { status, headers: { 'content-type': type } });
const openai = (body: string, type = 'application/json', status = 200) =>
  new OpenAI({ apiKey: 'k', maxRetries: 0, fetch: fetchOf(body, type, status) });
const anthropic = (body: string, type = 'application/json', status = 200) =>
  new Anthropic({ apiKey: 'k', maxRetries: 0, fetch: fetchOf(body, type, status) });

const computed = new Set([
  'output_text',
  'output_parsed',
  '_request_id',
  'parsed_output',
  'parsed',
  'parsed_arguments',
]);

/** Without what the helpers compute on top of the wire format, and with null told by absence. */
function wire(value: unknown): unknown {
  const text = JSON.stringify(value, (key, content: unknown) =>
    computed.has(key) || content === null ? undefined : content,
  );
  const json = JSON.parse(text) as any;
  if (json.system_fingerprint === '') delete json.system_fingerprint;
  for (const choice of json.choices ?? []) {
    for (const call of choice.message.tool_calls ?? []) delete call.index;
    delete choice.delta;
    if (choice.message.tool_calls?.length === 0) delete choice.message.tool_calls;
  }
  return json;
}

/** OpenAI's helper keeps only the last piece of members that other vendors stream, and makes text of Mistral's parts. */
function asTheHelperUnderstands(json: any): unknown {
  for (const choice of json.choices ?? []) {
    const said = choice.message;
    delete choice.native_finish_reason;
    for (const key of ['reasoning', 'reasoning_content', 'reasoning_details', 'annotations'])
      delete said[key];
    // Where a server has left it out, streams say it: the SDK's own helper for them insists on it.
    for (const call of said.tool_calls ?? []) call.type ??= 'function';
    if (typeof said.content !== 'string' || said.content.includes('[object Object]')) delete said.content;
  }
  return json;
}

/** Older helpers keep padding, lose empty content, and do not know `response.incomplete`. */
const oldest = process.env['MANAGED_LLM_SDK'] === 'oldest';
const unknownToOldest = new Set<string>(oldest ? ['cut by the output limit'] : []);

const samples = {
  'openai-chat': completion,
  'openai-responses': response,
  'anthropic-messages': message,
} as const;

describe.each(Object.keys(helpers) as (keyof typeof helpers)[])('%s through its own SDK', (id) => {
  const { dialect, streamed, plain } = helpers[id];

  it.each(Object.entries(samples[id]).filter(([name]) => !unknownToOldest.has(name)))(
    'a reply exploded into events is the same reply again: %s',
    async (_name, reply) => {
      const events = (await dialect.codec()).explode(reply);
      expect(wire(await streamed(textOf(events)))).toEqual(wire(await plain(JSON.stringify(reply))));
    },
  );

  it('an error event of ours is raised as the provider’s own error', async () => {
    const body = textOf([dialect.errors.event(refused)]);
    await expect(streamed(body)).rejects.toThrow(/The budget is spent/);
  });

  it.skipIf(recordings.length === 0 || oldest)(
    'recorded streams are collected to what the helper accumulates',
    async () => {
      let compared = 0;
      const rejected: string[] = [];
      for (const recording of recordings) {
        if (recording.operation !== operationOf[id] || recording.response.sse === undefined) continue;
        const collected = (await dialect.codec()).collect(eventsOf(recording.response.sse));
        let accumulated: unknown;
        try {
          accumulated = await streamed(recording.response.sse);
        } catch (error) {
          rejected.push(`${recording.id}: ${String(error)}`);
          continue;
        }
        compared++;
        expect([recording.id, asTheHelperUnderstands(wire(collected))]).toEqual([
          recording.id,
          asTheHelperUnderstands(wire(accumulated)),
        ]);
      }
      console.log(
        `${id}: ${compared} recorded streams compared, rejected by the helper itself: ${rejected.join('; ') || 0}`,
      );
      expect(compared).toBeGreaterThan(10);
    },
  );

  it.skipIf(recordings.length === 0 || oldest)(
    'recorded replies survive the way through events',
    async () => {
      let compared = 0;
      const rejected: string[] = [];
      for (const {
        operation,
        response: { status, body },
        id: name,
      } of recordings) {
        if (operation !== operationOf[id] || body === undefined || status !== 200) continue;
        let again: unknown;
        try {
          again = await streamed(textOf((await dialect.codec()).explode(body)));
        } catch (error) {
          rejected.push(`${name}: ${String(error)}`);
          continue;
        }
        compared++;
        const direct = await plain(JSON.stringify(body));
        expect([name, asTheHelperUnderstands(wire(again))]).toEqual([
          name,
          asTheHelperUnderstands(wire(direct)),
        ]);
      }
      console.log(
        `${id}: ${compared} recorded replies compared, rejected by the helper itself: ${rejected.join('; ') || 0}`,
      );
      expect(compared).toBeGreaterThan(10);
    },
  );
});

const operationOf = {
  'openai-chat': 'openai.chat',
  'openai-responses': 'openai.responses',
  'anthropic-messages': 'anthropic.messages',
} as const;

const refused: CallError = {
  kind: 'refused',
  status: 402,
  code: 'budget-exceeded',
  message: 'The budget is spent.',
  ...failureKinds.refused,
  retryAfterMs: undefined,
  cause: undefined,
  managed: undefined,
};

describe('error bodies', () => {
  it('give an OpenAI error its code, type and message', async () => {
    const body = JSON.stringify(openaiChat.errors.body({ ...refused, status: 429, code: 'queue-full' }));
    const error = await openai(body, 'application/json', 429)
      .chat.completions.create({ model: 'm', messages: [] })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({
      code: 'queue-full',
      type: 'rate_limit_error',
      message: '429 The budget is spent.',
    });
  });

  it('give an Anthropic error its type, code and message', async () => {
    const body = JSON.stringify(
      anthropicMessages.errors.body({ ...refused, status: 403, code: 'not-allowed' }),
    );
    const error = await anthropic(body, 'application/json', 403)
      .messages.create({ model: 'm', max_tokens: 9, messages: [] })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PermissionDeniedError);
    expect(error).toMatchObject({
      error: anthropicMessages.errors.body({ ...refused, status: 403, code: 'not-allowed' }),
    });
    if (oldest) return;
    expect(error).toMatchObject({
      type: 'permission_error',
      errorCode: 'not-allowed',
      apiMessage: 'The budget is spent.',
    });
  });

  it('in a stream carry code, type and message too', async () => {
    const streamOf = (dialect: Dialect): string => textOf([dialect.errors.event(refused)]);
    const read = async (stream: AsyncIterable<unknown>): Promise<unknown> => {
      try {
        for await (const _event of stream);
      } catch (thrown) {
        return thrown;
      }
      return undefined;
    };
    const type = 'text/event-stream';
    const chat = await openai(streamOf(openaiChat), type).chat.completions.create({
      model: 'm',
      messages: [],
      stream: true,
    });
    expect(await read(chat)).toMatchObject({
      code: 'budget-exceeded',
      type: 'billing_error',
      message: 'The budget is spent.',
    });
    const responses = await openai(streamOf(openaiResponses), type).responses.create({
      model: 'm',
      input: '',
      stream: true,
    });
    expect(await read(responses)).toMatchObject({
      code: 'budget-exceeded',
      type: 'billing_error',
      message: 'The budget is spent.',
    });
    const messages = await anthropic(streamOf(anthropicMessages), type).messages.create({
      model: 'm',
      max_tokens: 9,
      messages: [],
      stream: true,
    });
    expect(await read(messages)).toMatchObject({ error: anthropicMessages.errors.body(refused) });
  });

  it('are recognized by the lens that wrote them', () => {
    for (const dialect of [openaiChat, openaiResponses, anthropicMessages]) {
      const [event] = eventsOf(textOf([dialect.errors.event(refused)])) as [StreamEvent];
      expect(dialect.stream.error(event)).toMatchObject({
        code: refused.code,
        status: 402,
        retryable: false,
      });
      expect(dialect.stream.isContent(event)).toBe(false);
      expect(dialect.stream.isTerminal(textOf([event]))).toBe(false);
    }
  });
});
