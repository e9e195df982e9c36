import { frozen } from '../core/frozen.ts';
import type { Loss } from '../core/translation.ts';
import { encodeReasoning } from '../dialects/anthropic-messages/encode-reasoning.ts';
import { joinedInstructions } from '../dialects/anthropic-messages/instructions.ts';
import { defaultMaxTokens } from '../dialects/anthropic-messages/max-tokens.ts';
import { encodeFormat } from '../dialects/anthropic-messages/output-format.ts';
import { lostSampling } from '../dialects/anthropic-messages/sampling.ts';
import { encodeStops } from '../dialects/anthropic-messages/stop-sequences.ts';
import { defined } from '../dialects/openai-chat/members.ts';
import type { AnthropicPart } from './bodies.ts';
import { inParts, oncePerOutput, withHidden, type PromptFormat, type Said } from './format.ts';
import type { RenderedInstructions, RenderedMessage, RenderedPart } from './rendering.ts';

/** SDK type `MessageCreateParams`, November 2026. */
export const anthropicMessagesFormat: PromptFormat = {
  write({ messages, ...said }, read) {
    const { maxTokens, stops, thinking, effort, format } = encoded(said, []);
    const shown = format && withHidden({ ...format }, read === undefined ? {} : { parse: read });
    return defined({
      model: said.model,
      max_tokens: maxTokens,
      system: joinedInstructions(messages.filter(isInstructions).map(({ content }) => spoken(content))),
      messages: messages.flatMap((message) =>
        isInstructions(message) ? [] : [inParts(withoutBlanks(message), written)],
      ),
      stop_sequences: stops && [...stops],
      thinking,
      output_config:
        effort === undefined && shown === undefined ? undefined : defined({ effort, format: shown }),
    });
  },
  losses(said) {
    const losses = [...lostSampling(said)];
    encoded(said, losses);
    return losses;
  },
};

const formatOf = oncePerOutput((output, losses) => ({ format: frozen(encodeFormat(output, losses)) }));

function encoded(
  { maxOutputTokens: maxTokens = defaultMaxTokens, stopSequences, reasoning, output }: Said,
  losses: Loss[],
) {
  return {
    maxTokens,
    stops: encodeStops(stopSequences, losses),
    ...encodeReasoning(reasoning, { maxTokens, forced: false, own: {} }, losses),
    format: output && formatOf(output, losses).format,
  };
}

function isInstructions(message: RenderedMessage): message is RenderedInstructions {
  return message.role === 'system' || message.role === 'developer';
}

/** The API refuses blank texts: they say nothing. */
function spoken(text: string): string {
  return text.trim() === '' ? '' : text;
}

type Turn = Exclude<RenderedMessage, RenderedInstructions>;

function withoutBlanks(message: Turn): Turn {
  if (message.role === 'assistant' || typeof message.content === 'string') return message;
  return {
    ...message,
    content: message.content.filter((part) => part.type !== 'text' || spoken(part.text) !== ''),
  };
}

function written(part: RenderedPart): AnthropicPart {
  if (part.type === 'text') return { type: 'text', text: part.text };
  const { source } = part;
  if (source.type === 'url') return { type: 'image', source: { type: 'url', url: source.url } };
  return { type: 'image', source: { type: 'base64', media_type: source.mediaType, data: source.data } };
}
