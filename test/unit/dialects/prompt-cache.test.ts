import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Breakpoints, LongEnough, PromptCacheLens } from '../../../src/core/prompt-cache-lens.ts';
import { withoutBreakpoints } from '../../../src/dialects/anthropic-messages/cache-marks.ts';
import { promptCache as anthropic } from '../../../src/dialects/anthropic-messages/prompt-cache.ts';
import { anthropicMessages, openaiChat, openaiResponses } from '../../../src/dialects/index.ts';
import { promptCache as chat } from '../../../src/dialects/openai-chat/prompt-cache.ts';
import { promptCache as responses } from '../../../src/dialects/openai-responses/prompt-cache.ts';

type Json = Readonly<Record<string, unknown>>;

const short = { type: 'ephemeral' };
const long = { type: 'ephemeral', ttl: '1h' };
const everywhere: Breakpoints = { tools: '5m', system: '5m', conversation: '5m' };

const text = (content: string, mark?: Json) => ({
  type: 'text',
  text: content,
  ...(mark && { cache_control: mark }),
});
const user = (content: unknown) => ({ role: 'user', content });
const model = (content: unknown) => ({ role: 'assistant', content });
const tool = (name: string, more: Json = {}) => ({ name, input_schema: { type: 'object' }, ...more });
const call = { type: 'tool_use', id: 'c', name: 'a', input: {} };
const result = { type: 'tool_result', tool_use_id: 'c', content: 'clear' };

/** With breakpoints, of a request that nobody may write to. */
function marked(
  body: unknown,
  wanted = everywhere,
  longEnough: LongEnough = { minTokens: 0, tokensOf: () => 0 },
) {
  return anthropic.withBreakpoints?.(frozen(body), wanted, longEnough) as Record<string, unknown>;
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) frozen(inner);
    Object.freeze(value);
  }
  return value;
}

/** Paths of all breakpoints, each with its lifetime, in the order in which the provider reads them. */
function marksOf(body: unknown): readonly string[] {
  const { tools, system, messages, cache_control: whole } = body as Json;
  const found: string[] = [];
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('cache_control' in value && value.cache_control != null)
      found.push(`${path} ${(value.cache_control as { ttl?: string }).ttl ?? '5m'}`);
    for (const [key, inner] of Object.entries(value))
      if (key !== 'cache_control') walk(inner, `${path}.${key}`);
  };
  walk(tools, 'tools');
  walk(system, 'system');
  walk(messages, 'messages');
  if (whole != null) found.push(`whole ${(whole as { ttl?: string }).ttl ?? '5m'}`);
  return found;
}

