import type { NeutralRequest, OutputFormat, Reasoning } from '../neutral/request.ts';
import type { Translated } from '../neutral/loss.ts';
import { asRecord, asText, type JsonRecord, member } from '../record.ts';
import { decodeInput } from './decode-input.ts';
import { asBoolean, asNumber, inExtras, listOf, Members, present } from './members.ts';
import { decodeToolChoice, decodeTools } from './tools.ts';

/** OpenAI API reference, "Create a model response", November 2026. */
export function decodeRequest(body: unknown): Translated<NeutralRequest> {
  const members = new Members(body).drop('stream');
  const instructions = members.take('instructions', asText);
  const input = members.take('input', (value) => asText(value) ?? listOf(value));
  const tools = decodeTools(members.take('tools', listOf));
  const choice = member(body, 'tool_choice');
  const toolChoice = decodeToolChoice(choice);
  if (member(choice, 'type') !== 'allowed_tools' && toolChoice !== undefined) members.drop('tool_choice');
  const text = new Members(members.take('text', asRecord));
  const output = decodeFormat(text);
  const thinking = new Members(members.take('reasoning', asRecord));
  const reasoning = decodeReasoning(thinking);
  const settings = {
    parallelToolCalls: members.take('parallel_tool_calls', asBoolean),
    maxOutputTokens: members.take('max_output_tokens', asNumber),
    temperature: members.take('temperature', asNumber),
    topP: members.take('top_p', asNumber),
    // The older name of the two, which may stand beside the newer.
    endUserId: members.take('safety_identifier', asText) ?? members.take('user', asText),
  };
  const model = members.take('model', asText) ?? '';
  const extras = {
    ...members.rest,
    ...filled('tools', tools.others),
    ...filled('text', text.rest),
    ...filled('reasoning', thinking.rest),
  };
  return {
    value: {
      model,
      messages: decodeInput(instructions, input),
      ...(tools.functions.length === 0 ? {} : { tools: tools.functions }),
      ...present({ toolChoice, output, reasoning }),
      ...present(settings),
      ...(Object.keys(extras).length === 0 ? {} : inExtras(extras)),
    },
    losses: [],
  };
}

function filled(key: string, content: readonly unknown[] | JsonRecord): JsonRecord {
  return Object.keys(content).length === 0 ? {} : { [key]: content };
}

/** `text.format`. A format we do not know, and what we do not know of one, stays in the text's own extras. */
function decodeFormat(text: Members): OutputFormat | undefined {
  const format = new Members(text.take('format', asRecord));
  const output = known(format);
  const rest = format.rest;
  if (Object.keys(rest).length > 0) text.put('format', rest);
  return output;
}

function known(format: Members): OutputFormat | undefined {
  const type = format.rest['type'];
  if (type === 'text') format.drop('type');
  if (type === 'json_object') {
    format.drop('type');
    return { type: 'json' };
  }
  if (type !== 'json_schema') return undefined;
  const schema = format.take('schema', asRecord);
  if (schema === undefined) return undefined;
  format.drop('type');
  const more = {
    name: format.take('name', asText),
    description: format.take('description', asText),
    strict: format.take('strict', asBoolean),
  };
  return { type: 'json-schema', schema, ...present(more) };
}

const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;

/** SDK type `Reasoning`. `generate_summary` is the older name of `summary`. */
function decodeReasoning(thinking: Members): Reasoning | undefined {
  const effort = thinking.take('effort', (value) => efforts.find((known) => known === value));
  const { summary, generate_summary: older } = thinking.rest;
  thinking.drop('summary', 'auto');
  const show = summary !== undefined || older !== undefined;
  if (effort === undefined && !show) return undefined;
  return { ...present({ effort }), ...(show ? { show } : {}) };
}
