import { describe, expect, it } from 'vitest';
import type { Dialect } from '../../../src/core/dialect.ts';
import { neutral, anthropicMessages, openaiChat, openaiResponses } from '../../../src/dialects/index.ts';

const sse = (...events: readonly object[]): string =>
  events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');

/** Plain, from its text, and where the text is long enough to be read from its ends only. */
function toldBy({ reply }: Dialect, json: object): unknown {
  const plain = reply.usage(json);
  expect(reply.usageOfText(JSON.stringify(json))).toEqual(plain);
  expect(reply.usageOfText(JSON.stringify({ padding: 'x'.repeat(3_000), ...json }))).toEqual(plain);
  return plain;
}

const counts = { input_tokens: 100, output_tokens: 20, total_tokens: 120 };

describe('usage of a response', () => {
  const output = [
    { type: 'reasoning', summary: [] },
    { type: 'web_search_call', action: { type: 'search', query: 'q' } },
    { type: 'web_search_call', action: { type: 'open_page', url: 'u' } },
    { type: 'file_search_call', queries: [] },
    { type: 'file_search_call', queries: [] },
    { type: 'code_interpreter_call', code: '1' },
    { type: 'image_generation_call', result: 'aaaa' },
    { type: 'shell_call', environment: { type: 'local' } },
    { type: 'shell_call', environment: { type: 'container_reference' } },
    { type: 'function_call', name: 'f', arguments: '{}' },
  ];
  const ran = {
    web_search_requests: 1,
    file_search_requests: 2,
    code_interpreter_requests: 1,
    image_generation_requests: 1,
    shell_requests: 1,
  };

  it('counts the tools that the provider ran and bills for, plain and streamed', () => {
    expect(toldBy(openaiResponses, { output, usage: counts })).toMatchObject({ serverToolRequests: ran });
    const stream = sse(
      { type: 'response.output_item.done', item: output[1] },
      { type: 'response.completed', response: { output, usage: counts } },
    );
    expect(openaiResponses.stream.usage('', stream)).toMatchObject({ serverToolRequests: ran });
  });

  it('takes the number of billed searches from the provider where it tells it', () => {
    const tool_usage = { web_search: { num_requests: 3 } };
    expect(toldBy(openaiResponses, { output, tool_usage, usage: counts })).toMatchObject({
      serverToolRequests: { ...ran, web_search_requests: 3 },
    });
    expect(toldBy(openaiResponses, { usage: { ...counts, num_server_side_tools_used: 2 } })).toMatchObject({
      serverToolRequests: { num_server_side_tools_used: 2 },
    });
  });

  it('has sound and pictures where they are told', () => {
    const usage = {
      ...counts,
      input_tokens_details: { cached_tokens: 0, audio_tokens: 5, image_tokens: 6 },
      output_tokens_details: { reasoning_tokens: 0, audio_tokens: 7, image_tokens: 8 },
    };
    expect(toldBy(openaiResponses, { usage })).toMatchObject({
      audioInputTokens: 5,
      imageInputTokens: 6,
      audioOutputTokens: 7,
      imageOutputTokens: 8,
    });
  });
});

describe('usage of a completion', () => {
  const usage = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 };

  it('has the counts that vendors have places of their own for', () => {
    expect(toldBy(openaiChat, { usage: { ...usage, num_cached_tokens: 64 } })).toMatchObject({
      cachedInputTokens: 64,
    });
    const completion_tokens_details = { image_tokens: 12 };
    expect(toldBy(openaiChat, { usage: { ...usage, completion_tokens_details } })).toMatchObject({
      imageOutputTokens: 12,
    });
  });

  it('counts requests of tools by their names, else all together', () => {
    const server_tool_use_details = { tool_calls_requested: 2, tool_calls_executed: 1 };
    expect(toldBy(openaiChat, { usage: { ...usage, server_tool_use_details } })).toMatchObject({
      serverToolRequests: { tool_calls_executed: 1 },
    });
    const named = { ...server_tool_use_details, web_search_requests: 1 };
    expect(toldBy(openaiChat, { usage: { ...usage, server_tool_use_details: named } })).toMatchObject({
      serverToolRequests: { web_search_requests: 1 },
    });
    expect(
      toldBy(openaiChat, { usage: { ...usage, num_sources_used: 3, num_search_queries: 2 } }),
    ).toMatchObject({
      serverToolRequests: { num_sources_used: 3, num_search_queries: 2 },
    });
    expect(toldBy(openaiChat, { usage: { ...usage, num_sources_used: 0 } })).not.toHaveProperty(
      'serverToolRequests',
    );
  });
});