describe('breakpoints in requests to Anthropic', () => {
  it('stand behind tools, system prompt, the user’s last turn and the one before the last answer', () => {
    const body = {
      model: 'claude',
      tools: [tool('a'), tool('b')],
      system: 'Be brief.',
      messages: [user('one'), model('1'), user('two'), model([call]), user([result, text('three')])],
    };
    expect(marked(body)).toEqual({
      ...body,
      tools: [tool('a'), tool('b', { cache_control: short })],
      system: [text('Be brief.', short)],
      messages: [
        user('one'),
        model('1'),
        user([text('two', short)]),
        model([call]),
        user([result, text('three', short)]),
      ],
    });
  });

  it('stand only where they are wanted, for as long as is wanted', () => {
    const body = { tools: [tool('a')], system: [text('one'), text('two')], messages: [user('hi')] };
    expect(marked(body, {})).toBe(body);
    expect(marksOf(marked(body, { system: '1h', conversation: '5m' }))).toEqual([
      'system.1 1h',
      'messages.0.content.0 5m',
    ]);
  });

  it('do not stand in a single question, nor where a tool only gives the form of the answer', () => {
    expect(marksOf(marked({ system: 's', messages: [user('hi')] }))).toEqual(['system.0 5m']);
    const formed = { tools: [tool('a')], tool_choice: { type: 'tool', name: 'a' }, messages: [user('hi')] };
    expect(marksOf(marked(formed))).toEqual(['tools.0 5m']);
    expect(marksOf(marked({ ...formed, tool_choice: { type: 'any' } }))).toEqual([
      'tools.0 5m',
      'messages.0.content.0 5m',
    ]);
  });

  it('do not stand in a thread, which the provider refuses with them', () => {
    const messages = [user('a'), model('b'), user('c')];
    const begins = { thread: { type: 'create' }, tools: [tool('a')], system: 's', messages };
    expect(marked(begins)).toBe(begins);
    const goesOn = { thread: { type: 'continue', previous_message_id: 'm' }, messages: [user('d')] };
    expect(marked(goesOn)).toBe(goesOn);
    expect(marksOf(marked({ ...begins, thread: null })).length).toBe(4);
  });

  it('stand on no set of tools that is loaded when searched for, be it in part', () => {
    const search = { type: 'tool_search_tool_bm25_20251119', name: 'search' };
    const deferred = { defer_loading: true };
    for (const more of [
      { type: 'mcp_toolset', mcp_server_name: 'm', default_config: deferred },
      { type: 'mcp_toolset', mcp_server_name: 'm', default_config: {}, configs: { read: deferred } },
      { type: 'browser_toolset_20260801', configs: { click: { enabled: true }, type: deferred } },
    ])
      expect(marksOf(marked({ tools: [search, more], messages: [user('hi')] }))[0]).toBe('tools.0 5m');
    const loaded = {
      type: 'mcp_toolset',
      mcp_server_name: 'm',
      default_config: { defer_loading: false },
      configs: { read: { enabled: false }, write: null },
    };
    expect(marksOf(marked({ tools: [search, loaded], messages: [user('hi')] }))[0]).toBe('tools.1 5m');
  });

  it('stand on no thinking, no empty text and no tool that is loaded when searched for', () => {
    const body = {
      tools: [tool('a'), tool('b', { defer_loading: true })],
      system: [text('Be brief.'), text('  ')],
      messages: [
        user('hi'),
        model([{ type: 'thinking', thinking: 'hm', signature: 's' }, call]),
        user([result, text('')]),
      ],
    };
    expect(marksOf(marked(body))).toEqual([
      'tools.0 5m',
      'system.0 5m',
      'messages.0.content.0 5m',
      'messages.2.content.0 5m',
    ]);
    expect(marksOf(marked({ system: '', messages: [user(''), model('a'), user([])] }))).toEqual([]);
  });

  it('leave alone the part of a request where the caller has set one', () => {
    const body = {
      tools: [tool('a', { cache_control: short }), tool('b')],
      system: [text('one', short), text('two')],
      messages: [user([text('hi', short)]), model('1'), user('two')],
    };
    expect(marked(body)).toBe(body);
    const whole = { cache_control: short, system: 's', messages: [user('a'), model('b'), user('c')] };
    expect(marksOf(marked(whole))).toEqual(['system.0 5m', 'whole 5m']);
    const inside = user([{ ...result, content: [text('clear', short)] }]);
    expect(marksOf(marked({ messages: [user('a'), model([call]), inside] }))).toEqual([
      'messages.2.content.0.content.0 5m',
    ]);
    const page = { type: 'document', source: { type: 'content', content: [text('page', short)] } };
    expect(marksOf(marked({ messages: [user([page]), model('b'), user('c')] }))).toEqual([
      'messages.0.content.0.source.content.0 5m',
    ]);
  });

  it('stand where the request before ended, also where the user has spoken twice since', () => {
    const messages = [user('one'), model([call]), user([result]), user('two')];
    expect(marksOf(marked({ messages }))).toEqual(['messages.0.content.0 5m', 'messages.3.content.0 5m']);
    expect(marksOf(marked({ messages: [...messages, model('I think that')] }))).toEqual([
      'messages.0.content.0 5m',
      'messages.3.content.0 5m',
    ]);
  });

  it('are four with the caller’s, the dearest to go without first', () => {
    const three = user([text('a', short), text('b', short), text('c', short)]);
    const body = { tools: [tool('a')], system: 's', messages: [three, model('b'), user('c')] };
    expect(marksOf(marked(body)).filter((mark) => !mark.startsWith('messages'))).toEqual(['system.0 5m']);
    const inTools = ['a', 'b'].map((name) => tool(name, { cache_control: short }));
    const rest = { system: 's', messages: [user('a'), model('b'), user('c')] };
    expect(marksOf(marked({ tools: inTools, ...rest }))).toEqual([
      'tools.0 5m',
      'tools.1 5m',
      'system.0 5m',
      'messages.2.content.0 5m',
    ]);
  });

  it('keep the longer lifetimes in front, as the provider demands', () => {
    const messages = [user('a'), model('b'), user('c')];
    const hours: Breakpoints = { tools: '1h', system: '1h', conversation: '1h' };
    const behindShort = { tools: [tool('a', { cache_control: short })], system: 's', messages };
    expect(marksOf(marked(behindShort, hours))).toEqual([
      'tools.0 5m',
      'system.0 5m',
      'messages.0.content.0 5m',
      'messages.2.content.0 5m',
    ]);
    const beforeLong = { tools: [tool('a')], system: [text('s', long)], messages };
    expect(marksOf(marked(beforeLong))).toEqual([
      'system.0 1h',
      'messages.0.content.0 5m',
      'messages.2.content.0 5m',
    ]);
    expect(marksOf(marked(beforeLong, hours))[0]).toBe('tools.0 1h');
  });

  it('stand only behind prefixes that are long enough, with all that stands before', () => {
    const body = { model: 'm', tools: [tool('a')], system: 's', messages: [user('hi')] };
    const tokens = (part: unknown) => (JSON.stringify(part).includes('"system"') ? 3 : 1);
    const from = (minTokens: number) => marksOf(marked(body, everywhere, { minTokens, tokensOf: tokens }));
    expect(from(1)).toEqual(['tools.0 5m', 'system.0 5m', 'messages.0.content.0 5m']);
    expect(from(4)).toEqual(['system.0 5m', 'messages.0.content.0 5m']);
    expect(from(5)).toEqual(['messages.0.content.0 5m']);
    expect(from(6)).toEqual([]);
    expect(marked(body, everywhere, { minTokens: 6, tokensOf: tokens })).toBe(body);
  });

  it('are set without measuring anything twice, nor what stands beside something long', () => {
    const body = { tools: [tool('a')], system: 's', messages: [user('a'), model('b'), user('c')] };
    const measured = (tokens: number, wants = everywhere): number => {
      let times = 0;
      const tokensOf = () => {
        times++;
        return tokens;
      };
      marked(body, wants, { minTokens: 10, tokensOf });
      return times;
    };
    expect(measured(1)).toBe(3);
    expect(measured(10)).toBe(2);
    expect(measured(10, { conversation: '5m' })).toBe(1);
  });

  it('are set in whatever comes in, without a throw', () => {
    for (const body of [undefined, null, 1, 'text', [], {}, { messages: 1 }, { tools: [1], system: {} }])
      expect(marked(body)).toBe(body);
  });

  const mark = fc.oneof(
    { weight: 9, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(short, long) },
  );
  const withMark = <T extends Json>(block: fc.Arbitrary<T>) =>
    fc.tuple(block, mark).map(([made, own]) => (own === undefined ? made : { ...made, cache_control: own }));
  const blocks = fc.array(
    fc.oneof(
      withMark(fc.constantFrom(text('hello'), text(''), result, { type: 'image', source: { type: 'url' } })),
      fc.constantFrom({ type: 'thinking', thinking: 't', signature: 's' }, { type: 'odd' }),
      withMark(fc.constantFrom(text('inner'))).map((inner) => ({ ...result, content: [inner] })),
    ),
    { maxLength: 3 },
  );
  const content = fc.oneof(fc.constantFrom('hi', ''), blocks);
  const request = fc.record(
    {
      tools: fc.array(withMark(fc.constantFrom(tool('a'), tool('b', { defer_loading: true }))), {
        maxLength: 3,
      }),
      system: content,
      messages: fc.array(
        fc.tuple(fc.constantFrom('user', 'assistant', 'system'), content).map(([role, said]) => ({
          role,
          content: said,
        })),
        { maxLength: 6 },
      ),
      cache_control: fc.constantFrom(null, null, null, short, long),
    },
    { requiredKeys: [] },
  );
  const wish = fc.constantFrom<'5m' | '1h' | undefined>('5m', '1h', undefined);
  const legal = (lifetimes: readonly string[]): boolean =>
    lifetimes.every((one, index) => one === '1h' || !lifetimes.slice(index).includes('1h'));
  const wanted = fc
    .record({ tools: wish, system: wish, conversation: wish })
    .filter(({ tools, system, conversation }) =>
      legal([tools, system, conversation].filter((one) => one !== undefined)),
    );
  const lifetimesOf = (body: unknown): readonly string[] => marksOf(body).map((found) => found.slice(-2));
  /** A string is short for one block of text. */
  const spelled = (body: unknown): unknown =>
    JSON.parse(
      JSON.stringify(body, (key, value: unknown) =>
        (key === 'system' || key === 'content') && typeof value === 'string'
          ? [{ type: 'text', text: value }]
          : value,
      ),
    );

  it('are at most four, keep the caller’s, change nothing else, and are the same when set again', () => {
    let set = 0;
    fc.assert(
      fc.property(request, wanted, (body, wants) => {
        const before = marksOf(spelled(body));
        const after = marked(body, wants);
        set += marksOf(after).length - before.length;
        expect(marksOf(spelled(after)).filter((found) => before.includes(found))).toEqual(before);
        expect(marksOf(after).length).toBeLessThanOrEqual(Math.max(4, before.length));
        expect(spelled(withoutBreakpoints(after))).toEqual(spelled(withoutBreakpoints(body)));
        expect(marked(after, wants)).toBe(after);
        if (legal(lifetimesOf(body))) expect(legal(lifetimesOf(after))).toBe(true);
      }),
      { numRuns: 2_000, seed: 7 },
    );
    expect(set).toBeGreaterThan(1_000);
  });
});

