import { foreignExtras } from '../neutral/extras.ts';
import type { Loss, Translated } from '../neutral/loss.ts';
import type { NeutralRequest, OutputFormat, Reasoning } from '../neutral/request.ts';
import { effortOfBudget } from '../openai-chat/reasoning.ts';
import { asRecord, items, type JsonRecord, member, withoutMembers } from '../record.ts';
import { encodeInput } from './encode-input.ts';
import { ownExtras, present } from './members.ts';
import { encodeFormat } from './output-format.ts';
import { encodeTool, encodeToolChoice } from './tools.ts';
import { lostSettings } from './unknown-settings.ts';

/** A body for `POST /responses`, streamed or not. */
export function encodeRequest(request: NeutralRequest, stream: boolean): Translated<JsonRecord> {
  const losses: Loss[] = [...foreignExtras(request.extras, 'openai-responses', ''), ...lostSettings(request)];
  const own = ownExtras(request.extras);
  const { input, instructions } = encodeInput(request.messages, losses);
  const tools = [
    ...(request.tools ?? []).map((tool, index) => encodeTool(tool, `tools.${index}`, losses)),
    ...items(own?.['tools']),
  ];
  const value = {
    ...asRecord(withoutMembers(own, ...(stream ? [] : ['stream_options']))),
    ...present({
      model: request.model,
      instructions,
      input: input.length === 0 ? undefined : input,
      tools: tools.length === 0 ? undefined : tools,
      tool_choice: encodeToolChoice(request.toolChoice, own?.['tool_choice']),
      parallel_tool_calls: request.parallelToolCalls,
      text: encodeText(request.output, asRecord(own?.['text']), losses),
      max_output_tokens: request.maxOutputTokens,
      temperature: request.temperature,
      top_p: request.topP,
      reasoning: encodeReasoning(request.reasoning, asRecord(own?.['reasoning']), losses),
      safety_identifier: request.endUserId,
      stream: stream ? true : undefined,
    }),
  };
  return { value, losses };
}

function encodeText(
  output: OutputFormat | undefined,
  own: JsonRecord | undefined,
  losses: Loss[],
): JsonRecord | undefined {
  if (output === undefined) return own;
  const format = output.type === 'json' ? { type: 'json_object' } : encodeFormat(output, losses);
  return { ...own, format: { ...asRecord(member(own, 'format')), ...format } };
}

function encodeReasoning(
  reasoning: Reasoning | undefined,
  own: JsonRecord | undefined,
  losses: Loss[],
): JsonRecord | undefined {
  const budget = reasoning?.budgetTokens;
  const effort = reasoning?.effort ?? (budget === undefined ? undefined : effortOfBudget(budget));
  if (budget !== undefined) {
    const reason = `Responses take an effort, not a number of tokens; ${effort} was asked for.`;
    losses.push({ path: 'reasoning.budgetTokens', reason });
  }
  const hidden = reasoning?.show !== true;
  const kept = hidden ? withoutMembers(own, 'summary', 'generate_summary') : own;
  const asked = hidden || own?.['generate_summary'] !== undefined ? {} : { summary: 'auto' };
  const encoded = { ...asked, ...asRecord(kept), ...present({ effort }) };
  return Object.keys(encoded).length === 0 ? undefined : encoded;
}
