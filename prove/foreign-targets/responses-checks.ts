import assert from 'node:assert/strict';
import type OpenAI from 'openai';
import * as z from 'zod';
import type { OpenAIKit } from '../drop-in/openai-checks.ts';
import { all, calling, pieces, said, speaking, usage, type ForeignCheck } from './lab.ts';
import { sharedChecks, type Asking } from './shared-checks.ts';

const asked = { model: 'other/claude-sonnet-5-5', input: 'Say something nice about Zürich 🏔️' } as const;
const Answer = z.object({ city: z.string(), rating: z.number() });
const answer = { city: 'Zürich', rating: 9 };
const look = {
  type: 'function',
  name: 'look',
  parameters: { type: 'object', properties: { at: { type: 'string' } } },
  strict: false,
} as const;

type Check = ForeignCheck<OpenAI>;
type Events = readonly { readonly type: string; readonly delta?: unknown }[];

const textOfEvents = (events: Events): string =>
  events.map(({ type, delta }) => (type === 'response.output_text.delta' ? String(delta) : '')).join('');

const asking: Asking<OpenAI> = {
  plain: (client, options) => client.responses.create(asked, options),
  stream: async (client, options) => client.responses.create({ ...asked, stream: true }, options),
  unplaced: (client) => client.responses.create({ ...asked, tools: [{ type: 'web_search' }] }),
  textOf: (response) => (response as OpenAI.Responses.Response).output_text,
  textOfEvents: (events) => textOfEvents(events as Events),
  withOptions: (client, options) => client.withOptions(options),
};

/** An OpenAI client's responses, answered by Anthropic. */
export function responsesChecks(kit: OpenAIKit): readonly Check[] {
  const text = { format: kit.zodTextFormat(Answer, 'answer') };
  const structured: Check['script'] = (stand) => stand.always({ json: answer, usage });
  return [
    {
      group: 'create',
      name: 'words and usage',
      script: speaking,
      async run(client) {
        const response = await client.responses.create({ ...asked, instructions: 'Be brief.' });
        assert.deepEqual([response.object, response.status, response.error], ['response', 'completed', null]);
        assert.equal(response.output_text, said);
        assert.deepEqual(
          response.output.map(({ type }) => type),
          ['message'],
        );
        assert.equal(response.usage?.input_tokens, usage.inputTokens);
        assert.equal(response.usage.input_tokens_details.cached_tokens, usage.cachedInputTokens);
        assert.equal(response.usage.output_tokens, usage.outputTokens);
        assert.equal(response.instructions, 'Be brief.');
      },
    },
    {
      group: 'create',
      name: 'thinking is shown',
      script: (stand) => stand.always({ reasoning: 'Let me think.', text: pieces, usage }),
      async run(client) {
        const { output } = await client.responses.create({
          ...asked,
          reasoning: { effort: 'low', summary: 'auto' },
        });
        assert.deepEqual(
          output.map(({ type }) => type),
          ['reasoning', 'message'],
        );
      },
    },
    {
      group: 'create',
      name: 'cut at its limit',
      script: (stand) => stand.always({ text: pieces, usage, stopReason: 'length' }),
      async run(client) {
        const { status, incomplete_details } = await client.responses.create({
          ...asked,
          max_output_tokens: 50,
        });
        assert.deepEqual([status, incomplete_details?.reason], ['incomplete', 'max_output_tokens']);
      },
    },
    {
      group: 'create',
      name: 'a call of a tool, answered in the next turn',
      script: calling,
      requests: 2,
      async run(client) {
        const first = await client.responses.create({ ...asked, tools: [look] });
        const [call] = first.output;
        assert.ok(call?.type === 'function_call');
        assert.deepEqual(
          [call.call_id, call.name, JSON.parse(call.arguments)],
          ['call_1', 'look', { at: 'the lake' }],
        );
        const output = { type: 'function_call_output' as const, call_id: call.call_id, output: 'blue' };
        const question = { role: 'user' as const, content: asked.input };
        const next = await client.responses.create({
          ...asked,
          tools: [look],
          input: [question, call, output],
        });
        assert.equal(next.output_text, said);
      },
    },
    {
      group: 'stream',
      name: 'events in their order',
      script: speaking,
      async run(client) {
        const events = await all(await client.responses.create({ ...asked, stream: true }));
        assert.deepEqual(
          events.slice(0, 2).map(({ type }) => type),
          ['response.created', 'response.in_progress'],
        );
        assert.deepEqual(
          events.map(({ sequence_number }) => sequence_number),
          [...events.keys()],
        );
        assert.equal(textOfEvents(events), said);
        const last = events.at(-1);
        assert.ok(last?.type === 'response.completed');
        assert.equal(last.response.usage?.output_tokens, usage.outputTokens);
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
        const events = await all(await client.responses.create({ ...asked, tools: [look], stream: true }));
        const done = events.find(({ type }) => type === 'response.function_call_arguments.done');
        assert.ok(done?.type === 'response.function_call_arguments.done');
        assert.deepEqual(JSON.parse(done.arguments), { at: 'Zürich 🏔️' });
      },
    },
    {
      group: '.stream()',
      name: 'its events and its final response',
      script: speaking,
      async run(client) {
        const runner = client.responses.stream(asked);
        const events = await all(runner);
        assert.equal(textOfEvents(events), said);
        // The oldest helper leaves `output_text` out.
        const [message] = (await runner.finalResponse()).output;
        assert.ok(message?.type === 'message');
        assert.deepEqual(
          message.content.map((part) => (part.type === 'output_text' ? part.text : part.type)),
          [said],
        );
      },
    },
    {
      group: '.stream()',
      name: 'structured',
      script: structured,
      run: async (client) =>
        assert.deepEqual(
          (await client.responses.stream({ ...asked, text }).finalResponse()).output_parsed,
          answer,
        ),
    },
    {
      group: '.parse',
      name: 'with zod',
      script: structured,
      run: async (client) =>
        assert.deepEqual((await client.responses.parse({ ...asked, text })).output_parsed, answer),
    },
    {
      group: '.withResponse',
      name: 'plain and stream',
      script: speaking,
      requests: 2,
      async run(client, lab) {
        const { data, response } = await client.responses.create(asked).withResponse();
        assert.equal(data.output_text, said);
        assert.equal((await lab.receipt(response)).target?.provider, 'other');
        const streamed = await client.responses.create({ ...asked, stream: true }).withResponse();
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
        const plain = (await (await client.responses.create(asked).asResponse()).json()) as {
          object: string;
        };
        assert.equal(plain.object, 'response');
        const response = await client.responses.create({ ...asked, stream: true }).asResponse();
        assert.match(await response.text(), /^event: response\.created\ndata: /);
      },
    },
    ...sharedChecks(asking),
  ];
}
