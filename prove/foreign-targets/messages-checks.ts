import assert from 'node:assert/strict';
import type Anthropic from '@anthropic-ai/sdk';
import * as z from 'zod';
import type { AnthropicKit } from '../drop-in/anthropic-checks.ts';
import { all, calling, pieces, said, speaking, usage, type ForeignCheck } from './lab.ts';
import { sharedChecks, type Asking } from './shared-checks.ts';
import { toolRunnerChecks } from './tool-runner-checks.ts';

const messages = [{ role: 'user' as const, content: 'Say something nice about Zürich 🏔️' }];
const ask = { model: 'other/gpt-6-luna', max_tokens: 100, messages } as const;
const Answer = z.object({ city: z.string(), rating: z.number() });
const answer = { city: 'Zürich', rating: 9 };
const look = {
  name: 'look',
  input_schema: { type: 'object' as const, properties: { at: { type: 'string' } } },
};

type Check = ForeignCheck<Anthropic>;
type Events = readonly { readonly type: string; readonly delta?: unknown }[];

const textOfEvents = (events: Events): string =>
  events.map(({ delta }) => (delta as { text?: string } | undefined)?.text ?? '').join('');

const textOf = ({ content }: Pick<Anthropic.Message, 'content'>): string =>
  content.map((block) => (block.type === 'text' ? block.text : '')).join('');

const asking: Asking<Anthropic> = {
  plain: (client, options) => client.messages.create(ask, options),
  stream: async (client, options) => client.messages.create({ ...ask, stream: true }, options),
  unplaced: (client) => client.messages.create({ ...ask, inference_geo: 'eu' }),
  textOf: (message) => textOf(message as Anthropic.Message),
  textOfEvents: (events) => textOfEvents(events as Events),
  withOptions: (client, options) => client.withOptions(options),
};

