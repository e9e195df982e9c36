import assert from 'node:assert/strict';
import type OpenAI from 'openai';
import * as z from 'zod';
import type { OpenAIKit } from '../drop-in/openai-checks.ts';
import { all, calling, pieces, rejection, said, speaking, usage, type ForeignCheck } from './lab.ts';
import { sharedChecks, type Asking } from './shared-checks.ts';

const messages = [{ role: 'user' as const, content: 'Say something nice about Zürich 🏔️' }];
export const chat = { model: 'other/claude-sonnet-5-5', messages } as const;
const Answer = z.object({ city: z.string(), rating: z.number() });
const answer = { city: 'Zürich', rating: 9 };

type Check = ForeignCheck<OpenAI>;
type Chunks = readonly {
  readonly choices: readonly { readonly delta: { readonly content?: string | null } }[];
}[];

const textOfChunks = (chunks: Chunks): string =>
  chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');

const asking: Asking<OpenAI> = {
  plain: (client, options) => client.chat.completions.create(chat, options),
  stream: async (client, options) => client.chat.completions.create({ ...chat, stream: true }, options),
  unplaced: (client) => client.chat.completions.create({ ...chat, logit_bias: { '1': -1 } }),
  textOf: (reply) => (reply as OpenAI.ChatCompletion).choices[0]?.message.content ?? '',
  textOfEvents: (events) => textOfChunks(events as Chunks),
  withOptions: (client, options) => client.withOptions(options),
};

function tool(called: unknown[]) {
  return {
    type: 'function',
    function: {
      name: 'look',
      description: 'Looks.',
      parameters: { type: 'object', properties: { at: { type: 'string' } } },
      parse: JSON.parse,
      function: (args: { at: string }) => {
        called.push(args);
        return `looked at ${args.at}`;
      },
    },
  } as const;
}

const offered = {
  type: 'function',
  function: { name: 'look', parameters: { type: 'object', properties: {} } },
} as const;

