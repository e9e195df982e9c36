import { Cancellation } from '../core/cancellation.ts';
import type { Clock } from '../core/clock.ts';
import type { CallWatcher, Gate } from '../core/gate.ts';
import { mergeSettings, parseSettings, type CallSettings } from '../core/settings.ts';
import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import type { Asking } from './asking.ts';
import { ChatStream } from './chat-stream.ts';
import type { Embeddings } from './embed.ts';
import type * as Methods from './methods.ts';
import type { ObjectReply } from './object.ts';
import type { ChatReply } from './reply.ts';
import type {
  AnyPrompt,
  CallOptions,
  ChatRequest,
  EmbedRequest,
  ObjectRequest,
  OutputIn,
  Prompted,
  PromptedObject,
  StreamRequest,
} from './request.ts';
import type { InferOutput, StandardSchemaV1 } from '../core/standard-schema.ts';

/**
 * One API for every provider. `M`: the models that are known by name.
 *
 * Of each method the form that takes a prompt stands last: it is the last one whose complaint TypeScript 7 shows.
 */
export interface NeutralApi<M extends string = string> {
  /**
   * Asks for an answer and, where tools have an `execute`, goes on until the model wants none: every turn is a call of its
   * own through the whole chain, with the first as its parent.
   *
   * @throws ManagedLLMError, never an SDK's class; the signal's own reason when the caller aborts.
   */
  chat(request: ChatRequest<M>, options?: CallOptions): Promise<ChatReply>;
  /**
   * {@link NeutralApi.chat} for messages that a prompt renders. The model is told the prompt's `output`; the reply is text
   * all the same, which nothing has validated: {@link NeutralApi.object} gives it typed.
   *
   * @throws `prompt-variables` too
   */
  chat<P extends AnyPrompt>(request: Prompted<P, M, ChatRequest>, options?: CallOptions): Promise<ChatReply>;
  /** The same for one turn, as it grows. Asked when it is first read; what goes wrong is told there. */
  stream(request: StreamRequest<M>, options?: CallOptions): ChatStream;
  /** {@link NeutralApi.stream} for messages that a prompt renders. */
  stream<P extends AnyPrompt>(request: Prompted<P, M, StreamRequest>, options?: CallOptions): ChatStream;
  /** Vectors of texts, from OpenAI-compatible providers. */
  embed(request: EmbedRequest<M>, options?: CallOptions): Promise<Embeddings>;
  /**
   * Asks for JSON that fits a schema, and gives it typed.
   *
   * @throws `invalid-output` when the answer, after `repair` further turns, does not fit.
   */
  object<S extends StandardSchemaV1>(
    request: ObjectRequest<S, M>,
    options?: CallOptions,
  ): Promise<ObjectReply<InferOutput<S>>>;
  /**
   * {@link NeutralApi.object} for a prompt with `output`.
   *
   * @throws `prompt-variables` too
   */
  object<P extends AnyPrompt>(
    request: PromptedObject<P, M>,
    options?: CallOptions,
  ): Promise<ObjectReply<OutputIn<P>>>;
}

/** A request with messages of its own or of a prompt. */
export type Asked<R> = R | { readonly prompt: AnyPrompt };

let methods: Promise<typeof Methods> | undefined;

/** The neutral API of one `ManagedLLM`, or of what its `with` returns. All but who asks is loaded on first use. */
export class NeutralFace implements NeutralApi {
  readonly #gate: Gate;
  readonly #clock: Clock;
  readonly #readContext: () => Context;

  constructor(gate: Gate, clock: Clock, readContext: () => Context) {
    this.#gate = gate;
    this.#clock = clock;
    this.#readContext = readContext;
  }

  async chat(request: Asked<ChatRequest>, options?: CallOptions): Promise<ChatReply> {
    const asking = this.#asking('chat', options);
    return this.#do(asking, ({ chat }) => chat(asking, request as ChatRequest));
  }

  stream(request: Asked<StreamRequest>, options?: CallOptions): ChatStream {
    const asking = this.#asking('stream', options);
    return new ChatStream((reader) =>
      this.#do(asking, ({ openStream }) => openStream(asking, request as StreamRequest, reader)),
    );
  }

  async embed(request: EmbedRequest, options?: CallOptions): Promise<Embeddings> {
    const asking = this.#asking('embed', options);
    return this.#do(asking, ({ embed }) => embed(asking, request));
  }

  /** Typed by who calls it. */
  async object(request: Asked<ObjectRequest>, options?: CallOptions): Promise<ObjectReply<never>> {
    const asking = this.#asking('object', options);
    return this.#do(asking, ({ object }) =>
      object(asking, request as ObjectRequest<StandardSchemaV1<unknown, never>>),
    );
  }

  /** Who asks is decided now, not when what is missing has been loaded or the stream is read. */
  #asking(method: string, { signal, ...own }: CallOptions = {}): Asking {
    // An `AbortController` is what is given by mistake.
    if (signal !== undefined && signal !== null && !('throwIfAborted' in Object(signal)))
      throw new ManagedLLMError({
        code: 'invalid-settings',
        message: `\`${method}.signal\` must be an AbortSignal, such as the \`signal\` of an AbortController.`,
        details: { path: `${method}.signal` },
      });
    const { settings, watchers } = this.#readContext();
    return {
      gate: this.#gate,
      clock: this.#clock,
      settings: mergeSettings(settings, parseSettings(own, method)),
      watchers,
      signal,
      work: new Cancellation(),
    };
  }

  async #do<T>({ gate, work }: Asking, act: (loaded: typeof Methods) => Promise<T>): Promise<T> {
    const done = gate.work(() => work.abort('close'));
    try {
      return await act(await (methods ??= import('./methods.ts')));
    } finally {
      done();
    }
  }
}

/** The settings and watchers in force where the application calls. */
interface Context {
  readonly settings: CallSettings;
  readonly watchers: readonly CallWatcher[];
}
