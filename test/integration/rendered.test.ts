import * as fc from 'fast-check';
import {
  definePrompt,
  promptFromJSON,
  promptOf,
  rendered,
  type Call,
  type CarriedPrompt,
  type Interceptor,
} from 'managed-llm';
import { describe, expect, test } from 'vitest';
import { governed, rejection, settledOnce, type Governed } from './governed.ts';

const definition = {
  name: 'rendered/support',
  version: '1',
  model: 'some-model',
  messages: [
    { role: 'system', content: 'You answer for {{company}}.' },
    { role: 'user', content: '{{question}}' },
  ],
  parameters: { maxOutputTokens: 50, stopSequences: ['END'] },
} as const;
const one = definePrompt(definition);
/** Says the same at more length, of another model, with other parameters. */
const two = definePrompt({
  ...definition,
  version: '2',
  model: 'other-model',
  messages: [
    { role: 'system', content: 'You answer for {{company}}, and kindly.' },
    { role: 'user', content: 'For example?' },
    { role: 'assistant', content: 'Like so.' },
    { role: 'user', content: 'Asked: {{question}}' },
  ],
  parameters: { maxOutputTokens: 70 },
  output: { jsonSchema: { type: 'object' } },
});
const variables = { company: 'Acme', question: 'Where is it?' };
const turns = [
  { role: 'assistant' as const, content: 'Where?' },
  { role: 'user' as const, content: 'There.' },
];

/** Puts another prompt in the place of a call's own, as experiments do. */
function swap(other: CarriedPrompt, seen: (Call | undefined)[] = []): Interceptor {
  return {
    name: 'swap',
    stage: 'shape',
    intercept(call, next) {
      const changed = rendered(call, other);
      seen.push(changed);
      return next(changed ?? call);
    },
  };
}

/** What the one prompt has made of a call, asked in every dialect. */
const dialects: readonly (readonly [string, (world: Governed, asked: typeof one, own: object) => unknown])[] =
  [
    [
      'openai-chat',
      ({ llm }, asked, own) =>
        llm.clients.openai.chat.completions.create(...asked.openai(variables, { ...own, messages: turns })),
    ],
    [
      'openai-responses',
      ({ llm }, asked, own) =>
        llm.clients.openai.responses.create(...asked.responses(variables, { ...own, input: turns })),
    ],
    [
      'anthropic-messages',
      ({ llm }, asked, own) =>
        llm.clients.anthropic.messages.create(...asked.anthropic(variables, { ...own, messages: turns })),
    ],
    [
      'neutral',
      ({ llm }, asked, own) =>
        llm.chat({ prompt: asked, variables, model: 'openai/some-model', ...own, messages: turns }),
    ],
  ];

async function sent(
  ask: (typeof dialects)[number][1],
  asked: typeof one,
  interceptors: readonly Interceptor[],
  own: object = {},
): Promise<{ readonly body: Record<string, unknown>; readonly version: string | undefined }> {
  const world = governed({ interceptors });
  await ask(world, asked, own);
  const [receipt] = await settledOnce(world);
  return {
    body: world.provider.requests[0]?.body as Record<string, unknown>,
    version: receipt?.facts.prompt?.version,
  };
}

describe.each(dialects)('In %s', (dialect, ask) => {
  test('a call is what another version would have made of it, with the turns behind', async () => {
    const { body, version } = await sent(ask, one, [swap(two)]);
    const expected = await sent(ask, two as never, []);
    // In the neutral API the test names the model, and what the application names stays.
    expect(body).toEqual(expected.body);
    expect(version).toBe('2');
  });

  test('what the application says of its own stays', async () => {
    const model = dialect === 'neutral' ? 'openai/mine' : 'mine';
    const limit = { 'openai-chat': 'max_completion_tokens', 'openai-responses': 'max_output_tokens' }[
      dialect as string
    ];
    const own =
      dialect === 'neutral'
        ? { model, maxOutputTokens: 9 }
        : { model, [limit ?? 'max_tokens']: 9, metadata: { user_id: 'a' } };
    const { body } = await sent(ask, one, [swap(two)], own);
    const expected = await sent(ask, two as never, [], own);
    expect(body).toEqual(expected.body);
    expect(body['model']).toBe('mine');
    expect(Object.values(body)).toContain(9);
  });

  test('instructions that an interceptor has put before it stay there', async () => {
    const brief: Interceptor = {
      name: 'brief',
      shareable: true,
      stage: 'shape',
      intercept: (call, next) =>
        next(call.with({ body: call.dialect.request.withInstruction(call.body, 'Be brief.') })),
    };
    const before = await sent(ask, one, [brief, swap(two)]);
    const after = await sent(ask, one, [swap(two), brief]);
    expect(before.body).toEqual(after.body);
    expect(JSON.stringify(before.body)).toContain('Be brief.');
  });

  test('a prompt of which an interceptor has changed a word is left alone', async () => {
    const masks: Interceptor = {
      name: 'masks',
      stage: 'shape',
      intercept: (call, next) =>
        next(
          call.with({
            body: call.dialect.request.mapTexts(call.body, (text) => text.replace('Where is', 'Who is')),
          }),
        ),
    };
    const seen: (Call | undefined)[] = [];
    const { body, version } = await sent(ask, one, [masks, swap(two, seen)]);
    expect(seen).toEqual([undefined]);
    expect(version).toBe('1');
    expect(JSON.stringify(body)).toContain('Who is it?');
  });

  test('from one version to another and back nothing has changed, wherever its turns stand', async () => {
    const turn = fc.record({ role: fc.constantFrom('user', 'assistant'), content: fc.string() });
    const name = dialect === 'openai-responses' ? 'input' : 'messages';
    let call: Call | undefined;
    const keep: Interceptor = {
      name: 'keep',
      stage: 'shape',
      intercept: (asked, next) => {
        call = asked;
        return next(asked);
      },
    };
    await sent(ask, one, [keep]);
    if (call === undefined) return expect.fail('no call');
    const asked = call;
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 4 }), fc.array(turn, { maxLength: 4 }), (before, behind) => {
        const given = asked.body as Record<string, unknown>;
        const own = given[name] as readonly unknown[];
        const moved = asked.with({ body: { ...given, [name]: [...before, ...own, ...behind] } });
        const there = rendered(moved, two);
        const back = there && rendered(there, one);
        expect(there?.body).not.toEqual(moved.body);
        expect(back?.body).toEqual(moved.body);
        expect(back?.model).toBe(moved.model);
      }),
      { numRuns: 50 },
    );
  });
});

