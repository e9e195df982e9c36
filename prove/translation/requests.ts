import { ManagedLLMError } from 'managed-llm';
import { standIn } from 'managed-llm/testing';
import { anthropicRequest } from './extract-anthropic.ts';
import { chatRequest } from './extract-chat.ts';
import { responsesRequest } from './extract-responses.ts';
import type { Fact } from './facts.ts';
import type { Format } from './judge-reply.ts';
import { judgeRequest } from './judge-request.ts';
import { Relay, type Direction } from './relay.ts';
import type { Rows } from './rows.ts';
import { saidBy, simpleRequest } from './replies.ts';
import { Tally } from './tally.ts';
import type { Wire } from './wire.ts';

export const readers: Readonly<Record<Format, (body: Wire) => Fact[]>> = {
  chat: chatRequest,
  responses: responsesRequest,
  anthropic: anthropicRequest,
};

const words = ['Under', 'stood', '.'];

/** Sends every request of a format through the SDK to a stand-in of another, and compares what arrived. */
export async function proveRequests(rows: Rows, direction: Direction, stream: boolean): Promise<Tally> {
  const tally = new Tally();
  const stand = standIn().always({ text: words, usage: { inputTokens: 3, outputTokens: 2 } });
  const relay = new Relay(stand.fetch);
  // What the stand-in's own answer loses on its way back is no affair of the requests.
  const simple = await relay.ask(direction.caller, simpleRequest(direction, stream));
  const ofAnswer = new Set(simple.receipt?.losses.map(({ path }) => path));
  for (const { id, format, body } of rows.requests) {
    if (format !== direction.caller) continue;
    const { stream_options: options, ...rest } = body;
    const asked = {
      ...rest,
      model: direction.model,
      stream,
      ...(stream && options !== undefined ? { stream_options: options } : {}),
    };
    const { sent, heard, error, receipt } = await relay.ask(format, asked);
    stand.reset();
    stand.always({ text: words, usage: { inputTokens: 3, outputTokens: 2 } });
    const refused = ManagedLLMError.from(error)?.code === 'unsupported';
    if (refused && isHeldElsewhere(body)) {
      tally.refuse();
      continue;
    }
    if (sent === undefined || error !== undefined || receipt === undefined) {
      tally.add({
        failures: [`${id}: ${sent === undefined ? 'nothing was sent' : 'failed'}: ${String(error)}`],
        lost: [],
      });
      continue;
    }
    const { failures, lost } = judgeRequest(
      readers[format](asked),
      readers[direction.target](sent),
      receipt.losses.filter(({ path }) => !ofAnswer.has(path)),
      direction.target,
    );
    const answer = saidBy(format, heard);
    const isHeard =
      answer.parts.map(({ text }) => text).join('') === words.join('') && answer.illegal.length === 0;
    tally.add({
      failures: [...failures, ...(isHeard ? [] : ['another answer was heard'])].map((one) => `${id}: ${one}`),
      lost,
    });
  }
  return tally;
}

/** Turns that the provider keeps cannot be sent to another. */
function isHeldElsewhere(body: Wire): boolean {
  return ['previous_response_id', 'conversation', 'thread', 'prompt'].some(
    (name) => body[name] !== undefined && body[name] !== null,
  );
}
