import { frozen } from '../core/frozen.ts';
import type { Loss } from '../core/translation.ts';
import { defined } from '../dialects/openai-chat/members.ts';
import { encodeFormat } from '../dialects/openai-responses/output-format.ts';
import { lostSettings } from '../dialects/openai-responses/unknown-settings.ts';
import type { OpenAIResponsesPart } from './bodies.ts';
import { addressOf, inParts, oncePerOutput, readByOpenAI, withHidden, type PromptFormat } from './format.ts';
import type { RenderedPart } from './rendering.ts';

/** OpenAI API reference, "Create a model response", November 2026. */
export const openaiResponsesFormat: PromptFormat = {
  write({ messages, output, ...rest }, read) {
    const [first, ...others] = messages;
    const opens = first?.role === 'system';
    return defined({
      model: rest.model,
      instructions: opens ? first.content : undefined,
      input: (opens ? others : messages).map((message) => inParts(message, written)),
      max_output_tokens: rest.maxOutputTokens,
      temperature: rest.temperature,
      top_p: rest.topP,
      reasoning: rest.reasoning && { effort: rest.reasoning.effort },
      text: output && { format: withHidden({ ...formatOf(output, []) }, readByOpenAI(read)) },
    });
  },
  losses(said) {
    const losses: Loss[] = [...lostSettings(said)];
    if (said.output !== undefined) formatOf(said.output, losses);
    return losses;
  },
};

const formatOf = oncePerOutput((output, losses) => frozen(encodeFormat(output, losses)));

function written(part: RenderedPart): OpenAIResponsesPart {
  return part.type === 'text'
    ? { type: 'input_text', text: part.text }
    : { detail: 'auto', type: 'input_image', image_url: addressOf(part.source) };
}
