import type { Loss, Translated } from '../neutral/loss.ts';
import type { NeutralRequest } from '../neutral/request.ts';
import { asCount, asRecord, asText, items, type JsonRecord, member } from '../record.ts';
import { decodeMessages, decodeSystem } from './decode-messages.ts';
import { decodeReasoning } from './decode-reasoning.ts';
import { decodeToolChoice, decodeTools } from './decode-tools.ts';
import { extrasWith, membersExcept } from './own-extras.ts';
import { startsThread } from './held.ts';

/** Members that have their place in the neutral request, or say how the answer comes. */
const known = [
  'model',
  'system',
  'messages',
  'tools',
  'tool_choice',
  'max_tokens',
  'stop_sequences',
  'temperature',
  'top_p',
  'top_k',
  'thinking',
  'output_config',
  'metadata',
  'stream',
];

/**
 * SDK type `MessageCreateParams`, November 2026, and the sampling of `anthropic-version` 2023-06-01. What an object
 * such as `metadata` has beyond that stands in extras under the object's name.
 */
export function decodeRequest(body: unknown): Translated<NeutralRequest> {
  const losses: Loss[] = [];
  const of = (key: string): unknown => member(body, key);
  const { tools, providersOwn } = decodeTools(of('tools'));
  const choice = decodeToolChoice(of('tool_choice'));
  const { reasoning, thinking, effort } = decodeReasoning(
    of('thinking'),
    member(of('output_config'), 'effort'),
  );
  const schema = schemaOf(of('output_config'));
  const maxOutputTokens = asCount(of('max_tokens'));
  const stops = items(of('stop_sequences')).filter((text) => typeof text === 'string');
  const endUserId = asText(member(of('metadata'), 'user_id'));
  const system = of('system');
  // Says only how the next turn may be sent: nothing of this one is lost without it.
  const thread = startsThread(body) ? ['thread'] : [];
  const value: NeutralRequest = {
    model: asText(of('model')) ?? '',
    messages: [
      ...(system === undefined || system === null ? [] : [decodeSystem(system, {})]),
      ...decodeMessages(of('messages'), losses),
    ],
    ...(tools.length === 0 ? {} : { tools }),
    ...choice,
    ...(schema === undefined ? {} : { output: { type: 'json-schema', schema } }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(stops.length === 0 ? {} : { stopSequences: stops }),
    ...numbers(body, { temperature: 'temperature', topP: 'top_p', topK: 'top_k' }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(endUserId === undefined ? {} : { endUserId }),
    ...extrasWith({
      ...membersExcept(body, ...known, ...thread),
      ...leftOver('tools', providersOwn),
      ...(choice === undefined ? leftOver('tool_choice', of('tool_choice')) : {}),
      ...leftOver('thinking', thinking),
      ...leftOver('output_config', {
        ...membersExcept(of('output_config'), 'effort', ...(schema === undefined ? [] : ['format'])),
        ...(effort === undefined || effort === null ? {} : { effort }),
      }),
      ...leftOver('metadata', membersExcept(of('metadata'), ...(endUserId === undefined ? [] : ['user_id']))),
    }),
  };
  return { value, losses };
}

function schemaOf(outputConfig: unknown): JsonRecord | undefined {
  const format = member(outputConfig, 'format');
  return member(format, 'type') === 'json_schema' ? asRecord(member(format, 'schema')) : undefined;
}

function numbers<Name extends string>(
  body: unknown,
  names: Readonly<Record<Name, string>>,
): { readonly [Key in Name]?: number } {
  const told: { [Key in Name]?: number } = {};
  for (const name in names) {
    const count = asCount(member(body, names[name]));
    if (count !== undefined) told[name] = count;
  }
  return told;
}

/** A member of the extras, unless there is nothing in it. */
function leftOver(name: string, value: unknown): JsonRecord {
  const isEmpty =
    value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);
  return isEmpty ? {} : { [name]: value };
}
