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
  passthrough,
} from '../../../src/dialects/index.ts';
import { pixelSize } from '../../../src/dialects/image-size.ts';
import { gif, jpeg, png, webp } from './pictures.ts';

const chat = (body: unknown): RequestMeasure => openaiChat.request.measure(body);
const responses = (body: unknown): RequestMeasure => openaiResponses.request.measure(body);
const anthropic = (body: unknown): RequestMeasure => anthropicMessages.request.measure(body);
const user = (...content: readonly unknown[]) => ({ messages: [{ role: 'user', content }] });

describe('the measure of a request', () => {
  it('counts texts by their characters, and by the bytes that bound their tokens', () => {
    expect(chat({ messages: [{ role: 'user', content: 'four' }] })).toMatchObject({
      characters: 4,
      bytes: 4,
      messages: 1,
      complete: true,
    });
    expect(chat({ messages: [{ role: 'user', content: '日本語' }] })).toMatchObject({
      characters: 3,
      bytes: 9,
    });
    // Some tokenizers read one letter as the phrase it stands for.
    const phrase = chat({ messages: [{ role: 'user', content: '\ufdfa' }] });
    expect(phrase.bytes).toBe(Buffer.byteLength('\ufdfa'.normalize('NFKC')));
    expect(phrase.bytes).toBeGreaterThan(30);
  });

  it.each([
    [
      'openai-chat',
      chat({
        messages: [
          { role: 'system', content: 's' },
          { role: 'user', content: 'u' },
        ],
      }),
    ],
    ['openai-responses', responses({ instructions: 's', input: 'u' })],
    ['anthropic-messages', anthropic({ system: 's', messages: [{ role: 'user', content: 'u' }] })],
    [
      'neutral',
      neutral.request.measure({
        messages: [
          { role: 'system', content: 's' },
          { role: 'user', content: 'u' },
        ],
      }),
    ],
  ])('counts prompts and turns: %s', (_id, measure) => {
    expect(measure).toMatchObject({ messages: 2, characters: 2 });
    expect(measure.texts()).toEqual(['s', 'u']);
  });

  it('frames calls and results like turns', () => {
    const called = {
      role: 'assistant',
      tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } }],
    };
    expect(chat({ messages: [called] }).messages).toBe(2);
    expect(
      responses({ input: [{ type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' }] }),
    ).toMatchObject({ messages: 1 });
  });

  it('counts definitions of tools and schemas by their JSON', () => {
    const parameters = { type: 'object', properties: { city: { type: 'string' } } };
    const tools = [{ type: 'function', function: { name: 'f', parameters } }];
    const measure = chat({ messages: [], tools });
    expect(measure.tools).toBe(1);
    expect(Math.abs(measure.characters - JSON.stringify(tools).length)).toBeLessThan(12);
    expect(measure.texts()).toEqual([JSON.stringify(tools)]);
    const format = { type: 'json_schema', json_schema: { name: 'answer', schema: parameters } };
    expect(chat({ messages: [], response_format: format }).bytes).toBeGreaterThan(
      JSON.stringify(format).length,
    );
    expect(responses({ input: '', text: { format } }).bytes).toBeGreaterThan(JSON.stringify(format).length);
    expect(anthropic({ messages: [], output_config: { format } }).bytes).toBeGreaterThan(
      JSON.stringify(format).length,
    );
  });

  it('bounds what a provider may read, though it is no text: names, ids, signatures, members that are not known', () => {
    const bare = anthropic({ messages: [{ role: 'assistant', content: [{ type: 'text', text: 'x' }] }] });
    for (const more of [
      { id: 'a'.repeat(50) },
      { signature: 'a'.repeat(50) },
      { invented: 'a'.repeat(50) },
    ]) {
      const measure = anthropic({
        messages: [{ role: 'assistant', content: [{ type: 'text', text: 'x', ...more }] }],
      });
      expect(measure.bytes).toBeGreaterThanOrEqual(bare.bytes + 50);
    }
    const unknown = anthropic({ messages: [], invented: { prompt: 'a'.repeat(50) } });
    expect(unknown).toMatchObject({ characters: 0 });
    expect(unknown.bytes).toBeGreaterThanOrEqual(50);
  });

  it('does not count what no model reads', () => {
    const body = {
      model: 'm',
      metadata: { a: 'b' },
      temperature: 0.5,
      user: 'u',
      stream: true,
      service_tier: 'flex',
    };
    for (const measure of [chat(body), responses(body), anthropic(body)]) expect(measure.bytes).toBe(0);
  });

  it('keeps pictures apart, with the size that their head tells', () => {
    const url = `data:image/png;base64,${png(640, 480)}`;
    const size = { width: 640, height: 480 };
    expect(chat(user({ type: 'image_url', image_url: { url, detail: 'low' } }))).toMatchObject({
      images: [{ detail: 'low', ...size }],
      bytes: 0,
      complete: true,
    });
    expect(responses({ input: [{ content: [{ type: 'input_image', image_url: url }] }] }).images).toEqual([
      size,
    ]);
    const source = { type: 'base64', media_type: 'image/png', data: png(640, 480) };
    expect(anthropic(user({ type: 'image', source })).images).toEqual([size]);
    const result = { type: 'tool_result', tool_use_id: 't', content: [{ type: 'image', source }] };
    expect(anthropic(user(result)).images).toEqual([size]);
    expect(
      neutral.request.measure(
        user({
          type: 'image',
          source: { ...source, mediaType: 'image/png' },
          extras: { 'openai-chat': { 'image_url.detail': 'high' } },
        }),
      ).images,
    ).toEqual([{ detail: 'high', ...size }]);
    expect(responses({ input: [{ type: 'image_generation_call', result: png(640, 480) }] }).images).toEqual([
      size,
    ]);
    expect(chat(user({ type: 'file', file: { file_data: url } }))).toMatchObject({
      images: [size],
      files: [],
    });
  });

  it('keeps pictures without a known size apart as well', () => {
    expect(chat(user({ type: 'image_url', image_url: { url: 'https://example.com/a.png' } })).images).toEqual(
      [{}],
    );
    expect(responses({ input: [{ content: [{ type: 'input_image', file_id: 'f' }] }] }).images).toEqual([{}]);
  });

  it('keeps documents and sound apart, with their bytes where they are in the request', () => {
    const file_data = `data:application/pdf;base64,${'A'.repeat(400)}`;
    expect(chat(user({ type: 'file', file: { file_data, filename: 'a.pdf' } }))).toMatchObject({
      files: [{ kind: 'document', bytes: 300 }],
      bytes: 'a.pdf'.length,
    });
    expect(responses({ input: [{ content: [{ type: 'input_file', file_id: 'f' }] }] }).files).toEqual([
      { kind: 'document' },
    ]);
    expect(
      chat(user({ type: 'input_audio', input_audio: { data: 'A'.repeat(40), format: 'wav' } })).files,
    ).toEqual([{ kind: 'audio', bytes: 30 }]);
    expect(
      chat({ messages: [{ role: 'assistant', content: null, audio: { id: 'audio_1' } }] }).files,
    ).toEqual([{ kind: 'audio' }]);
    const document = {
      type: 'document',
      title: 'title',
      source: { type: 'url', url: 'https://example.com' },
    };
    expect(anthropic(user(document))).toMatchObject({ files: [{ kind: 'document' }], characters: 5 });
    const inline = { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'words' } };
    expect(anthropic(user(inline)).files).toEqual([]);
    expect(anthropic(user(inline)).texts()).toContain('words');
  });

  it.each([
    [responses({ previous_response_id: 'r', input: '' })],
    [responses({ conversation: 'c', input: '' })],
    [responses({ prompt: { id: 'p' } })],
    [responses({ input: [{ type: 'item_reference', id: 'i' }] })],
    [anthropic({ messages: [], thread: { type: 'continue', previous_message_id: 'm' } })],
    [anthropic({ messages: [], container: 'c' })],
    [anthropic({ messages: [], mcp_servers: [{ type: 'url', url: 'u', name: 'n' }] })],
    [passthrough.request.measure({})],
    [chat(undefined)],
  ])('%# is incomplete where the provider holds more than the body shows', ({ complete }) => {
    expect(complete).toBe(false);
  });

  it('is complete where a thread begins: it contains all so far', () => {
    expect(anthropic({ messages: [], thread: { type: 'create' } }).complete).toBe(true);
  });

  it('has the output limit, and what it must exceed', () => {
    expect(chat({ max_tokens: 9, max_completion_tokens: 7 })).toMatchObject({ maxOutputTokens: 7 });
    expect(chat({ reasoning: { max_tokens: 100 } })).toMatchObject({ leastOutputTokens: 100 });
    expect(responses({ max_output_tokens: 5 })).toMatchObject({ maxOutputTokens: 5, leastOutputTokens: 0 });
    expect(anthropic({ max_tokens: 5, thinking: { type: 'enabled', budget_tokens: 4 } })).toMatchObject({
      maxOutputTokens: 5,
      leastOutputTokens: 4,
    });
    expect(neutral.request.measure({ maxOutputTokens: 5, reasoning: { budgetTokens: 4 } })).toMatchObject({
      maxOutputTokens: 5,
      leastOutputTokens: 4,
    });
    expect(chat({ max_tokens: Infinity }).maxOutputTokens).toBeUndefined();
  });

  it('has the number of answers, the tier, and whether they come later', () => {
    expect(chat({ n: 3, service_tier: 'flex' })).toMatchObject({ answers: 3, serviceTier: 'flex' });
    expect(chat({ n: 0 })).toMatchObject({ answers: 1, serviceTier: undefined, background: false });
    expect(responses({ background: true })).toMatchObject({ background: true });
    expect(anthropic({ service_tier: 'auto' })).toMatchObject({ serviceTier: 'auto' });
    expect(anthropic({ service_tier: 'auto', speed: 'fast' })).toMatchObject({ serviceTier: 'fast' });
  });

  it('names what the provider runs by itself, and how often it may', () => {
    expect(
      anthropic({
        tools: [
          { name: 'own', input_schema: {} },
          { type: 'bash_20250124', name: 'bash' },
          { type: 'web_search_20260209', name: 'web_search', max_uses: 3 },
          { type: 'code_execution_20260120', name: 'code_execution' },
        ],
        mcp_servers: [{ type: 'url', name: 'n' }],
        context_management: { edits: [{ type: 'compact_20260112' }, { type: 'clear_tool_uses_20250919' }] },
        fallbacks: 'default',
      }).serverTools,
    ).toEqual([
      { type: 'web_search_20260209', maxUses: 3 },
      { type: 'code_execution_20260120', maxUses: undefined },
      { type: 'mcp', maxUses: undefined },
      { type: 'compact_20260112', maxUses: undefined },
      { type: 'fallbacks', maxUses: undefined },
    ]);
    expect(
      responses({
        max_tool_calls: 2,
        tools: [
          { type: 'function', name: 'f' },
          { type: 'web_search' },
          { type: 'file_search' },
          { type: 'shell', environment: { type: 'local' } },
          { type: 'shell', environment: { type: 'container_auto' } },
        ],
      }).serverTools,
    ).toEqual(['web_search', 'file_search', 'shell'].map((type) => ({ type, maxUses: 2 })));
    expect(
      chat({ tools: [{ type: 'function' }, { type: 'browser_search' }], web_search_options: {} }).serverTools,
    ).toEqual([
      { type: 'browser_search', maxUses: undefined },
      { type: 'web_search', maxUses: undefined },
    ]);
    expect(responses({ prompt: { id: 'p' }, max_tool_calls: 1 }).serverTools).toEqual([
      { type: 'prompt', maxUses: 1 },
    ]);
    const routed = { models: ['a', 'b'], plugins: [{ id: 'web' }], search_parameters: { mode: 'on' } };
    expect(chat(routed).serverTools.map(({ type }) => type)).toEqual(['models', 'web', 'web_search']);
  });

  it('counts tokens that an embedding is given by their number', () => {
    const { measure } = openaiEmbeddings.request;
    expect(measure({ input: [1, 2, 3] })).toMatchObject({ tokens: 3, messages: 1, characters: 0 });
    expect(measure({ input: [[1, 2], [3]] })).toMatchObject({ tokens: 3, messages: 2 });
    expect(measure({ input: ['ab', 'c'] })).toMatchObject({ tokens: 0, messages: 2, characters: 3 });
  });

  it('adds what extras of a neutral request hold', () => {
    const measure = neutral.request.measure({
      messages: [{ role: 'user', content: 'u' }],
      maxOutputTokens: 5,
      extras: {
        'openai-responses': { instructions: 'more', background: true, tools: [{ type: 'web_search' }] },
        'openai-chat': { n: 2, 'tools.0': { type: 'web_search' } },
      },
    });
    expect(measure).toMatchObject({ answers: 2, background: true, maxOutputTokens: 5, complete: true });
    expect(measure.serverTools).toHaveLength(2);
    expect(measure.texts()).toContain('more');
  });
});