/** An Anthropic client's messages, answered by an OpenAI chat completion. */
export function messagesChecks(kit: AnthropicKit): readonly Check[] {
  const output_config = { format: kit.zodOutputFormat(Answer) };
  const structured: Check['script'] = (stand) => stand.always({ json: answer, usage });
  return [
    {
      group: 'create',
      name: 'words and usage',
      script: speaking,
      async run(client) {
        const message = await client.messages.create({ ...ask, system: 'Be kind.' });
        assert.deepEqual(
          [message.type, message.role, message.stop_reason],
          ['message', 'assistant', 'end_turn'],
        );
        assert.equal(textOf(message), said);
        assert.equal(message.model, 'gpt-6-luna');
        assert.equal(message.usage.input_tokens, usage.inputTokens - usage.cachedInputTokens);
        assert.equal(message.usage.cache_read_input_tokens, usage.cachedInputTokens);
        assert.equal(message.usage.output_tokens, usage.outputTokens);
      },
    },
    {
      group: 'create',
      name: 'a call of a tool',
      script: calling,
      async run(client) {
        const { content, stop_reason } = await client.messages.create({ ...ask, tools: [look] });
        assert.equal(stop_reason, 'tool_use');
        assert.deepEqual(
          content.map((block) =>
            block.type === 'tool_use' ? [block.id, block.name, block.input] : block.type,
          ),
          [['call_1', 'look', { at: 'the lake' }]],
        );
      },
    },
    {
      group: 'create',
      name: 'beta, whose betas stay here',
      script: speaking,
      async run(client) {
        const message = await client.beta.messages.create({ ...ask, betas: ['context-1m-2025-08-07'] });
        assert.equal(message.content[0]?.type, 'text');
      },
    },
    {
      group: 'create',
      name: 'cut at its limit',
      script: (stand) => stand.always({ text: pieces, usage, stopReason: 'length' }),
      run: async (client) => assert.equal((await client.messages.create(ask)).stop_reason, 'max_tokens'),
    },
    {
      group: 'stream',
      name: 'events in their order',
      script: speaking,
      async run(client) {
        const events = await all(await client.messages.create({ ...ask, stream: true }));
        const types = events.map(({ type }) => type);
        assert.deepEqual(
          [types[0], types.at(-2), types.at(-1)],
          ['message_start', 'message_delta', 'message_stop'],
        );
        assert.equal(textOfEvents(events), said);
        const ending = events.at(-2);
        assert.ok(ending?.type === 'message_delta');
        assert.deepEqual(
          [ending.delta.stop_reason, ending.usage.output_tokens],
          ['end_turn', usage.outputTokens],
        );
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
        const events = await all(await client.messages.create({ ...ask, tools: [look], stream: true }));
        const json = events.map((event) =>
          event.type === 'content_block_delta' && event.delta.type === 'input_json_delta'
            ? event.delta.partial_json
            : '',
        );
        assert.deepEqual(JSON.parse(json.join('')), { at: 'Zürich 🏔️' });
      },
    },
    {
      group: 'stream',
      name: 'tee() and toReadableStream()',
      script: speaking,
      async run(client) {
        const [left, right] = (await client.messages.create({ ...ask, stream: true })).tee();
        const lines = (await new Response(right.toReadableStream()).text())
          .split('\n')
          .filter((line) => line !== '');
        assert.equal(textOfEvents(await all(left)), said);
        assert.equal(textOfEvents(lines.map((line) => JSON.parse(line) as Events[number])), said);
      },
    },
    {
      group: '.stream()',
      name: 'its events and its final message',
      script: speaking,
      async run(client) {
        const heard: string[] = [];
        const runner = client.messages.stream(ask).on('text', (delta) => heard.push(delta));
        const final = await runner.finalMessage();
        assert.equal(heard.join(''), said);
        assert.deepEqual([textOf(final), final.stop_reason], [said, 'end_turn']);
        assert.equal(final.usage.output_tokens, usage.outputTokens);
        assert.equal(await runner.finalText(), said);
      },
    },
    {
      group: '.stream()',
      name: 'structured',
      script: structured,
      run: async (client) =>
        assert.deepEqual(
          (await client.messages.stream({ ...ask, output_config }).finalMessage()).parsed_output,
          answer,
        ),
    },
    {
      group: '.stream()',
      name: 'beta',
      script: speaking,
      run: async (client) => assert.equal(await client.beta.messages.stream(ask).finalText(), said),
    },
    {
      group: '.parse',
      name: 'with zod',
      script: structured,
      run: async (client) =>
        assert.deepEqual((await client.messages.parse({ ...ask, output_config })).parsed_output, answer),
    },
    ...toolRunnerChecks(kit, ask),
    {
      group: '.withResponse',
      name: 'plain and stream',
      script: speaking,
      requests: 2,
      async run(client, lab) {
        const { data, response } = await client.messages.create(ask).withResponse();
        assert.ok(response instanceof Response);
        assert.equal(textOf(data), said);
        assert.equal((await lab.receipt(response)).target?.provider, 'other');
        const streamed = await client.messages.create({ ...ask, stream: true }).withResponse();
        assert.equal(textOfEvents(await all(streamed.data)), said);
        assert.equal((await lab.receipt(streamed.response)).usage?.outputTokens, usage.outputTokens);
      },
    },
    {
      group: '.asResponse',
      name: 'plain and stream',
      script: speaking,
      requests: 2,
      async run(client) {
        assert.equal(
          textOf((await (await client.messages.create(ask).asResponse()).json()) as Anthropic.Message),
          said,
        );
        const text = await (await client.messages.create({ ...ask, stream: true }).asResponse()).text();
        assert.match(text, /^event: message_start\ndata: /);
        assert.ok(!text.includes('[DONE]'));
      },
    },
    {
      group: 'withOptions',
      name: 'a middleware of its own, which only its own provider’s requests pass',
      script: speaking,
      async run(client) {
        const passed: string[] = [];
        const changed = client.withOptions({
          middleware: [
            (request, next) => {
              passed.push(request.url);
              return next(request);
            },
          ],
        });
        assert.equal(textOf(await changed.messages.create(ask)), said);
        assert.deepEqual(passed, []);
      },
    },
    ...sharedChecks(asking),
  ];
}
