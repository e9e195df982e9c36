import type { CallError } from './call-error.ts';
import type { Call } from './call.ts';
import type { Dialect } from './dialect.ts';
import { readErrorBody } from './error-body.ts';
import { joined } from './event-bytes.ts';
import type { ByteSource, ReadResult } from './event-stream.ts';
import { Content } from './reply.ts';
import { SseDecoder } from './sse.ts';
import type { StreamEvent } from './stream-event.ts';
import { StreamTrail } from './stream-trail.ts';
import type { Asked, Loss, TranslatedStream, Translation } from './translation.ts';

/**
 * Losses that leave what is asked as it is: where a prompt cache may cut, thinking of earlier turns, and that a tool
 * failed, which the text of its result says too.
 */
const hint =
  /(^|\.)(cache_control|prompt_cache_(key|options|retention)|signature|isError)$|^messages\.\d+\.content\.\d+\.reasoning$/;

/** One attempt at a target that speaks another dialect than the caller: below all interceptors. */
export class AttemptTranslation {
  /** What the target speaks. */
  readonly dialect: Dialect;
  readonly #caller: Dialect;
  readonly #translation: Translation;
  readonly #asked: Asked;
  #losses: readonly Loss[] = [];
  #stream: TranslatedStream | undefined;

  constructor(call: Call, dialect: Dialect, translation: Translation, createdAt: number) {
    this.dialect = dialect;
    this.#caller = call.dialect;
    this.#translation = translation;
    this.#asked = { body: call.body, id: call.id, createdAt };
  }

  /** Those losses that `onUnsupported: 'refuse'` is meant for. */
  get unsupported(): readonly Loss[] {
    return this.losses.filter(({ path }) => !hint.test(path));
  }

  /** What had no place in the other dialect, on the way there and back, so far. */
  get losses(): readonly Loss[] {
    return this.#stream === undefined ? this.#losses : [...this.#losses, ...this.#stream.losses];
  }

  /** The request in the target's words. */
  request(body: unknown, stream: boolean): unknown {
    const { value, losses } = this.#translation.request(body, stream);
    this.#losses = losses;
    return value;
  }

  /**
   * The failure that came in an answer's place, under a good status; `undefined` for an answer. Throws for what is
   * neither, and a SyntaxError when it is no JSON: an empty answer must not be made of it.
   */
  failureIn({ json }: Content): CallError | undefined {
    const failure = this.dialect.reply.failure(json);
    if (failure === undefined && !this.#translation.isAnswer(json))
      throw new TypeError(`It is no answer as ${this.dialect.id} has them.`);
    return failure;
  }

  /** The answer in the caller's words. */
  reply(content: Content): Content {
    const { value, losses } = this.#translation.reply(content.json, this.#asked);
    this.#losses = [...this.#losses, ...losses];
    return Content.made(value);
  }

  /** A failure in the shape that the caller's SDK reads; a provider's in its own words. */
  failure(error: CallError): Content {
    const words = error.managed === undefined ? readErrorBody(error.cause).message : undefined;
    const message = words ?? error.message;
    return Content.made(this.#caller.errors.body({ ...error, message }));
  }

  /** The failure that the stream told in band, as the target told it. */
  get streamFailure(): CallError | undefined {
    return this.#stream?.failure;
  }

  /**
   * The stream in the caller's words, with the trail of what the target sent.
   *
   * @param heard told each chunk of the target's, also those that become nothing in the caller's words
   */
  stream(
    source: ByteSource,
    heard?: (chunk: Uint8Array) => void,
  ): { readonly source: ByteSource; readonly trail: StreamTrail } {
    this.#stream = this.#translation.stream(this.#asked);
    const trail = new StreamTrail(this.dialect.stream);
    return { source: new TranslatedSource(source, this.#stream, trail, heard), trail };
  }
}

/** Hands on, for every chunk, the events it completes: nothing waits for the next one. */
class TranslatedSource implements ByteSource {
  readonly #source: ByteSource;
  readonly #stream: TranslatedStream;
  readonly #trail: StreamTrail;
  readonly #heard: ((chunk: Uint8Array) => void) | undefined;
  readonly #events = new SseDecoder();
  #ended = false;

  constructor(
    source: ByteSource,
    stream: TranslatedStream,
    trail: StreamTrail,
    heard: ((chunk: Uint8Array) => void) | undefined,
  ) {
    this.#source = source;
    this.#heard = heard;
    this.#stream = stream;
    this.#trail = trail;
  }

  async read(): Promise<ReadResult> {
    while (!this.#ended) {
      const result = await this.#source.read();
      const translated = result.done ? this.#last() : this.#push(result.value);
      if (translated.length > 0) return { done: false, value: joined(translated.map(({ bytes }) => bytes)) };
    }
    return { done: true };
  }

  cancel(reason?: unknown): unknown {
    return this.#source.cancel(reason);
  }

  #push(chunk: Uint8Array): readonly StreamEvent[] {
    this.#trail.push(chunk);
    this.#heard?.(chunk);
    return this.#events.push(chunk).flatMap((event) => this.#stream.push(event));
  }

  #last(): readonly StreamEvent[] {
    this.#ended = true;
    const rest = this.#events.end();
    const translated = rest === undefined ? [] : this.#stream.push(rest);
    return [...translated, ...this.#stream.end()];
  }
}
