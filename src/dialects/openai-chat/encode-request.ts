import { foreignExtras } from '../neutral/extras.ts';
import type { Loss, Translated } from '../neutral/loss.ts';
import type {
  NeutralRequest,
  OutputFormat,
  Reasoning,
  ToolChoice,
  ToolDefinition,
} from '../neutral/request.ts';
import { items, type JsonRecord } from '../record.ts';
import { encodeMessages } from './encode-message.ts';
import { own, withOwnExtras } from './extras.ts';
import { defined } from './members.ts';
import { encodeFormat } from './output-format.ts';
import { effortOfBudget } from './reasoning.ts';
import { encodeStops } from './stop-sequences.ts';

/**
 * A request as OpenAI documents it. Servers that know only older names (`max_tokens`, `system` for `developer`) are
 * quirks of a provider, seen to elsewhere; so is `stream_options`.
 */
export function encodeRequest(request: NeutralRequest, stream: boolean): Translated<unknown> {
  const losses: Loss[] = [...foreignExtras(request.extras, own, '')];
  const messages = encodeMessages(request.messages, losses);
  const body = withOwnExtras(
    defined({
      model: request.model,
      messages,
      tools: encodeTools(request.tools, losses),
      tool_choice: encodeToolChoice(request.toolChoice),
      parallel_tool_calls: request.parallelToolCalls,
      response_format: encodeOutput(request.output, losses),
      max_completion_tokens: request.maxOutputTokens,
      stop: encodeStops(request.stopSequences, losses),
      temperature: request.temperature,
      top_p: request.topP,
      seed: request.seed,
      frequency_penalty: request.frequencyPenalty,
      presence_penalty: request.presencePenalty,
      reasoning_effort: encodeEffort(request.reasoning, losses),
      safety_identifier: request.endUserId,
    }),
    request.extras,
  );
  if (request.topK !== undefined) {
    losses.push({ path: 'topK', reason: 'There is no top-k sampling here; it was left out.' });
  }
  const value = withoutIdleChoice(body, request.toolChoice, losses);
  return { value: stream ? { ...value, stream: true } : value, losses };
}

function encodeTools(
  tools: readonly ToolDefinition[] = [],
  losses: Loss[],
): readonly JsonRecord[] | undefined {
  const encoded = tools.map(({ name, description, parameters, strict, extras }, at) => {
    losses.push(...foreignExtras(extras, own, `tools.${at}`));
    const called = defined({ name, description, parameters, strict });
    return withOwnExtras({ type: 'function', function: called }, extras);
  });
  return encoded.length === 0 ? undefined : encoded;
}

function encodeToolChoice(choice: ToolChoice | undefined): unknown {
  return typeof choice === 'object' ? { type: 'function', function: { name: choice.name } } : choice;
}

/** OpenAI refuses what is said about the use of tools where there are none, as when all were another format's. */
function withoutIdleChoice(body: JsonRecord, choice: ToolChoice | undefined, losses: Loss[]): JsonRecord {
  if (items(body['tools']).length > 0) return body;
  const { tool_choice, parallel_tool_calls: _parallel, ...rest } = body;
  if (tool_choice !== undefined && choice !== undefined && choice !== 'auto' && choice !== 'none') {
    losses.push({ path: 'toolChoice', reason: 'There is no tool to choose; it was left out.' });
  }
  return rest;
}

function encodeOutput(output: OutputFormat | undefined, losses: Loss[]): unknown {
  if (output === undefined) return undefined;
  return output.type === 'json' ? { type: 'json_object' } : encodeFormat(output, losses);
}

function encodeEffort(reasoning: Reasoning = {}, losses: Loss[]): string | undefined {
  const { effort, budgetTokens, show } = reasoning;
  const chosen = effort ?? (budgetTokens === undefined ? undefined : effortOfBudget(budgetTokens));
  if (budgetTokens !== undefined) {
    const reason = `Thinking is asked for by effort, not by tokens: ${chosen} was asked for.`;
    losses.push({ path: 'reasoning.budgetTokens', reason });
  }
  if (show === true) {
    losses.push({ path: 'reasoning.show', reason: "Whether thinking is shown is the server's choice here." });
  }
  return chosen;
}