describe('usage of a message', () => {
  const message = { input_tokens: 100, output_tokens: 20, cache_read_input_tokens: 50 };
  const part = { type: 'message', input_tokens: 100, output_tokens: 10, cache_read_input_tokens: 0 };

  it('says where it was served, and fast mode as the tier that it is billed as', () => {
    const usage = { ...message, inference_geo: 'us', service_tier: 'standard', speed: 'fast' };
    expect(toldBy(anthropicMessages, { usage })).toMatchObject({ inferenceGeo: 'us', serviceTier: 'fast' });
    expect(toldBy(anthropicMessages, { usage: { ...usage, speed: 'standard' } })).toMatchObject({
      serviceTier: 'standard',
    });
  });

  it('is that of all iterations where the top level tells of the first one alone', () => {
    const iterations = [part, { ...part, input_tokens: 300, cache_read_input_tokens: 50 }];
    expect(toldBy(anthropicMessages, { usage: { ...message, iterations } })).toMatchObject({
      inputTokens: 450,
      cachedInputTokens: 50,
      outputTokens: 20,
    });
  });

  it('is that of the top level where that adds them up', () => {
    const iterations = [part, part];
    const usage = { ...message, input_tokens: 200, cache_read_input_tokens: 0, iterations };
    expect(toldBy(anthropicMessages, { usage })).toMatchObject({ inputTokens: 200, outputTokens: 20 });
  });

  it('counts what another model answered as requests, which have no price here', () => {
    const advised = [part, { ...part, type: 'advisor_message', model: 'other', input_tokens: 9_000 }];
    expect(toldBy(anthropicMessages, { usage: { ...message, iterations: advised } })).toMatchObject({
      inputTokens: 150,
      serverToolRequests: { advisor_requests: 1 },
    });
    const declined = [part, part, { ...part, type: 'fallback_message', model: 'other' }];
    expect(toldBy(anthropicMessages, { usage: { ...message, iterations: declined } })).toMatchObject({
      inputTokens: 150,
      serverToolRequests: { fallback_requests: 1 },
    });
  });

  it('is the same in a stream, whose end tells the iterations', () => {
    const start = sse({
      type: 'message_start',
      message: { usage: { ...message, speed: 'fast', output_tokens: 1 } },
    });
    const iterations = [part, { ...part, type: 'advisor_message' }];
    const delta = sse({
      type: 'message_delta',
      delta: {},
      usage: { output_tokens: 20, iterations, server_tool_use: { web_search_requests: 2 } },
    });
    expect(anthropicMessages.stream.usage(start, delta)).toEqual({
      inputTokens: 150,
      cachedInputTokens: 50,
      outputTokens: 20,
      serviceTier: 'fast',
      serverToolRequests: { web_search_requests: 2, advisor_requests: 1 },
      provenance: 'reported',
    });
  });
});

describe('neutral usage', () => {
  it('has all counts and where it was served', () => {
    const usage = {
      inputTokens: 1,
      outputTokens: 2,
      imageInputTokens: 1,
      imageOutputTokens: 1,
      inferenceGeo: 'us',
      provenance: 'reported',
    };
    expect(toldBy(neutral, { usage })).toEqual(usage);
  });
});
