import * as fc from 'fast-check';
import type { NeutralEvent } from '../../../src/dialects/neutral/event.ts';
import type { AssistantPart, Citation, Message } from '../../../src/dialects/neutral/message.ts';
import type { NeutralRequest, ToolDefinition } from '../../../src/dialects/neutral/request.ts';
import { own } from './responses-requests.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const name = fc.stringMatching(/^[a-z]{1,8}$/);
const json = fc.dictionary(name, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });

const mark = fc.dictionary(name, fc.constantFrom('x', 1, true), { minKeys: 1, maxKeys: 2 });
const source = fc.oneof(
  fc.webUrl().map((url) => ({ type: 'url', url }) as const),
  fc.base64String().map((data) => ({ type: 'base64', data, mediaType: 'image/png' }) as const),
  name.map((id) => ({ type: 'id', id, dialect: 'openai-responses' }) as const),
);
const userPart = fc.oneof(
  text.map((value) => ({ type: 'text', text: value }) as const),
  source.map((from) => ({ type: 'image', source: from }) as const),
  fc.tuple(source, name).map(([from, title]) => ({ type: 'file', source: from, name: title }) as const),
);
const assistantPart: fc.Arbitrary<AssistantPart> = fc.oneof(
  text.map((value) => ({ type: 'text', text: value }) as const),
  text.map((value) => ({ type: 'refusal', text: value }) as const),
  fc.tuple(text, mark).map(([value, marks]) => ({ type: 'reasoning', text: value, ...own(marks) }) as const),
  fc
    .tuple(name, name, json)
    .map(([id, tool, value]) => ({ type: 'tool-call', id, name: tool, arguments: value }) as const),
  name.map((id) => {
    const value = { type: 'custom_tool_call', call_id: id, name: 'shell', input: id };
    return { type: 'foreign', dialect: 'openai-responses', value } as const;
  }),
);

/** A turn of one text is that text. */
const assistant = fc.oneof(
  text,
  fc
    .array(assistantPart, { minLength: 1, maxLength: 4 })
    .filter((parts) => parts.length > 1 || parts[0]?.type !== 'text'),
);

/** Turns that alternate: what the model says is one turn until somebody answers. */
const exchange: fc.Arbitrary<readonly Message[]> = fc
  .record({
    user: fc.oneof(text, fc.array(userPart, { minLength: 1, maxLength: 3 })),
    said: fc.option(assistant, { nil: undefined }),
    results: fc.array(fc.tuple(name, fc.oneof(text, fc.array(userPart, { minLength: 1, maxLength: 2 }))), {
      maxLength: 2,
    }),
  })
  .map(({ user, said, results }) => [
    { role: 'user', content: user },
    ...(said === undefined ? [] : [{ role: 'assistant', content: said } as const]),
    ...results.map(([toolCallId, content]) => ({ role: 'tool', toolCallId, content }) as const),
  ]);

const tool: fc.Arbitrary<ToolDefinition> = fc.record(
  { name, description: text, parameters: json, strict: fc.boolean() },
  { requiredKeys: ['name', 'parameters', 'strict'] },
);

/** Requests without anything that Responses have no place for. */
export const requests: fc.Arbitrary<NeutralRequest> = fc
  .record(
    {
      model: name,
      system: text,
      exchanges: fc.array(exchange, { maxLength: 3 }),
      tools: fc.array(tool, { minLength: 1, maxLength: 2 }),
      toolChoice: fc.constantFrom('auto' as const, 'none' as const, 'required' as const, { name: 'f' }),
      parallelToolCalls: fc.boolean(),
      output: fc.oneof(
        fc.constant({ type: 'json' } as const),
        fc.record(
          { type: fc.constant('json-schema'), schema: json, name, description: text, strict: fc.boolean() },
          { requiredKeys: ['type', 'schema', 'name'] },
        ),
      ),
      maxOutputTokens: fc.nat(),
      temperature: fc.double({ min: 0, max: 2, noNaN: true }),
      topP: fc.double({ min: 0, max: 1, noNaN: true }),
      reasoning: fc.record(
        {
          effort: fc.constantFrom('none' as const, 'low' as const, 'xhigh' as const),
          show: fc.constant(true),
        },
        { requiredKeys: ['effort'] },
      ),
      endUserId: name,
    },
    { requiredKeys: ['model', 'exchanges'] },
  )
  .map(({ system, exchanges, ...rest }) => ({
    ...rest,
    messages: [
      ...(system === undefined ? [] : [{ role: 'system', content: system } as const]),
      ...exchanges.flat(),
    ],
  }));

