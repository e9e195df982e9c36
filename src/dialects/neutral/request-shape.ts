import { extras, message } from './message-shape.ts';
import type { NeutralRequest, OutputFormat, Reasoning, ToolChoice, ToolDefinition } from './request.ts';
import { byMember, count, either, flag, list, number, object, oneOf, record, text } from './shape.ts';

const tool = object<ToolDefinition>(['name', 'parameters'], {
  name: text,
  description: text,
  parameters: record,
  strict: flag,
  extras,
});

const output = byMember<OutputFormat>('type', {
  json: object<Extract<OutputFormat, { type: 'json' }>>([], { type: oneOf('json') }),
  'json-schema': object<Extract<OutputFormat, { type: 'json-schema' }>>(['schema'], {
    type: oneOf('json-schema'),
    schema: record,
    name: text,
    description: text,
    strict: flag,
  }),
});

const reasoning = object<Reasoning>([], {
  effort: oneOf('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'),
  budgetTokens: count,
  show: flag,
  effortOnly: flag,
});

/** A request is one whatever is missing: the provider says what it must have. */
export const request = object<NeutralRequest>([], {
  model: text,
  messages: list(message),
  tools: list(tool),
  toolChoice: either(
    oneOf('auto', 'none', 'required'),
    object<Extract<ToolChoice, { name: string }>>(['name'], { name: text }),
  ),
  parallelToolCalls: flag,
  output,
  maxOutputTokens: count,
  stopSequences: list(text),
  temperature: number,
  topP: number,
  topK: number,
  seed: number,
  frequencyPenalty: number,
  presencePenalty: number,
  reasoning,
  endUserId: text,
  extras,
});