describe('tools in a stable order', () => {
  const schemaOf = (...names: readonly string[]) => ({
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, { type: 'string', description: name }])),
  });
  const backwards = <T extends Json>(value: T): T =>
    Object.fromEntries(
      Object.entries(value)
        .toReversed()
        .map(([key, inner]) => [
          key,
          typeof inner === 'object' && inner !== null && !Array.isArray(inner)
            ? backwards(inner as Json)
            : inner,
        ]),
    ) as T;

  it.each<readonly [string, PromptCacheLens, (name: string) => Json]>([
    ['anthropic', anthropic, (name: string) => ({ name, input_schema: schemaOf('x', 'y') })],
    [
      'chat',
      chat,
      (name: string) => ({ type: 'function', function: { name, parameters: schemaOf('x', 'y') } }),
    ],
    ['responses', responses, (name: string) => ({ type: 'function', name, parameters: schemaOf('x', 'y') })],
  ])('are equal bytes in %s, in whatever order they were given', (_name, lens, make) => {
    const one = { model: 'm', tools: ['b', 'a', 'c'].map(make) };
    const other = { model: 'm', tools: ['c', 'b', 'a'].map(make).map(backwards) };
    const bytes = JSON.stringify(lens.withStableTools(frozen(one)));
    expect(JSON.stringify(lens.withStableTools(frozen(other)))).toBe(bytes);
    const again = lens.withStableTools(frozen(one));
    expect(lens.withStableTools(again)).toBe(again);
    expect((again as typeof one).tools).toEqual(['a', 'b', 'c'].map(make));
  });

  it('keep the order that the caller’s breakpoints speak of', () => {
    const tools = [tool('b', { cache_control: short }), tool('a')];
    const { tools: sent } = anthropic.withStableTools({ tools }) as { tools: Json[] };
    expect(sent.map(({ name }) => name)).toEqual(['b', 'a']);
  });

  it('are those of providers too: by type, label or the name of a server', () => {
    const tools = [
      { type: 'web_search' },
      { type: 'mcp', server_label: 'files' },
      { type: 'function', name: 'a' },
    ];
    const sent = responses.withStableTools({ tools }) as { tools: Json[] };
    expect(sent.tools.map((each) => each['name'] ?? each['server_label'] ?? each['type'])).toEqual([
      'a',
      'files',
      'web_search',
    ]);
  });

  it('are the same object once they are in order, numbers among their keys too', () => {
    const parameters = schemaOf('9', '10', 'b', 'a');
    const body = frozen({ tools: [{ type: 'function', function: { parameters, name: 'f' } }] });
    const once = chat.withStableTools(body);
    expect(once).not.toBe(body);
    expect(chat.withStableTools(frozen(once))).toBe(once);
  });

  it('leave whatever is no tool as it is', () => {
    for (const body of [undefined, null, [], {}, { tools: null }, { tools: [] }, { tools: ['x', 1] }])
      expect(chat.withStableTools(body)).toBe(body);
  });
});

