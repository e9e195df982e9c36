import type { Loss } from '../neutral/loss.ts';
import type { AssistantPart } from '../neutral/message.ts';
import type { Stop, StopReason } from '../neutral/reply.ts';
import { asRecord, asText, type JsonRecord } from '../record.ts';
import { stopReason } from './reply.ts';

/** What of an answer's output says why it ended. */
export interface Ending {
  readonly calls: boolean;
  readonly refused: boolean;
}

export function endingOf(content: readonly AssistantPart[]): Ending {
  return {
    calls: content.some(({ type }) => type === 'tool-call'),
    refused: content.some(({ type }) => type === 'refusal'),
  };
}

/** Why a response ended: SDK type `Response`, `status` and `incomplete_details`. */
export function decodeStop(response: unknown, { calls, refused }: Ending): Stop {
  return { reason: reasonOf(stopReason(response), calls, refused) };
}

function reasonOf(word: string | undefined, calls: boolean, refused: boolean): StopReason {
  switch (word) {
    case 'completed':
      return calls ? 'tool-calls' : refused ? 'refusal' : 'stop';
    case 'max_output_tokens':
      return 'length';
    case 'content_filter':
      return 'content-filter';
    default:
      return 'other';
  }
}

/** The members of a response that say why it ended. `own`: what was kept of an ending only Responses know. */
export function encodeStop(
  { reason, sequence }: Stop,
  { refused }: Ending,
  own: JsonRecord | undefined,
  losses: Loss[],
): { readonly status: string; readonly incomplete_details: JsonRecord | null } {
  const told = (as: string): void => {
    losses.push({ path: 'stop.reason', reason: `Responses have no word for it; told as ${as}.` });
  };
  const incomplete = (details: JsonRecord) => ({ status: 'incomplete', incomplete_details: details });
  const completed = { status: 'completed', incomplete_details: null };
  if (sequence !== undefined) losses.push({ path: 'stop.sequence', reason: 'Responses tell no sequence.' });
  switch (reason) {
    case 'stop':
    case 'tool-calls':
      return completed;
    case 'stop-sequence':
      told('completed');
      return completed;
    case 'length':
      return incomplete({ reason: 'max_output_tokens' });
    case 'context':
      told('max_output_tokens');
      return incomplete({ reason: 'max_output_tokens' });
    case 'content-filter':
      return incomplete({ reason: 'content_filter' });
    case 'refusal':
      // Without the model's words for it nothing in a completed response would tell that it is no answer.
      if (refused) return completed;
      told('content_filter');
      return incomplete({ reason: 'content_filter' });
    case 'pause':
      told('incomplete');
      return incomplete({});
    case 'other': {
      const status = asText(own?.['status']);
      const details = asRecord(own?.['incomplete_details']);
      if (status !== undefined) return { status, incomplete_details: null };
      if (details !== undefined) return incomplete(details);
      told('completed');
      return completed;
    }
    default:
      return reason satisfies never;
  }
}
