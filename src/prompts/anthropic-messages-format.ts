import { defined } from '../dialects/openai-chat/members.ts';
import type { AnthropicBody, AnthropicEffort, AnthropicPart, AnthropicThinking } from './bodies.ts';
import type { PromptParameters } from './definition.ts';
import { inParts, withHidden, type PromptFormat } from './format.ts';
import type { RenderedInstructions, RenderedMessage, RenderedPart } from './rendering.ts';

/** What translation asks for where nobody names a limit, too. */
const defaultMaxTokens = 16_384;

/** SDK type `MessageCreateParams`, November 2026. Sampling is left out: this version of the API answers it with status 400. */
export const anthropicMessagesFormat: PromptFormat = {
  leavesOut: ['temperature', 'topP', 'topK', 'seed', 'frequencyPenalty', 'presencePenalty'],
  write({ messages, output, ...rest }, read) {
    const { thinking, effort } = thinkingFor(rest.reasoning);
    const format = output && { type: 'json_schema', schema: output.schema };
    if (format !== undefined && read !== undefined) withHidden(format, { parse: read });
    return defined({
      model: rest.model,
      max_tokens: rest.maxOutputTokens ?? defaultMaxTokens,
      system: systemOf(messages),
      messages: messages.flatMap((message) => (isInstructions(message) ? [] : [inParts(message, written)])),
      stop_sequences: rest.stopSequences === undefined ? undefined : [...rest.stopSequences],
      thinking,
      output_config: effort === undefined && format === undefined ? undefined : defined({ effort, format }),
    });
  },
};

/** One text stays text, as most applications write it. */
function systemOf(messages: readonly RenderedMessage[]): AnthropicBody<never>['system'] {
  const texts = messages.flatMap((message) => (isInstructions(message) ? [message.content] : []));
  return texts.length > 1 ? texts.map((text) => ({ type: 'text', text })) : texts[0];
}

function isInstructions(message: RenderedMessage): message is RenderedInstructions {
  return message.role === 'system' || message.role === 'developer';
}

function written(part: RenderedPart): AnthropicPart {
  if (part.type === 'text') return { type: 'text', text: part.text };
  const { source } = part;
  if (source.type === 'url') return { type: 'image', source: { type: 'url', url: source.url } };
  return { type: 'image', source: { type: 'base64', media_type: source.mediaType, data: source.data } };
}

/** An effort asks for thinking as the model sees fit, and for that effort, which counts for the rest of the answer too. */
function thinkingFor(reasoning: PromptParameters['reasoning']): {
  readonly thinking?: AnthropicThinking;
  readonly effort?: AnthropicEffort;
} {
  if (reasoning === undefined) return {};
  const { effort } = reasoning;
  if (effort === 'none') return { thinking: { type: 'disabled' } };
  return { thinking: { type: 'adaptive' }, effort: effort === 'minimal' ? 'low' : effort };
}
