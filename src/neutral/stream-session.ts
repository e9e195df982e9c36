import type { ByteSource } from '../core/event-stream.ts';
import { SseDecoder } from '../core/sse.ts';
import type { StreamEvent } from '../core/stream-event.ts';
import { Collection } from '../dialects/neutral/collect.ts';
import type { NeutralEvent } from '../dialects/neutral/event.ts';
import { explode } from '../dialects/neutral/explode.ts';
import { neutral } from '../dialects/neutral/lens.ts';
import { neutralCodec } from '../dialects/neutral/translation.ts';
import { ask, failedCall, ownJson, type Asking } from './asking.ts';
import type { ChatEvent, OpenedStream } from './chat-stream.ts';
import type { CoreReply } from '../core/reply.ts';
import { bodyOf, checkRequest } from './check-request.ts';
import { thrownFor } from './errors.ts';
import { withPrompt } from './prompted.ts';
import type { ChatReply } from './reply.ts';
import type { StreamRequest } from './request.ts';
import { endingOf, type Ending } from './stream-ending.ts';

/** Asks for a stream. Rejects with what went wrong before it began. */
export async function openStream(
  asking: Asking,
  given: StreamRequest,
  reader: AbortController,
): Promise<OpenedStream> {
  const request = withPrompt(given);
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
  forgotten.register(session, source, source);
  unwatchAtEnd(source, reply);
  return session;
}

/** Ends streams whose reader was dropped. Nothing that a source leads to leads back to the session. */
const forgotten = new FinalizationRegistry((source: ByteSource) => source.cancel());

/** An error that ended the stream leads, by the frames of its stack, from the source to the session. */
function unwatchAtEnd(source: ByteSource, reply: CoreReply): void {
  reply.onSettled(() => forgotten.unregister(source));
}

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
