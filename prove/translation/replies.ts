import type { Format } from './judge-reply.ts';
import { judgeReply } from './judge-reply.ts';
import { Relay, type Direction } from './relay.ts';
import type { RecordedReply, Rows } from './rows.ts';
import type { Said } from './said.ts';
import { anthropicReply, anthropicStream } from './said-anthropic.ts';
import { chatReply, chatStream } from './said-chat.ts';
import { responsesReply, responsesStream } from './said-responses.ts';
import { Tally } from './tally.ts';
import { dataOf, record, type Wire } from './wire.ts';

/** What an answer says, be it a plain one or a stream's events. */
export function saidBy(format: Format, heard: unknown): Said {
  const events = Array.isArray(heard) ? heard : undefined;
  switch (format) {
    case 'chat':
      return events === undefined ? chatReply(record(heard)) : chatStream(events);
    case 'responses':
      return events === undefined ? responsesReply(record(heard)) : responsesStream(events);
    case 'anthropic':
      return events === undefined ? anthropicReply(record(heard)) : anthropicStream(events);
    default:
      return format satisfies never;
  }
}

/** A request that has everything its format must have, and nothing that another does not. */
export function simpleRequest({ caller, model }: Direction, stream: boolean): Wire {
  const messages = [{ role: 'user', content: 'Hello' }];
  switch (caller) {
    case 'chat':
      return { model, messages, stream, ...(stream ? { stream_options: { include_usage: true } } : {}) };
    case 'responses':
      return { model, input: 'Hello', stream };
    case 'anthropic':
      return { model, max_tokens: 1_000, messages, stream };
    default:
      return caller satisfies never;
  }
}

export function responseOf({ stream, text }: RecordedReply): Response {
  const type = stream ? 'text/event-stream; charset=utf-8' : 'application/json';
  return new Response(text, { headers: { 'content-type': type } });
}

/** Plays every reply of the target's format to a caller of another, and compares what the SDK received. */
export async function proveReplies(rows: Rows, direction: Direction, stream: boolean): Promise<Tally> {
  const tally = new Tally();
  let response = new Response();
  const relay = new Relay(() => Promise.resolve(response));
  for (const reply of rows.replies) {
    if (reply.format !== direction.target || reply.stream !== stream) continue;
    response = responseOf(reply);
    const { heard, error, receipt } = await relay.ask(direction.caller, simpleRequest(direction, stream));
    if (error !== undefined || receipt === undefined) {
      tally.add({ failures: [`${reply.id}: failed: ${String(error)}`], lost: [] });
      continue;
    }
    const played = saidBy(reply.format, stream ? dataOf(reply.text) : JSON.parse(reply.text));
    const { failures, lost } = judgeReply(
      played,
      saidBy(direction.caller, heard),
      receipt.losses,
      direction.target,
      direction.caller,
    );
    tally.add({ failures: failures.map((one) => `${reply.id}: ${one}`), lost });
  }
  return tally;
}