describe.each([
  ['chat', chat],
  ['responses', responses],
] as const)('hints for OpenAI’s prompt cache in %s', (_name, { withHints }) => {
  it('stand beside what the request says, and never in its place', () => {
    const hints = { key: 'k', retention: '24h' } as const;
    expect(withHints?.(frozen({ model: 'm' }), hints)).toEqual({
      model: 'm',
      prompt_cache_key: 'k',
      prompt_cache_retention: '24h',
    });
    const own = { prompt_cache_key: 'mine', prompt_cache_retention: null };
    expect(withHints?.(own, hints)).toBe(own);
    const newer = { prompt_cache_options: { ttl: '12h' } };
    expect(withHints?.(frozen(newer), hints)).toEqual({ ...newer, prompt_cache_key: 'k' });
    const none = { model: 'm' };
    expect(withHints?.(none, { key: undefined, retention: undefined })).toBe(none);
  });
});

describe('the key of an answer', () => {
  it('holds no breakpoint of Anthropic’s cache, wherever it stands', () => {
    const { fingerprint } = anthropicMessages.request;
    const document = (mark?: Json) => ({
      type: 'document',
      source: { type: 'content', content: [text('page', mark)] },
    });
    const body = (mark?: Json) => ({
      model: 'm',
      ...(mark && { cache_control: mark }),
      tools: [tool('a', mark && { cache_control: mark })],
      system: [text('s', mark)],
      messages: [user([text('hi', mark), { ...result, content: [text('clear', mark)] }, document(mark)])],
    });
    expect(fingerprint(body(short))).toBe(fingerprint(body()));
    expect(fingerprint(body(long))).toBe(fingerprint(body()));
  });

  it('holds whatever else is called so: an argument, or a property of a schema', () => {
    const { fingerprint } = anthropicMessages.request;
    const withInput = (input: Json) => ({ messages: [model([{ ...call, input }])] });
    expect(fingerprint(withInput({ cache_control: short }))).not.toBe(fingerprint(withInput({})));
    const withSchema = (properties: Json) => ({
      messages: [],
      tools: [tool('a', { input_schema: { type: 'object', properties } })],
    });
    expect(fingerprint(withSchema({ cache_control: {} }))).not.toBe(fingerprint(withSchema({})));
  });

  it('holds no breakpoint of OpenAI’s cache either', () => {
    const marks = { prompt_cache_breakpoint: { mode: 'explicit' } };
    const inChat = (mark: Json) => ({
      model: 'm',
      messages: [user([{ type: 'text', text: 'hi', ...mark }])],
    });
    expect(openaiChat.request.fingerprint(inChat(marks))).toBe(openaiChat.request.fingerprint(inChat({})));
    const inResponse = (mark: Json) => ({
      model: 'm',
      input: [
        user([{ type: 'input_text', text: 'hi', ...mark }]),
        { type: 'function_call_output', call_id: 'c', output: [{ type: 'input_text', text: 'ok', ...mark }] },
      ],
    });
    expect(openaiResponses.request.fingerprint(inResponse(marks))).toBe(
      openaiResponses.request.fingerprint(inResponse({})),
    );
  });
});