describe('the bytes of a request', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string({ unit: 'grapheme', maxLength: 30 }),
    fc.base64String({ maxLength: 80 }),
    fc.constantFrom(
      'const a = [1,2];\n\n\t\treturn a;',
      '日本語のテキスト',
      '👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿',
      'ﷺ½﷽',
      '\ud800',
      '<|endoftext|>',
    ),
  );
  const schema = fc.dictionary(text, fc.oneof(text, fc.integer(), fc.array(text, { maxLength: 3 })), {
    maxKeys: 4,
  });
  const count = (value: unknown): number =>
    countTokens(typeof value === 'string' ? value : JSON.stringify(value), { disallowedSpecial: new Set() });

  it('are never fewer than the tokens of all that it says', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 4 }), text, schema, text, (turns, system, parameters, name) => {
        const turn = turns.map((each) => ({ role: 'user', content: each }));
        const said = [...turns, system, name].reduce((sum, each) => sum + count(each), 0);
        const all = said + count(parameters) + count(JSON.stringify(parameters, undefined, 1));
        const call = {
          type: 'function',
          id: name,
          function: { name, arguments: JSON.stringify(parameters) },
        };
        const tool = { type: 'function', function: { name, parameters } };
        const messages = [{ role: 'system', content: system }, ...turn];
        expect(
          chat({ messages: [...messages, { role: 'assistant', tool_calls: [call] }], tools: [tool] }).bytes,
        ).toBeGreaterThanOrEqual(all);
        expect(
          responses({
            instructions: system,
            input: [...turn, { ...parameters, name }],
            tools: [{ name, parameters }],
          }).bytes,
        ).toBeGreaterThanOrEqual(said + count(parameters));
        const use = { type: 'tool_use', id: 'i', name, input: parameters };
        expect(
          anthropic({
            system,
            messages: [...turn, { role: 'assistant', content: [use] }],
            tools: [{ name, input_schema: parameters }],
          }).bytes,
        ).toBeGreaterThanOrEqual(all);
        const neutralCall = { type: 'tool-call', id: 'i', name, arguments: parameters };
        expect(
          neutral.request.measure({
            messages: [...messages, { role: 'assistant', content: [neutralCall] }],
            tools: [{ name, parameters }],
          }).bytes,
        ).toBeGreaterThanOrEqual(all);
      }),
    );
  });
});

describe('the size of a picture', () => {
  const sides = fc.tuple(fc.integer({ min: 1, max: 16_383 }), fc.integer({ min: 1, max: 16_383 }));

  it('is read off the head of every format', () => {
    fc.assert(
      fc.property(sides, fc.nat(200_000), ([width, height], cameraBytes) => {
        for (const picture of [
          png(width, height),
          gif(width, height),
          jpeg(width, height, cameraBytes),
          webp(width, height, 'VP8 '),
          webp(width, height, 'VP8L'),
          webp(width, height, 'VP8X'),
        ])
          expect(pixelSize(picture)).toEqual({ width, height });
      }),
    );
  });

  it('is not known of anything else, nor of a head that was cut', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(pixelSize(text)).toBeUndefined();
      }),
    );
    for (const picture of [png(5, 5), gif(5, 5), jpeg(5, 5), webp(5, 5, 'VP8X')])
      expect(pixelSize(picture.slice(0, 10))).toBeUndefined();
    expect(pixelSize(png(0, 5))).toBeUndefined();
  });
});
