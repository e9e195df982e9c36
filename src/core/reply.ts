import type { CallError } from './call-error.ts';
import type { Call } from './call.ts';
import type { ByteSource, EventStream } from './event-stream.ts';
import type { Pump } from './pump.ts';
import type { CallRun } from './run.ts';
import type { Origin, Settlement, SettlementListener, Settling } from './settlement.ts';
import type { Target } from './target.ts';
import type { Usage } from './usage.ts';

/**
 * What came back: a body or a stream of events, or a failure as a value. It settles exactly once. Whoever receives one
 * returns it (or a changed copy), or discards it.
 */
export interface Reply {
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** The provider's own response headers. Never to be written. */
  readonly headers: Headers;
  /** Set when the attempt or call failed. */
  readonly error: CallError | undefined;
  /** Set exactly when the reply is a stream. */
  readonly events: EventStream | undefined;
  /** The body's text. Rejects for a stream, and for a passthrough reply, whose body is not read. */
  text(): Promise<string>;
  /** The body as JSON, parsed once. Not to be mutated: use `with`. */
  json(): Promise<unknown>;
  /**
   * Told once, synchronously and in registration order, also when already settled. For attempt interceptors the
   * settlement is the attempt's; from the route outward it is the call's so far.
   */
  onSettled(listener: SettlementListener): void;
  readonly settled: Promise<Settlement>;
  /**
   * The same reply with another body, or with more to say about its failure: `error.managed` is what
   * `ManagedLLMError.from` finds behind the error that the application's SDK raises for the body.
   */
  with(changes: { readonly json: unknown } | { readonly error: CallError }): Reply;
  /** Not wanted: cancels what is still running, settles as `discarded` unless it has ended already. */
  discard(reason?: unknown): void;
}

/** Makers, for interceptors that answer by themselves. */
export interface Replies {
  /** A failure of ours; settled at once, no attempt. */
  refuse(call: Call, error: CallError): Reply;
  /** A complete answer in the call's dialect. */
  body(call: Call, json: unknown, from: Origin, told?: ToldAnswer): Reply;
  /** The same as the text of its JSON, which is then parsed by whoever wants to know what it says, if anybody. */
  text(call: Call, text: string, from: Origin, told?: ToldAnswer): Reply;
  /**
   * A streamed answer in the call's dialect.
   *
   * @param told asked when the stream has ended, or later
   */
  stream(call: Call, source: ByteSource, from: Origin, told?: () => ToldAnswer | undefined): Reply;
  /**
   * What a reply brings, handed on by another source of its bytes: its status, its headers and its response go along, and
   * its settlement tells of the answer. For streams that several read.
   */
  through(call: Call, reply: Reply, source: ByteSource): Reply;
  /**
   * What a plain reply brings, as a part of an answer whose text this is: its status, its headers and its response go along,
   * and receipts tell of the whole answer's usage.
   */
  extended(call: Call, reply: Reply, text: string, usage: Usage | undefined): Reply;
  /** The same answer, or the same failure, that another call's plain reply has; not its response. */
  like(call: Call, reply: Reply, from: Origin): Reply;
}

/** What receipts tell of an answer that no attempt of the call has brought. */
export interface ToldAnswer {
  readonly usage?: Usage | undefined;
  readonly stopReason?: string | undefined;
  readonly servedModel?: string | undefined;
  /** What brought it in its time. */
  readonly target?: Target | undefined;
}

/** The body of a plain reply; text and JSON are made from each other when first asked for. */
export class Content {
  #text: string | undefined;
  #json: { readonly value: unknown } | undefined;
  #lent = false;

  private constructor(text: string | undefined, json: { readonly value: unknown } | undefined) {
    this.#text = text;
    this.#json = json;
  }

  static ofText(text: string): Content {
    return new Content(text, undefined);
  }

  static ofJson(value: unknown): Content {
    const content = new Content(undefined, { value });
    content.#lent = true;
    return content;
  }

