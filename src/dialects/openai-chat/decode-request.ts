import type { Loss, Translated } from '../neutral/loss.ts';
import type { NeutralRequest, OutputFormat, ToolChoice, ToolDefinition } from '../neutral/request.ts';
import { asCount, asRecord, asText, items, type JsonRecord, member } from '../record.ts';
import { MessageDecoder } from './decode-message.ts';
import { below, extrasOf } from './extras.ts';
import { asFlag, asId, asList, asNumber, defined, Members } from './members.ts';
import { asEffort } from './reasoning.ts';

/**
 * A request in neutral words. OpenAI API reference, "Create chat completion", November 2026 (`ChatCompletionCreateParams`
 * of the openai SDK 7.57). How the answer is delivered (`stream`, `stream_options`) is no part of it.
 */
export function decodeRequest(body: unknown): Translated<NeutralRequest> {
  const losses: Loss[] = [];
  if (asRecord(body) === undefined) losses.push({ path: '', reason: 'The request is no JSON object.' });
  const members = new Members(body);
  members.ignore('stream', 'stream_options');
  const decoder = new MessageDecoder(losses);
  const messages = (members.take('messages', asList) ?? []).flatMap(
    (message, at) => decoder.decode(message, at) ?? [],
  );
  const model = members.take('model', asText) ?? '';
  const tooling = takeTools(members);
  const effort = members.take('reasoning_effort', asEffort);
  const output = takeOutput(members);
  const options = {
    parallelToolCalls: members.take('parallel_tool_calls', asFlag) ?? tooling.parallelToolCalls,
    maxOutputTokens: members.take('max_completion_tokens', asCount) ?? members.take('max_tokens', asCount),
    stopSequences: members.take('stop', asTexts),
    temperature: members.take('temperature', asNumber),
    topP: members.take('top_p', asNumber),
    seed: members.take('seed', asNumber),
    frequencyPenalty: members.take('frequency_penalty', asNumber),
    presencePenalty: members.take('presence_penalty', asNumber),
    endUserId: members.take('safety_identifier', asId) ?? members.take('user', asId),
  };
  const value: NeutralRequest = {
    model,
    messages,
    ...(tooling.tools.length === 0 ? {} : { tools: tooling.tools }),
    ...(tooling.choice === undefined ? {} : { toolChoice: tooling.choice }),
    ...(output?.format === undefined ? {} : { output: output.format }),
    ...(effort === undefined ? {} : { reasoning: { effort } }),
    ...defined(options),
    ...extrasOf(members.rest, tooling.extras, output?.extras ?? {}),
  };
  return { value, losses };
}

interface Tooling {
  readonly tools: readonly ToolDefinition[];
  readonly choice: ToolChoice | undefined;
  /** The older `functions` give one call at most. */
  readonly parallelToolCalls: false | undefined;
  readonly extras: JsonRecord;
}

/** The older `functions` and `function_call` say the same as `tools` and `tool_choice`, which win where both stand. */
function takeTools(members: Members): Tooling {
  const given = members.take('tools', asList);
  const functions = given === undefined ? members.take('functions', asList) : undefined;
  const tools: ToolDefinition[] = [];
  const extras: Record<string, unknown> = {};
  for (const [at, tool] of (given ?? functions ?? []).entries()) {
    const definition = toolDefinition(functions === undefined ? tool : { function: tool });
    if (definition === undefined) extras[`tools.${at}`] = tool;
    else tools.push(definition);
  }
  const choice =
    members.take('tool_choice', toolChoice) ??
    (functions === undefined ? undefined : members.take('function_call', toolChoice));
  if (typeof choice === 'object' && 'allowed' in choice) {
    extras['tool_choice'] = choice.allowed;
    return { tools, choice: choice.mode, parallelToolCalls: undefined, extras };
  }
  return { tools, choice, parallelToolCalls: functions === undefined ? undefined : false, extras };
}

/** `undefined` for tools that are no functions: `custom` ones, and those a server runs itself. */
function toolDefinition(tool: unknown): ToolDefinition | undefined {
  const members = new Members(tool);
  const inner = new Members(members.take('function', asRecord));
  const name = inner.take('name', asText);
  members.take('type', (type) => (type === 'function' ? type : undefined));
  if (name === undefined || 'type' in members.rest) return undefined;
  const details = { description: inner.take('description', asText), strict: inner.take('strict', asFlag) };
  return {
    name,
    parameters: inner.take('parameters', asRecord) ?? { type: 'object', properties: {} },
    ...defined(details),
    ...extrasOf(members.rest, below('function', inner.rest)),
  };
}

/** `allowed_tools` narrows the tools, which only this format does: its mode is the choice, the rest an extra. */
function toolChoice(
  choice: unknown,
): ToolChoice | { readonly mode: 'auto' | 'required'; readonly allowed: unknown } | undefined {
  if (choice === 'auto' || choice === 'none' || choice === 'required') return choice;
  // Mistral's and vLLM's word for `required`.
  if (choice === 'any') return 'required';
  const name = asText(member(member(choice, 'function'), 'name')) ?? asText(member(choice, 'name'));
  if (name !== undefined) return { name };
  const allowed = member(choice, 'allowed_tools');
  if (asRecord(allowed) === undefined) return undefined;
  return { mode: member(allowed, 'mode') === 'required' ? 'required' : 'auto', allowed: choice };
}

interface Output {
  /** `undefined`: free text, which is also the default. */
  readonly format: OutputFormat | undefined;
  readonly extras: JsonRecord;
}

function takeOutput(members: Members): Output | undefined {
  return members.take('response_format', (given): Output | undefined => {
    switch (member(given, 'type')) {
      case 'text':
        return { format: undefined, extras: {} };
      case 'json_object':
        return { format: { type: 'json' }, extras: {} };
      case 'json_schema': {
        const inner = new Members(member(given, 'json_schema'));
        const schema = inner.take('schema', asRecord) ?? {};
        const details = {
          name: inner.take('name', asText),
          description: inner.take('description', asText),
          strict: inner.take('strict', asFlag),
        };
        return {
          format: { type: 'json-schema', schema, ...defined(details) },
          extras: below('response_format.json_schema', inner.rest),
        };
      }
      default:
        return undefined;
    }
  });
}

/** One text or several. */
function asTexts(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return [value];
  const texts = asList(value)?.filter((text) => typeof text === 'string');
  return texts === undefined || texts.length === 0 || texts.length < items(value).length ? undefined : texts;
}