/** An OpenAI client's chat completions, answered by Anthropic. */
export function chatChecks(kit: OpenAIKit): readonly Check[] {
  const format = kit.zodResponseFormat(Answer, 'answer');
  const structured: Check['script'] = (stand) => stand.always({ json: answer, usage });
  return [
    {
      group: 'create',
      name: 'words and usage',
      script: speaking,
      async run(client) {
        const reply = await client.chat.completions.create(chat);
        assert.equal(reply.object, 'chat.completion');
        assert.equal(reply.model, 'claude-sonnet-5-5');
        assert.deepEqual(
          reply.choices.map(({ index, message, finish_reason }) => [
            index,
            message.role,
            message.content,
            finish_reason,
          ]),
          [[0, 'assistant', said, 'stop']],
        );
        assert.equal(reply.usage?.prompt_tokens, usage.inputTokens);
        assert.equal(reply.usage.completion_tokens, usage.outputTokens);
        assert.equal(reply.usage.total_tokens, usage.inputTokens + usage.outputTokens);
        assert.equal(reply.usage.prompt_tokens_details?.cached_tokens, usage.cachedInputTokens);
      },
    },
    {
      group: 'create',
      name: 'a call of a tool',
      script: calling,
      async run(client) {
        const { choices } = await client.chat.completions.create({ ...chat, tools: [offered] });
        assert.equal(choices[0]?.finish_reason, 'tool_calls');
        assert.deepEqual(choices[0].message.tool_calls, [
          { id: 'call_1', type: 'function', function: { name: 'look', arguments: '{"at":"the lake"}' } },
        ]);
      },
    },
    {
      group: 'create',
      name: 'cut at its limit',
      script: (stand) => stand.always({ text: pieces, usage, stopReason: 'length' }),
      async run(client) {
        const { choices } = await client.chat.completions.create({ ...chat, max_completion_tokens: 5 });
        assert.equal(choices[0]?.finish_reason, 'length');
      },
    },
    {
      group: 'stream',
      name: 'chunks in their order, usage not asked for',
      script: speaking,
      async run(client) {
        const chunks = await all(await client.chat.completions.create({ ...chat, stream: true }));
        assert.ok(chunks.every(({ object }) => object === 'chat.completion.chunk'));
        assert.equal(chunks[0]?.choices[0]?.delta.role, 'assistant');
        assert.equal(textOfChunks(chunks), said);
        assert.equal(chunks.at(-1)?.choices[0]?.finish_reason, 'stop');
        assert.ok(chunks.every((chunk) => chunk.usage === undefined || chunk.usage === null));
      },
    },
    {
      group: 'stream',
      name: 'usage asked for',
      script: speaking,
      async run(client) {
        const options = { ...chat, stream: true, stream_options: { include_usage: true } } as const;
        const last = (await all(await client.chat.completions.create(options))).at(-1);
        assert.deepEqual(last?.choices, []);
        assert.equal(last?.usage?.completion_tokens, usage.outputTokens);
      },
    },
    {
      group: 'stream',
      name: 'a call of a tool, one byte at a time',
      script: (stand) =>
        stand.always({
          toolCalls: [{ name: 'look', arguments: { at: 'Zürich 🏔️' }, id: 'call_1' }],
          usage,
          chunking: 1,
        }),
      async run(client) {
        const chunks = await all(
          await client.chat.completions.create({ ...chat, tools: [offered], stream: true }),
        );
        const deltas = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
        assert.deepEqual([deltas[0]?.id, deltas[0]?.function?.name], ['call_1', 'look']);
        assert.deepEqual(JSON.parse(deltas.map((delta) => delta.function?.arguments ?? '').join('')), {
          at: 'Zürich 🏔️',
        });
      },
    },
    {
      group: 'stream',
      name: 'tee() and toReadableStream()',
      script: speaking,
      async run(client) {
        const [left, right] = (await client.chat.completions.create({ ...chat, stream: true })).tee();
        const lines = (await new Response(right.toReadableStream()).text())
          .split('\n')
          .filter((line) => line !== '');
        assert.equal(textOfChunks(await all(left)), said);
        assert.equal(textOfChunks(lines.map((line) => JSON.parse(line) as Chunks[number])), said);
      },
    },
    {
      group: '.stream()',
      name: 'its events and its final completion',
      script: speaking,
      async run(client) {
        const heard: string[] = [];
        const runner = client.chat.completions.stream(chat).on('content', (delta) => heard.push(delta));
        const final = await runner.finalChatCompletion();
        assert.equal(heard.join(''), said);
        assert.equal(final.choices[0]?.message.content, said);
        assert.equal(final.choices[0].finish_reason, 'stop');
      },
    },
    {
      group: '.stream()',
      name: 'structured',
      script: structured,
      async run(client) {
        const runner = client.chat.completions.stream({ ...chat, response_format: format });
        assert.deepEqual((await runner.finalChatCompletion()).choices[0]?.message.parsed, answer);
      },
    },
    {
      group: '.stream()',
      name: 'aborted',
      script: speaking,
      async run(client) {
        const runner = client.chat.completions.stream(chat);
        runner.on('chunk', () => runner.abort());
        await rejection(runner.finalChatCompletion(), 'APIUserAbortError');
        assert.ok(runner.aborted);
      },
    },
    {
      group: '.parse',
      name: 'with zod',
      script: structured,
      async run(client) {
        const { choices } = await client.chat.completions.parse({ ...chat, response_format: format });
        assert.deepEqual(choices[0]?.message.parsed, answer);
      },
    },
    {
      group: '.parse',
      name: 'with zod, cut short',
      script: (stand) => stand.always({ text: '{"ci', stopReason: 'length', usage }),
      run: async (client) =>
        void (await rejection(
          client.chat.completions.parse({ ...chat, response_format: format }),
          'LengthFinishReasonError',
        )),
    },
    ...([false, true] as const).map((stream): Check => ({
      group: 'runTools',
      name: stream ? 'streamed' : 'plain',
      script: calling,
      requests: 2,
      async run(client) {
        const called: unknown[] = [];
        const options = { ...chat, tools: [tool(called)] };
        const runner = stream
          ? client.chat.completions.runTools({ ...options, stream })
          : client.chat.completions.runTools(options);
        assert.equal(await runner.finalContent(), said);
        assert.deepEqual(called, [{ at: 'the lake' }]);
        assert.deepEqual(
          runner.messages.map(({ role }) => role),
          ['user', 'assistant', 'tool', 'assistant'],
        );
      },
    })),
    {
      group: '.withResponse',
      name: 'plain, with its receipt',
      script: speaking,
      async run(client, lab) {
        const { data, response } = await client.chat.completions.create(chat).withResponse();
        assert.ok(response instanceof Response);
        assert.equal(response.status, 200);
        assert.equal(data.choices[0]?.message.content, said);
        const { target, dialect, usage: counted } = await lab.receipt(response);
        assert.equal(target?.provider, 'other');
        assert.equal(dialect, 'openai-chat');
        assert.equal(counted?.inputTokens, usage.inputTokens);
      },
    },
    {
      group: '.withResponse',
      name: 'stream, with its receipt',
      script: speaking,
      async run(client, lab) {
        const { data, response } = await client.chat.completions
          .create({ ...chat, stream: true })
          .withResponse();
        assert.equal(textOfChunks(await all(data)), said);
        const { outcome, usage: counted } = await lab.receipt(response);
        assert.deepEqual([outcome, counted?.outputTokens], ['finished', usage.outputTokens]);
      },
    },
    {
      group: '.asResponse',
      name: 'plain, by each reader',
      script: speaking,
      requests: 3,
      async run(client) {
        const ask = () => client.chat.completions.create(chat).asResponse();
        const bytes = Buffer.from(await (await ask()).arrayBuffer()).toString();
        for (const json of [
          await (await ask()).json(),
          JSON.parse(await (await ask()).clone().text()),
          JSON.parse(bytes),
        ])
          assert.equal(asking.textOf(json), said);
      },
    },
    {
      group: '.asResponse',
      name: 'stream, as text',
      script: speaking,
      async run(client) {
        const response = await client.chat.completions.create({ ...chat, stream: true }).asResponse();
        const text = await response.text();
        assert.ok(text.trimEnd().endsWith('data: [DONE]'));
        assert.ok(!text.includes('message_start'));
      },
    },
    ...sharedChecks(asking),
  ];
}
