import { defined } from '../dialects/openai-chat/members.ts';
import type { OpenAIResponsesBody, OpenAIResponsesPart } from './bodies.ts';
import { addressOf, inParts, readByOpenAI, withHidden, type PromptFormat } from './format.ts';
import type { RenderedPart, Rendering } from './rendering.ts';

/** OpenAI API reference, "Create a model response", November 2026. */
export const openaiResponsesFormat: PromptFormat = {
  leavesOut: ['stopSequences', 'topK', 'seed', 'frequencyPenalty', 'presencePenalty'],
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
      text: output && { format: withHidden(formatOf(output), readByOpenAI(read)) },
    });
  },
};

function written(part: RenderedPart): OpenAIResponsesPart {
  return part.type === 'text'
    ? { type: 'input_text', text: part.text }
    : { type: 'input_image', detail: 'auto', image_url: addressOf(part.source) };
}

function formatOf({
  name = 'answer',
  description,
  schema,
  strict,
}: NonNullable<Rendering['output']>): NonNullable<OpenAIResponsesBody<never, unknown>['text']>['format'] {
  return { type: 'json_schema', name, schema, ...defined({ description, strict }) };
}
