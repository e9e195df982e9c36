import { defined } from '../dialects/openai-chat/members.ts';
import type { OpenAIChatBody, OpenAIChatPart } from './bodies.ts';
import { addressOf, inParts, readByOpenAI, withHidden, type PromptFormat } from './format.ts';
import type { RenderedPart, Rendering } from './rendering.ts';

/** OpenAI API reference, "Create chat completion", November 2026. */
export const openaiChatFormat: PromptFormat = {
  leavesOut: ['topK'],
  write: ({ messages, output, ...rest }, read) =>
    defined({
      model: rest.model,
      messages: messages.map((message) => inParts(message, written)),
      max_completion_tokens: rest.maxOutputTokens,
      stop: rest.stopSequences === undefined ? undefined : [...rest.stopSequences],
      temperature: rest.temperature,
      top_p: rest.topP,
      seed: rest.seed,
      frequency_penalty: rest.frequencyPenalty,
      presence_penalty: rest.presencePenalty,
      reasoning_effort: rest.reasoning?.effort,
      response_format: output && withHidden(responseFormat(output), readByOpenAI(read)),
    }),
};

function written(part: RenderedPart): OpenAIChatPart {
  return part.type === 'text'
    ? { type: 'text', text: part.text }
    : { type: 'image_url', image_url: { url: addressOf(part.source) } };
}

function responseFormat({
  name = 'response',
  description,
  schema,
  strict,
}: NonNullable<Rendering['output']>): NonNullable<OpenAIChatBody<never, unknown>['response_format']> {
  return { type: 'json_schema', json_schema: { name, schema, ...defined({ description, strict }) } };
}
