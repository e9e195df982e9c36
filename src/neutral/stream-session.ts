import type { CallError } from '../core/call-error.ts';
import type { ByteSource } from '../core/event-stream.ts';
import type { Ticket } from '../core/gate.ts';
import type { CoreReply } from '../core/reply.ts';
import type { Settlement } from '../core/settlement.ts';
import { SseDecoder } from '../core/sse.ts';
import type { StreamEvent } from '../core/stream-event.ts';
import { Collection } from '../dialects/neutral/collect.ts';
import type { NeutralEvent } from '../dialects/neutral/event.ts';
import { explode } from '../dialects/neutral/explode.ts';
import { neutral } from '../dialects/neutral/lens.ts';
import { neutralCodec } from '../dialects/neutral/translation.ts';
import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import { ask, failedCall, ownJson, type Asking } from './asking.ts';
import type { ChatEvent, OpenedStream } from './chat-stream.ts';
import { bodyOf, checkRequest } from './check-request.ts';
import { thrownFor, type FailedCall } from './errors.ts';
import { singleReply, turnOf, type ChatReply } from './reply.ts';
import type { StreamRequest } from './request.ts';

/** Asks for a stream. Rejects with what went wrong before it began. */
export async function openStream(
  asking: Asking,
  request: StreamRequest,
  reader: AbortController,
): Promise<OpenedStream> {
  checkRequest('stream', request);
  const body = bodyOf('stream', request);
  const { reply, ticket } = await ask(asking, { dialect: neutral, body, stream: true, reader });
  const failed = failedCall(asking, reply);
  if (reply.error !== undefined) {
    reply.discard();
    throw thrownFor(reply.error, failed);
  }
  // As for every reply that is handed over: what is kept of it must not keep the response.
  reply.native.response = undefined;
  const source = reply.events ?? replayed(explode(ownJson(reply)));
  const session = new StreamSession(source, endingOf(reply, ticket, failed));
  forgotten.register(session, source);
  return session;
}

/** Ends streams whose reader was dropped. Nothing that a source leads to leads back to the session. */
const forgotten = new FinalizationRegistry((source: ByteSource) => source.cancel());

/** Reads one stream: bytes in, events out, and the reply they add up to. */
class StreamSession implements OpenedStream {
  readonly #source: ByteSource;
  readonly #ending: Ending;
  readonly #frames = new SseDecoder();
  readonly #decoder = neutralCodec.stream.decoder();
  readonly #collection = new Collection();
  readonly #ready: ChatEvent[] = [];
  #failure: { readonly thrown: unknown } | undefined;
  /** Set when no more events come; resolves when the source has ended too. */
  #rest: Promise<void> | undefined;

  constructor(source: ByteSource, ending: Ending) {
    this.#source = source;
    this.#ending = ending;
  }

  get reply(): Promise<ChatReply> {
    return this.#ending.reply;
  }

  async next(): Promise<IteratorResult<ChatEvent, undefined>> {
    for (;;) {
      const event = this.#ready.shift();
      if (event !== undefined) return { done: false, value: event };
      const failure = this.#failure;
      this.#failure = undefined;
      if (failure !== undefined) throw failure.thrown;
      if (this.#rest === undefined) await this.#read();
      else {
        await this.#rest;
        return { done: true, value: undefined };
      }
    }
  }

  async #read(): Promise<void> {
    try {
      const result = await this.#source.read();
      if (!result.done) for (const event of this.#frames.push(result.value)) this.#push(event);
      // A server that may end without saying so.
      else this.#take({ type: 'finish', stop: { reason: 'other' }, usage: undefined });
    } catch (thrown) {
      this.#fail(this.#ending.thrownBy(thrown));
    }
  }

  #push(event: StreamEvent): void {
    for (const read of this.#decoder.push(event)) this.#take(read);
  }

  #take(event: NeutralEvent): void {
    if (this.#rest !== undefined) return;
    if (event.type === 'error') {
      this.#source.cancel();
      this.#fail(this.#ending.thrownFor(event.error));
      return;
    }
    this.#collection.push(event);
    this.#ready.push(event);
    if (event.type !== 'finish') return;
    this.#rest = readOut(this.#source);
    this.#ending.finished(this.#collection.reply());
  }

  #fail(thrown: unknown): void {
    if (this.#rest !== undefined) return;
    this.#rest = Promise.resolve();
    this.#failure = { thrown };
    this.#ending.failed(thrown);
  }
}

/** How a stream ended. Told by its settlement too, so it must not lead to whoever reads the stream. */
class Ending {
  readonly #ticket: Ticket;
  readonly #call: FailedCall;
  readonly #reply = Promise.withResolvers<ChatReply>();
  #settlement: Settlement | undefined;

  constructor(ticket: Ticket, call: FailedCall) {
    this.#ticket = ticket;
    this.#call = call;
    // Those who ask for it hear of its failure, and nobody has to ask.
    this.#reply.promise.catch(() => {});
  }

  get reply(): Promise<ChatReply> {
    return this.#reply.promise;
  }

  finished(reply: unknown): void {
    const { value } = neutralCodec.reply.decode(reply);
    this.#reply.resolve(this.#ticket.receipt.then((receipt) => singleReply(turnOf(value, receipt))));
  }

  failed(thrown: unknown): void {
    this.#reply.reject(thrown);
  }

  /** Also where nobody reads on. */
  settled(settlement: Settlement): void {
    this.#settlement = settlement;
    if (settlement.outcome !== 'finished') this.failed(this.thrownFor(settlement.error ?? aborted));
  }

  /** The settlement knows more of a failure than the event that tells it. */
  thrownFor(error: CallError): unknown {
    const known = this.#settlement?.error;
    return thrownFor(known?.managed === undefined ? error : known, this.#call);
  }

  /** What reading rejects with is ours or the caller's own reason, or a transport's. */
  thrownBy(thrown: unknown): unknown {
    const error = this.#settlement?.error;
    if (ManagedLLMError.isInstance(thrown) || error === undefined) return thrown;
    return thrownFor(error, this.#call);
  }
}

/** At module scope, so that the listener keeps the ending and nothing else. */
function endingOf(reply: CoreReply, ticket: Ticket, failed: FailedCall): Ending {
  const ending = new Ending(ticket, failed);
  reply.onSettled((settlement) => ending.settled(settlement));
  return ending;
}

const aborted: CallError = {
  kind: 'aborted',
  status: undefined,
  code: undefined,
  message: 'The call was aborted.',
  retryable: false,
  retryAfterMs: undefined,
  cause: undefined,
  managed: undefined,
};

/** The answer is whole: how its source ends no longer matters, but it ends by itself. */
async function readOut(source: ByteSource): Promise<void> {
  try {
    while (!(await source.read()).done);
  } catch {
    // Whatever broke, broke behind the end.
  }
}

/** A plain answer that an interceptor gave where a stream was asked for. */
function replayed(events: readonly StreamEvent[]): ByteSource {
  const left = [...events];
  return {
    read: async () => {
      const next = left.shift();
      return next === undefined ? { done: true } : { done: false, value: next.bytes };
    },
    cancel: () => void left.splice(0),
  };
}