describe('Rendered anew', () => {
  test('a call is asked of the other prompt’s model, in its place as a route', async () => {
    const world = governed({ interceptors: [swap(two)], routes: { 'other-model': 'anthropic/claude' } });
    await world.llm.clients.openai.chat.completions.create(...one.openai(variables));
    const [receipt] = await settledOnce(world);
    expect(receipt?.target).toEqual({ provider: 'anthropic', model: 'claude' });
  });

  test('a call that is from no prompt stays as it is', async () => {
    const seen: (Call | undefined)[] = [];
    const world = governed({ interceptors: [swap(two, seen)] });
    await world.llm.chat({ model: 'openai/gpt', messages: 'Hi' });
    expect(seen).toEqual([undefined]);
  });

  test('a call whose variables are not the other’s is refused', async () => {
    const other = promptFromJSON({ name: 'rendered/other', version: '1', template: '{{unheard}}' });
    const world = governed({ interceptors: [swap(other)] });
    const error = await rejection(world.llm.chat({ prompt: one, variables, model: 'openai/gpt' }));
    expect(error).toMatchObject({ code: 'prompt-variables' });
  });

  test('a call goes back to a version that names fewer variables, and forth again', async () => {
    const older = definePrompt({ name: 'rendered/tone', version: '1', template: 'V1 {{q}}' });
    const newer = definePrompt({ name: 'rendered/tone', version: '2', template: 'V2 {{q}} {{tone}}' });
    const given = { q: 'x', tone: 'kindly' };
    const world = governed({ interceptors: [swap(older)] });
    await world.llm.chat({ prompt: newer, variables: given, model: 'openai/gpt' });
    await world.llm.clients.anthropic.messages.create(...newer.anthropic(given, { model: 'claude' }));
    const receipts = await settledOnce(world, 2);
    expect(receipts.map(({ facts }) => facts.prompt?.version)).toEqual(['1', '1']);
    for (const { bodyText } of world.provider.requests) expect(bodyText).toContain('"V1 x"');

    const there = governed({ interceptors: [swap(older), { ...swap(newer), name: 'swap-back' }] });
    await there.llm.chat({ prompt: newer, variables: given, model: 'openai/gpt' });
    expect(there.provider.requests[0]?.bodyText).toContain('"V2 x kindly"');

    // The version that names more cannot be rendered from fewer, and nothing else of the application's is passed over.
    const forth = governed({ interceptors: [swap(newer)] });
    const error = await rejection(
      forth.llm.chat({ prompt: older, variables: { q: 'x' }, model: 'openai/gpt' }),
    );
    expect(error).toMatchObject({ code: 'prompt-variables', details: { variable: 'tone' } });
    expect(() => older.render({ q: 'x', tone: 'kindly' } as never)).toThrow('has no variable `tone`');
  });

  test('a call that counts tokens stays as it is', async () => {
    const seen: (Call | undefined)[] = [];
    const world = governed({ interceptors: [swap(two, seen)] });
    world.provider.next({ body: { input_tokens: 5 } });
    const [{ max_tokens: _limit, ...body }] = one.anthropic(variables, { model: 'claude' });
    await world.llm.clients.anthropic.messages.countTokens(body);
    expect(seen).toEqual([undefined]);
    expect(world.provider.requests[0]?.body).toEqual(JSON.parse(JSON.stringify(body)));
  });

  test('a call tells the prompt and the variables that it was rendered from', async () => {
    const seen: (Call | undefined)[] = [];
    const world = governed({ interceptors: [swap(two, seen)] });
    await world.llm.chat({ prompt: one, variables, model: 'openai/gpt' });
    const [call] = seen;
    expect(call && promptOf(call)).toEqual({ prompt: two, variables });
  });
});