  /** Of a value that nobody else holds. */
  static made(value: unknown): Content {
    return new Content(undefined, { value });
  }

  get text(): string {
    return (this.#text ??= JSON.stringify(this.#json?.value));
  }

  /** Throws a SyntaxError when the text is no JSON. */
  get json(): unknown {
    return (this.#json ??= { value: JSON.parse(this.#text ?? '') }).value;
  }

  /** The JSON, for an interceptor: it may keep it, so the application, which may write to it, gets another. */
  lend(): unknown {
    this.#lent = true;
    return this.json;
  }

  /**
   * The JSON, for the application, which may write to it (one SDK decodes vectors where they stand): what was parsed for
   * nobody else is given away, and whoever asks later reads it anew.
   */
  giveAway(): unknown {
    const parsed = this.#json;
    if (parsed === undefined || this.#lent) return JSON.parse(this.text) as unknown;
    this.#text = this.text;
    this.#json = undefined;
    return parsed.value;
  }
}

/**
 * The response as it came, shared by all copies of a reply and emptied at hand-over, so that a reply which an
 * interceptor keeps does not keep the response alive.
 */
export interface NativeSlot {
  response: Response | undefined;
}

export interface ReplyParts {
  /** The call that it answers. */
  readonly run: CallRun;
  readonly status: number;
  readonly headers: Headers;
  readonly error: CallError | undefined;
  readonly pump: Pump | undefined;
  readonly content: Content | undefined;
  readonly native: NativeSlot;
  readonly settling: Settling;
  readonly discard: (reason: unknown) => void;
}

/** The engine's reply. */
export class CoreReply implements Reply {
  readonly run: CallRun;
  readonly status: number;
  readonly headers: Headers;
  readonly error: CallError | undefined;
  readonly events: Pump | undefined;
  readonly content: Content | undefined;
  readonly settling: Settling;
  readonly native: NativeSlot;
  /** Whether an interceptor gave it up. */
  discarded = false;
  readonly #discard: (reason: unknown) => void;
  #settled: Promise<Settlement> | undefined;

  constructor(parts: ReplyParts) {
    this.run = parts.run;
    this.status = parts.status;
    this.headers = parts.headers;
    this.error = parts.error;
    this.events = parts.pump;
    this.content = parts.content;
    this.native = parts.native;
    this.settling = parts.settling;
    this.#discard = parts.discard;
  }

  async text(): Promise<string> {
    return this.#readable().text;
  }

  async json(): Promise<unknown> {
    return this.#readable().lend();
  }

  onSettled(listener: SettlementListener): void {
    this.settling.onSettled(listener);
  }

  get settled(): Promise<Settlement> {
    return (this.#settled ??= new Promise((resolve) => this.settling.onSettled(resolve)));
  }

  with(changes: { readonly json: unknown } | { readonly error: CallError }): CoreReply {
    if ('error' in changes) return this.copy({ error: changes.error });
    if (this.events !== undefined) {
      throw new TypeError('A streamed reply is changed by `events.transform` or `events.mapText`.');
    }
    return this.copy({ content: Content.ofJson(changes.json) });
  }

  discard(reason?: unknown): void {
    if (this.discarded) return;
    this.discarded = true;
    this.#discard(reason);
  }

  copy(changes: Partial<ReplyParts>): CoreReply {
    return new CoreReply({
      run: this.run,
      status: this.status,
      headers: this.headers,
      error: this.error,
      pump: this.events,
      content: this.content,
      native: this.native,
      settling: this.settling,
      discard: (reason) => this.discard(reason),
      ...changes,
    });
  }

  #readable(): Content {
    if (this.content !== undefined) return this.content;
    throw new TypeError(
      this.events === undefined
        ? 'The body of a passthrough reply is not read by the chain.'
        : 'A streamed reply has events, not a body.',
    );
  }
}
