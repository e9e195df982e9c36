import { foreignExtras } from '../neutral/extras.ts';
import type { Loss, Translated } from '../neutral/loss.ts';
import type { NeutralRequest } from '../neutral/request.ts';
import { asRecord, type JsonRecord } from '../record.ts';
import { encodeMessages } from './encode-messages.ts';
import { encodeReasoning } from './encode-reasoning.ts';
import { encodeToolChoice, encodeTools, isForced } from './encode-tools.ts';
import { dialect, membersExcept, ownMembers } from './own-extras.ts';

/**
 * Output tokens asked for where the request names no limit, which this API demands. A budget's `outputLimit` has the
 * same default, so that what is reserved is what is asked for.
 */
export const defaultMaxTokens = 16_384;

/** Put together with what the neutral request says of the same, or sent elsewhere. */
const joinedMembers = ['tools', 'tool_choice', 'thinking', 'output_config', 'metadata'];

/** SDK type `MessageCreateParams`, November 2026. */
export function encodeRequest(request: NeutralRequest, stream: boolean): Translated<unknown> {
  const losses: Loss[] = [
    ...foreignExtras(request.extras, dialect, ''),
    ...lostSampling(request),
    ...lostFormat(request),
  ];
  const own = ownMembers(request.extras);
  const { system, messages } = encodeMessages(request.messages, request.model, losses);
  const tools = encodeTools(request, losses);
  const toolChoice = encodeToolChoice(request, tools.length > 0, losses);
  const maxTokens = request.maxOutputTokens ?? limitFor(request);
  const { thinking, effort } = encodeReasoning(
    request.reasoning,
    { maxTokens, forced: tools.length > 0 && isForced(request.toolChoice), own },
    losses,
  );
  const stops = encodeStops(request.stopSequences, losses);
  const outputConfig = {
    ...asRecord(own['output_config']),
    ...(effort === undefined ? {} : { effort }),
    ...(request.output?.type === 'json-schema'
      ? { format: { type: 'json_schema', schema: request.output.schema } }
      : {}),
  };
  const metadata = {
    ...asRecord(own['metadata']),
    ...(request.endUserId === undefined ? {} : { user_id: request.endUserId }),
  };
  const value: JsonRecord = {
    ...membersExcept(own, ...joinedMembers),
    model: request.model,
    max_tokens: maxTokens,
    ...(system === undefined ? {} : { system }),
    messages,
    ...(tools.length === 0 ? {} : { tools }),
    ...(toolChoice === undefined ? {} : { tool_choice: toolChoice }),
    ...(thinking === undefined ? {} : { thinking }),
    ...(Object.keys(outputConfig).length === 0 ? {} : { output_config: outputConfig }),
    ...(stops.length === 0 ? {} : { stop_sequences: stops }),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    ...(stream ? { stream: true } : {}),
  };
  return { value, losses };
}

/** Room for the answer after the thinking, which counts towards the same limit. */
function limitFor({ reasoning }: NeutralRequest): number {
  const budget = reasoning?.budgetTokens ?? 0;
  return budget < defaultMaxTokens ? defaultMaxTokens : budget + defaultMaxTokens;
}

/**
 * Sampling is never sent. Version 2026-10-21 of the API, which the SDK asks for since 1.0, answers `temperature`, `top_p`
 * and `top_k` with status 400 whatever their value, and models since Claude Opus 4.7 do so under the older version too
 * (migration guide to 2026-10-21, November 2026; neither SDK 1.0.0 nor 1.12.0 has them in its types). The other API's
 * seed and penalties never had a place. What asks for no more than the default is no loss.
 */
function lostSampling(request: NeutralRequest): readonly Loss[] {
  const { temperature, topP, topK, seed, frequencyPenalty, presencePenalty } = request;
  const told: Readonly<Record<string, number | undefined>> = {
    temperature: temperature === 1 ? undefined : temperature,
    topP: topP === 1 ? undefined : topP,
    topK,
    seed,
    frequencyPenalty: frequencyPenalty === 0 ? undefined : frequencyPenalty,
    presencePenalty: presencePenalty === 0 ? undefined : presencePenalty,
  };
  return Object.entries(told)
    .filter(([, value]) => value !== undefined)
    .map(([path]) => ({ path, reason: 'The API takes no such parameter; it was left out.' }));
}

/** SDK type `JSONOutputFormat`: a schema and nothing else, always held to. Its name rules nothing and is no loss. */
function lostFormat({ output }: NeutralRequest): readonly Loss[] {
  if (output === undefined) return [];
  if (output.type === 'json') {
    return [{ path: 'output', reason: 'JSON can be asked for only with a schema; it was left out.' }];
  }
  return [
    ...(output.description === undefined
      ? []
      : [{ path: 'output.description', reason: 'A format has no description here; it was left out.' }]),
    ...(output.strict === false
      ? [{ path: 'output.strict', reason: 'The answer is always held to the schema.' }]
      : []),
  ];
}

/** The API refuses stop sequences of white space alone. */
function encodeStops(sequences: readonly string[] | undefined, losses: Loss[]): readonly string[] {
  return (sequences ?? []).filter((text, index) => {
    const isTaken = text.trim() !== '';
    if (!isTaken) {
      losses.push({
        path: `stopSequences.${index}`,
        reason: 'A stop sequence of white space alone is refused; it was left out.',
      });
    }
    return isTaken;
  });
}
