import { foreignExtras } from '../neutral/extras.ts';
import type { Loss, Translated } from '../neutral/loss.ts';
import type { NeutralRequest } from '../neutral/request.ts';
import { asRecord, type JsonRecord } from '../record.ts';
import { encodeMessages } from './encode-messages.ts';
import { encodeReasoning } from './encode-reasoning.ts';
import { encodeToolChoice, encodeTools, isForced } from './encode-tools.ts';
import { defaultMaxTokens } from './max-tokens.ts';
import { encodeFormat } from './output-format.ts';
import { dialect, membersExcept, ownMembers } from './own-extras.ts';
import { lostSampling } from './sampling.ts';
import { encodeStops } from './stop-sequences.ts';

/** Put together with what the neutral request says of the same, or sent elsewhere. */
const joinedMembers = ['tools', 'tool_choice', 'thinking', 'output_config', 'metadata'];

/** SDK type `MessageCreateParams`, November 2026. */
export function encodeRequest(request: NeutralRequest, stream: boolean): Translated<unknown> {
  const losses: Loss[] = [...foreignExtras(request.extras, dialect, ''), ...lostSampling(request)];
  const format = encodeFormat(request.output, losses);
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
    ...(format === undefined ? {} : { format }),
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
    ...(stops === undefined ? {} : { stop_sequences: stops }),
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
