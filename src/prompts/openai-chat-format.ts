import type { Loss } from '../core/translation.ts';
import { frozen } from '../core/frozen.ts';
import { defined } from '../dialects/openai-chat/members.ts';
import { encodeFormat } from '../dialects/openai-chat/output-format.ts';
import { encodeStops } from '../dialects/openai-chat/stop-sequences.ts';
import type { OpenAIChatPart } from './bodies.ts';
import {
  addressOf,
  inParts,
  oncePerOutput,
  readByOpenAI,
  withHidden,
  type PromptFormat,
  type Said,
} from './format.ts';
import type { RenderedPart } from './rendering.ts';

/** OpenAI API reference, "Create chat completion", November 2026. */
export const openaiChatFormat: PromptFormat = {
  write({ messages, ...said }, read) {
    const { stop, format } = encoded(said, []);
    return defined({
      model: said.model,
      messages: messages.map((message) => inParts(message, written)),
      max_completion_tokens: said.maxOutputTokens,
      stop,
      temperature: said.temperature,
      top_p: said.topP,
      seed: said.seed,
      frequency_penalty: said.frequencyPenalty,
      presence_penalty: said.presencePenalty,
      reasoning_effort: said.reasoning?.effort,
      response_format: format && withHidden(format, readByOpenAI(read)),
    });
  },
  losses(said) {
    const losses: Loss[] = [];
    encoded(said, losses);
    if (said.topK !== undefined) losses.push({ path: 'topK', reason: 'There is no top-k sampling here.' });
    return losses;
  },
};

const formatOf = oncePerOutput((output, losses) => frozen(encodeFormat(output, losses)));

function encoded({ stopSequences, output }: Said, losses: Loss[]) {
  const stop = encodeStops(stopSequences, losses);
  const format = output && formatOf(output, losses);
  return {
    stop: stop && [...stop],
    format: format && { ...format, json_schema: { ...format.json_schema } },
  };
}

function written(part: RenderedPart): OpenAIChatPart {
  return part.type === 'text'
    ? { type: 'text', text: part.text }
    : { type: 'image_url', image_url: { url: addressOf(part.source) } };
}
