import type { Call } from '../core/call.ts';
import type { Cancellation } from '../core/cancellation.ts';
import type { Clock } from '../core/clock.ts';
import type { Dialect } from '../core/dialect.ts';
import { stopFailure } from '../core/endings.ts';
import type { CallWatcher, Gate, Submitted } from '../core/gate.ts';
import { ownCall } from '../core/own-call.ts';
import type { Receipt } from '../core/receipt.ts';
import type { CoreReply } from '../core/reply.ts';
import type { CallSettings } from '../core/settings.ts';
import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import { thrownFor, type FailedCall } from './errors.ts';

/** One use of the neutral API: who asks, decided when the application calls, and what ends it. */
export interface Asking {
  readonly gate: Gate;
  readonly clock: Clock;
  readonly settings: CallSettings;
  readonly watchers: readonly CallWatcher[];
  /** The caller's own. */
  readonly signal: AbortSignal | undefined;
  /** Stopped when `llm.close()` waits no longer. */
  readonly work: Cancellation;
}

/** What one call asks. */
export interface Question {
  readonly dialect: Dialect;
  readonly body: { readonly model: string };
  readonly stream: boolean;
  /** The first call of those that belong together: its deadline is that of all. */
  readonly parent?: Call | undefined;
  readonly reader?: AbortController;
}

/** Takes a question through the chain. Rejects, with no call made, when the caller has aborted already. */
export async function ask(asking: Asking, question: Question): Promise<Submitted> {
  const { gate, signal, settings, watchers, work } = asking;
  const { dialect, body, stream, parent, reader } = question;
  signal?.throwIfAborted();
  if (parent !== undefined && work.aborted) throw stopFailure(parent.id, { cause: 'close' }).managed;
  return gate.submit({
    ...ownCall,
    operation: dialect.operation,
    dialect,
    model: body.model,
    stream,
    body,
    callerSignal: signal,
    settings,
    watchers,
    ...(parent === undefined ? {} : { parent }),
    reader,
    wantsReceipt: true,
  });
}

/** Who failed, for a message. */
export function failedCall({ signal }: Asking, { run }: CoreReply): FailedCall {
  return { callId: run.id, target: run.attempts.at(-1)?.target, signal };
}

/** A plain answer, once its call has settled. */
export interface Answered {
  readonly json: unknown;
  readonly receipt: Receipt;
  readonly call: Call;
}

/** The plain answer to a question; rejects with what went wrong instead. */
export async function answerTo(asking: Asking, question: Question): Promise<Answered> {
  const { call, reply, ticket } = await ask(asking, question);
  if (reply.error !== undefined) {
    reply.discard();
    throw thrownFor(reply.error, failedCall(asking, reply));
  }
  const json = ownJson(reply);
  return { json, receipt: await ticket.receipt, call };
}

/** JSON that the application may write to: not that which an interceptor has read, and may keep. */
export function ownJson(reply: CoreReply): unknown {
  try {
    if (reply.content === undefined) throw new TypeError('There is no body.');
    return reply.content.giveAway();
  } catch (cause) {
    reply.discard();
    throw unreadable(reply, cause);
  }
}

function unreadable(reply: CoreReply, cause: unknown): ManagedLLMError {
  return new ManagedLLMError({
    code: 'unreadable-answer',
    callId: reply.run.id,
    message: 'What came back for the call is no answer that can be read.',
    cause,
  });
}