const pieces = fc.array(text, { minLength: 1, maxLength: 3 });
const citation: fc.Arbitrary<Citation> = fc.record(
  { type: fc.constant('url'), url: fc.webUrl(), title: name, start: fc.nat(9), end: fc.nat(9) },
  { requiredKeys: ['type', 'url', 'start', 'end'] },
);

/** What is told of one part, in order; `part` is set where the parts meet. */
const script: fc.Arbitrary<readonly NeutralEvent[]> = fc.oneof(
  fc
    .record({
      type: fc.constantFrom('text-delta', 'reasoning-delta', 'refusal-delta'),
      texts: pieces,
      citations: fc.array(citation, { maxLength: 2 }),
    })
    .map(({ type, texts, citations }): readonly NeutralEvent[] => [
      ...texts.map((value) => ({ type, part: 0, text: value })),
      ...(type === 'text-delta'
        ? citations.map((each) => ({ type: 'citation', part: 0, citation: each }) as const)
        : []),
      { type: 'part-end', part: 0 },
    ]),
  fc.tuple(fc.uuid(), name, json, fc.nat()).map(([id, called, value, cut]): readonly NeutralEvent[] => {
    const written = JSON.stringify(value);
    const half = cut % (written.length + 1);
    return [
      { type: 'tool-call-start', part: 0, id, name: called },
      { type: 'tool-call-delta', part: 0, text: written.slice(0, half) },
      { type: 'tool-call-delta', part: 0, text: written.slice(half) },
      { type: 'tool-call', part: 0, id, name: called, arguments: value },
    ];
  }),
  fc.uuid().map((id): readonly NeutralEvent[] => {
    // Opening a page is not billed, so usage does not tell of it.
    const value = { type: 'web_search_call', id, status: 'completed', action: { type: 'open_page' } };
    return [{ type: 'foreign', part: 0, value: { type: 'foreign', dialect: 'openai-responses', value } }];
  }),
);

const finish: fc.Arbitrary<NeutralEvent> = fc.record({
  type: fc.constant('finish'),
  stop: fc.record({
    reason: fc.constantFrom('stop', 'length', 'tool-calls', 'content-filter', 'refusal', 'pause', 'other'),
  }),
  usage: fc.option(
    fc.record(
      {
        inputTokens: fc.nat(),
        outputTokens: fc.nat(),
        cachedInputTokens: fc.nat(),
        reasoningTokens: fc.nat(),
        serviceTier: name,
        provenance: fc.constant('reported'),
      },
      { requiredKeys: ['inputTokens', 'outputTokens', 'provenance'] },
    ),
    { nil: undefined },
  ),
});

/** Legal events of an answer, whose parts begin in their order and overlap in any way. */
export const sequences: fc.Arbitrary<readonly NeutralEvent[]> = fc
  .tuple(fc.array(script, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 40 }), finish)
  .map(([scripts, picks, last]) => [
    { type: 'start', id: 'msg_1', model: 'm', usage: undefined },
    ...woven(scripts, picks),
    last,
  ]);

function woven(scripts: readonly (readonly NeutralEvent[])[], picks: readonly number[]): NeutralEvent[] {
  const left = scripts.map((events, part) => events.map((event) => ({ ...event, part })));
  const all: NeutralEvent[] = [];
  let begun = 0;
  for (let turn = 0; left.some((events) => events.length > 0); turn++) {
    const open = left.slice(0, begun + 1).filter((events) => events.length > 0);
    const chosen = open[(picks[turn] ?? 0) % open.length] ?? [];
    begun = Math.max(begun, left.indexOf(chosen) + 1);
    const next = chosen.shift();
    if (next !== undefined) all.push(next as NeutralEvent);
  }
  return all;
}
