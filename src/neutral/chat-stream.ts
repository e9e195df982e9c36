import { stopped } from '../core/cancellation.ts';
import type { ErrorEvent, NeutralEvent } from '../dialects/neutral/event.ts';
import { eventResponse } from './event-response.ts';
import type { ChatReply } from './reply.ts';

/** What iterating a {@link ChatStream} gives. Failures are no events: the iteration rejects. */
export type ChatEvent = Exclude<NeutralEvent, ErrorEvent>;

/** A stream that has been asked for. */
export interface OpenedStream {
  next(): Promise<IteratorResult<ChatEvent, undefined>>;
  /** All of it, once it has ended. */
  readonly reply: Promise<ChatReply>;
}

/**
 * An answer as it grows. Nothing is asked before it is first read: one that nobody reads is no call and costs nothing. It
 * is read once, in one way: by iterating it or its `textStream`, as a `Response`, or by `reply` or `text` alone. Beside
 * another reader these two wait for its end. Whoever leaves the loop early stops the provider.
 */
export class ChatStream implements AsyncIterable<ChatEvent> {
  readonly #open: (reader: AbortController) => Promise<OpenedStream>;
  readonly #reader = new AbortController();
  #opened: Promise<OpenedStream> | undefined;
  #reply: Promise<ChatReply> | undefined;
  #isTaken = false;
  /** `reply` was asked for beside a reader, who hears of a failure: nobody has to listen to it here too. */
  #isBeside = false;
  /** Its reader has left. */
  #isLeft = false;

  /** @internal */
  constructor(open: (reader: AbortController) => Promise<OpenedStream>) {
    this.#open = open;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<ChatEvent, undefined> {
    if (this.#isTaken) throw new TypeError('A stream is read once, and this one has its reader already.');
    this.#isTaken = true;
    return {
      next: () => this.#next(),
      return: async () => {
        this.#isLeft = true;
        this.#reader.abort(stopped);
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** The pieces of its text alone. */
  get textStream(): AsyncIterable<string> {
    return textsOf(this);
  }

  /** The whole answer, once it has ended. Rejects with what ended it otherwise. */
  get reply(): Promise<ChatReply> {
    if (this.#reply === undefined) {
      this.#isBeside = this.#isTaken;
      this.#reply = this.#wholeReply(this.#isTaken ? undefined : this[Symbol.asyncIterator]());
      if (this.#isBeside) this.#reply.catch(() => {});
    }
    return this.#reply;
  }

  /** Its text, once it has ended. */
  get text(): Promise<string> {
    const text = this.reply.then((reply) => reply.text);
    if (this.#isBeside) text.catch(() => {});
    return text;
  }

  /**
   * The answer as server-sent events, one for each event, named by its type. Status 200 unless `init` says otherwise: it
   * is known before the provider is asked. A failure is a last event, `error`; after the caller's abort the body breaks off.
   * When the client goes, the provider is stopped.
   */
  toResponse(init: ResponseInit = {}): Response {
    return eventResponse(this[Symbol.asyncIterator](), init);
  }

  async #next(): Promise<IteratorResult<ChatEvent, undefined>> {
    if (this.#isLeft) return { done: true, value: undefined };
    try {
      return await (await this.#opening()).next();
    } catch (thrown) {
      if (this.#isLeft) return { done: true, value: undefined };
      throw thrown;
    }
  }

  async #wholeReply(events: AsyncIterator<ChatEvent, undefined> | undefined): Promise<ChatReply> {
    if (events !== undefined) while ((await events.next()).done !== true);
    return (await this.#opening()).reply;
  }

  #opening(): Promise<OpenedStream> {
    if (this.#opened === undefined && this.#isLeft) return Promise.reject(stopped);
    return (this.#opened ??= this.#open(this.#reader));
  }
}

async function* textsOf(events: AsyncIterable<ChatEvent>): AsyncGenerator<string> {
  for await (const event of events) if (event.type === 'text-delta' && event.text !== '') yield event.text;
}
