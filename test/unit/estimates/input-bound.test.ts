import * as fc from 'fast-check';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import type { RequestMeasure } from '../../../src/core/estimates.ts';
import {
  anthropicMessages,
  neutral,
  openaiChat,
  openaiEmbeddings,
  openaiResponses,
} from '../../../src/dialects/index.ts';
import { inputBound } from '../../../src/estimates/input-bound.ts';
import { png } from '../dialects/pictures.ts';

const ordinary = { disallowedSpecial: new Set<string>() };
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.base64String({ maxLength: 120 }),
  fc.lorem({ maxCount: 20 }),
  fc.constantFrom(
    '日本語のテキスト',
    'ตัวอย่าง',
    '👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿',
    'ﷺ½﷽',
    '\ud800',
    '\u0000\u0001',
    '<|im_start|>',
    '\n\n\n\t\t ',
  ),
);
const schema = fc.dictionary(text, fc.oneof(text, fc.integer(), fc.array(text, { maxLength: 3 })), {
  maxKeys: 5,
});
const request = fc.record({
  system: text,
  turns: fc.array(text, { maxLength: 5 }),
  tools: fc.array(fc.record({ name: text, description: text, parameters: schema }), { maxLength: 3 }),
  format: fc.option(schema, { nil: undefined }),
});
type Request = typeof request extends fc.Arbitrary<infer T> ? T : never;

/** As the formats frame them: each turn in marks, tools and form as indented JSON. */
function tokensOf({ system, turns, tools, format }: Request): number {
  const count = (value: string): number => countTokens(value, ordinary);
  const said = [system, ...turns].reduce((sum, each) => sum + count(each) + 4, 3);
  const defined = tools.reduce((sum, tool) => sum + count(JSON.stringify(tool, undefined, 2)) + 10, 0);
  return said + defined + (format === undefined ? 0 : count(JSON.stringify(format, undefined, 2)));
}

const bodies: Readonly<Record<string, (of: Request) => RequestMeasure>> = {
  'openai-chat': ({ system, turns, tools, format }) =>
    openaiChat.request.measure({
      messages: [{ role: 'system', content: system }, ...turns.map((content) => ({ role: 'user', content }))],
      tools: tools.map((tool) => ({ type: 'function', function: tool })),
      response_format: format && { type: 'json_schema', json_schema: { schema: format } },
    }),
  'openai-responses': ({ system, turns, tools, format }) =>
    openaiResponses.request.measure({
      instructions: system,
      input: turns.map((content) => ({ role: 'user', content: [{ type: 'input_text', text: content }] })),
      tools: tools.map((tool) => ({ type: 'function', ...tool })),
      text: { format: format && { type: 'json_schema', schema: format } },
    }),
  'anthropic-messages': ({ system, turns, tools, format }) =>
    anthropicMessages.request.measure({
      system: [{ type: 'text', text: system }],
      messages: turns.map((content) => ({ role: 'user', content })),
      tools: tools.map(({ parameters, ...tool }) => ({ ...tool, input_schema: parameters })),
      output_config: { format: format && { type: 'json_schema', schema: format } },
    }),
  neutral: ({ system, turns, tools, format }) =>
    neutral.request.measure({
      messages: [{ role: 'system', content: system }, ...turns.map((content) => ({ role: 'user', content }))],
      tools,
      output: format && { type: 'json-schema', schema: format },
    }),
};

describe('the most input that a request can be billed for', () => {
  it.each(Object.entries(bodies))(
    'is never less than the tokens of all that it sends: %s',
    (_id, measure) => {
      fc.assert(
        fc.property(request, (of) => {
          expect(inputBound('gpt-6-sol', measure(of), undefined)).toBeGreaterThanOrEqual(tokensOf(of));
        }),
      );
    },
  );

  it('is never less than the tokens of embeddings, as texts or as numbers', () => {
    const numbers = fc.array(fc.nat(200_000), { maxLength: 30 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), fc.array(numbers, { maxLength: 3 }), (texts, tokens) => {
        const { measure } = openaiEmbeddings.request;
        expect(
          inputBound('text-embedding-3-small', measure({ input: texts }), undefined),
        ).toBeGreaterThanOrEqual(texts.reduce((sum, each) => sum + countTokens(each, ordinary), 0));
        expect(
          inputBound('text-embedding-3-small', measure({ input: tokens }), undefined),
        ).toBeGreaterThanOrEqual(tokens.flat().length);
      }),
    );
  });

  const chat = (part: object, more: object = {}): RequestMeasure =>
    openaiChat.request.measure({ messages: [{ role: 'user', content: [part] }], ...more });

  it('has pictures by their size, and by the largest where it is not known', () => {
    const image = (url: string) => chat({ type: 'image_url', image_url: { url } });
    const known = inputBound('gpt-4o', image(`data:image/png;base64,${png(512, 512)}`), undefined) ?? 0;
    const unknown = inputBound('gpt-4o', image('https://example.com/a.png'), undefined) ?? 0;
    expect(known).toBeGreaterThanOrEqual(255);
    expect(known).toBeLessThan(700);
    expect(unknown).toBeGreaterThanOrEqual(85 + 8 * 170);
  });

  it('has sound by its bytes', () => {
    const sound = chat({ type: 'input_audio', input_audio: { data: 'A'.repeat(400_000), format: 'mp3' } });
    expect(inputBound('gpt-audio', sound, undefined)).toBeGreaterThan((300_000 / 1_000) * 32);
  });

  it('is the context window where the request does not show all that is read', () => {
    const hidden: readonly RequestMeasure[] = [
      chat({ type: 'file', file: { file_data: 'AAAA' } }),
      chat({ type: 'file', file: { file_id: 'f' } }),
      openaiResponses.request.measure({ input: 'x', previous_response_id: 'r' }),
      anthropicMessages.request.measure({ messages: [], thread: { type: 'continue' } }),
    ];
    for (const measure of hidden) {
      expect(inputBound('m', measure, 128_000)).toBe(128_000);
      expect(inputBound('m', measure, undefined)).toBeUndefined();
    }
  });

  it('is the context window, as often as the provider may read it anew for tools of its own', () => {
    const search = (max_uses: number | undefined): RequestMeasure =>
      anthropicMessages.request.measure({ messages: [], tools: [{ type: 'web_search_20260209', max_uses }] });
    expect(inputBound('claude-opus-5-5', search(3), 200_000)).toBe(800_000);
    expect(inputBound('claude-opus-5-5', search(3), undefined)).toBeUndefined();
    expect(inputBound('claude-opus-5-5', search(undefined), 200_000)).toBeUndefined();
    expect(inputBound('groq/compound-mini', chat({ type: 'text', text: 'x' }), 128_000)).toBeUndefined();
  });

  it('has room for what providers add: how tools work, how to cite, their own definitions', () => {
    const bound = (body: object): number =>
      inputBound('claude-opus-4-7', anthropicMessages.request.measure(body), undefined) ?? 0;
    expect(bound({ messages: [], tools: [{ name: 'f', input_schema: {} }] })).toBeGreaterThan(804);
    expect(bound({ messages: [], tools: [{ type: 'browser_toolset_20260801' }] })).toBeGreaterThan(6_600);
    const cited = { type: 'document', source: { type: 'text', data: 'x' }, citations: { enabled: true } };
    expect(bound({ messages: [{ role: 'user', content: [cited] }] })).toBeGreaterThan(700);
  });
});
