import type {
  ReadableByteStreamController,
  ReadableStreamAsyncIterator,
  ReadableStreamGetReaderOptions,
  UnderlyingByteSource,
  UnderlyingSource,
} from 'node:stream/web';
import { DeferredBody } from './deferred-body.ts';
import type { Pump, ReadResult } from './event-stream.ts';
import type { Ticket } from './gate.ts';
import type { Content, CoreReply } from './reply.ts';

/**
 * What the application's SDK is handed: the very `Response` object that came, with every way to its bytes replaced, so
 * that no reader gets round what the chain decided. Rebuilding it would break the SDKs, which compare its headers by
 * identity; so its prototype is swapped for one that inherits from its own.
 */
interface Governed {
  readonly ticket: Ticket;
  readonly content: Content | undefined;
  readonly pump: Pump | undefined;
  body: ReadableStream<Uint8Array> | null | undefined;
  used: boolean;
  /** How often the SDK will still look whether there is a body. */
  looks: number;
}

/** A reply as a response for the SDK. The reply's own hold on it ends here. */
/**
 * @param sdkLooks how often the SDK itself touches `body` of a plain reply before it reads, without using it
 */
export function toResponse(reply: CoreReply, ticket: Ticket, sdkLooks: number): Response {
  const native = reply.native.response;
  reply.native.response = undefined;
  if (native !== undefined && reply.content === undefined && reply.events === undefined) {
    Stamp.put(native, {
      ticket,
      content: undefined,
      pump: undefined,
      body: undefined,
      used: false,
      looks: 0,
    });
    return native;
  }
  const response = native ?? new Response(null, { status: reply.status, headers: reply.headers });
  Stamp.put(response, {
    ticket,
    content: reply.content,
    pump: reply.events,
    body: undefined,
    used: false,
    looks: sdkLooks,
  });
  Object.setPrototypeOf(response, governedPrototype(Object.getPrototypeOf(response) as object));
  if (reply.events !== undefined) forgotten.register(response, reply.events);
  return response;
}

/** The ticket of a response that passed the chain. */
export function ticketOf(response: object): Ticket | undefined {
  return Stamp.read(response)?.ticket;
}

/** Ends streams whose response was dropped unread. Held values refer to the pump, the pump never to the response. */
const forgotten = new FinalizationRegistry((pump: Pump) => pump.cancel());

/** Puts a private field on an object that exists already. */
const OnExisting = function OnExisting(target: object): object {
  return target;
} as unknown as new (target: object) => object;

class Stamp extends OnExisting {
  readonly #governed: Governed;

  constructor(target: object, governed: Governed) {
    super(target);
    this.#governed = governed;
  }

  static put(target: object, governed: Governed): void {
    void new Stamp(target, governed);
  }

  static read(target: object): Governed | undefined {
    return #governed in target ? target.#governed : undefined;
  }
}

const prototypes = new WeakMap<object, object>();

function governedPrototype(inner: object): object {
  let prototype = prototypes.get(inner);
  if (prototype === undefined) {
    prototype = Object.create(inner, Object.getOwnPropertyDescriptors(readers)) as object;
    prototypes.set(inner, prototype);
  }
  return prototype;
}

function governed(response: Response): Governed {
  const state = Stamp.read(response);
  if (state === undefined) throw new TypeError('Illegal invocation');
  return state;
}

/** Every way to the bytes of a response. */
const readers = {
  get bodyUsed(): boolean {
    return governed(this as unknown as Response).used;
  },
  get body(): ReadableStream<Uint8Array> | null {
    const state = governed(this as unknown as Response);
    if (state.looks > 0 && state.content !== undefined) {
      state.looks--;
      return new DeferredBody(() => bodyOf(this, state)) as unknown as ReadableStream<Uint8Array>;
    }
    return bodyOf(this, state);
  },
  text(this: Response): Promise<string> {
    const plain = takenPlain(this);
    if (plain !== undefined) return Promise.resolve(plain.text);
    return whole(this).then((content) =>
      typeof content === 'object' && 'text' in content ? content.text : decode(content),
    );
  },
  json(this: Response): Promise<unknown> {
    const plain = takenPlain(this);
    if (plain !== undefined) return parsed(plain);
    return whole(this).then((content) => {
      if (content instanceof Uint8Array) return JSON.parse(decode(content)) as unknown;
      return parsed(content);
    });
  },
  bytes(this: Response): Promise<Uint8Array> {
    return whole(this).then(toBytes);
  },
  arrayBuffer(this: Response): Promise<ArrayBuffer> {
    return whole(this).then((content) => toBytes(content).slice().buffer as ArrayBuffer);
  },
  blob(this: Response): Promise<Blob> {
    return whole(this).then((content) => new Response(toBytes(content), { headers: this.headers }).blob());
  },
  formData(this: Response): Promise<FormData> {
    return whole(this).then((content) =>
      new Response(toBytes(content), { headers: this.headers }).formData(),
    );
  },
  clone(this: Response): Response {
    const state = governed(this);
    if (state.used) throw new TypeError('Response.clone: Body has already been consumed.');
    const { status, statusText, headers } = this;
    if (state.content !== undefined) return new Response(state.content.text, { status, statusText, headers });
    const [mine, theirs] = (this.body as ReadableStream<Uint8Array>).tee();
    state.body = mine;
    return new Response(theirs, { status, statusText, headers });
  },
};

function bodyOf(response: object, state: Governed): ReadableStream<Uint8Array> {
  return (state.body ??= new GovernedBody(response, state));
}

/** The content of a plain reply that nobody has read yet: what the SDKs ask for, without a detour. */
function takenPlain(response: Response): Content | undefined {
  const state = governed(response);
  if (state.content === undefined || state.used || state.body !== undefined) return undefined;
  state.used = true;
  return state.content;
}

async function parsed(content: Content): Promise<unknown> {
  return content.parsed === undefined ? (JSON.parse(content.text) as unknown) : content.parsed.value;
}

/** The whole body, once. */
async function whole(response: Response): Promise<Content | Uint8Array> {
  const state = governed(response);
  if (state.used || state.body?.locked === true)
    throw new TypeError('Body is unusable: Body has already been read');
  state.used = true;
  if (state.content !== undefined) return state.content;
  const chunks: Uint8Array[] = [];
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  for (let result = await reader.read(); !result.done; result = await reader.read())
    chunks.push(result.value);
  // Never Node's own Buffers: those lie in a pool with what other calls said, and `buffer` would show all of it.
  return new Uint8Array(Buffer.concat(chunks));
}

function toBytes(content: Content | Uint8Array): Uint8Array {
  return content instanceof Uint8Array ? content : new TextEncoder().encode(content.text);
}

function decode(bytes: Content | Uint8Array): string {
  return new TextDecoder().decode(toBytes(bytes));
}

const pullOnly = { highWaterMark: 0 } as const;

/**
 * A real ReadableStream for everyone; for the SDKs' loops, which take a reader or an iterator, a short way without the
 * stream machinery between two chunks. Keeps its response alive, so that holding the body alone is holding on.
 */
class GovernedBody extends ReadableStream<Uint8Array> {
  readonly #state: Governed;
  readonly #source: BodySource;
  #taken = false;

  constructor(response: object, state: Governed) {
    const source = new BodySource(response, state);
    super(source, pullOnly);
    this.#source = source;
    this.#state = state;
  }

  override get locked(): boolean {
    return this.#taken || super.locked;
  }

  // oxlint-disable-next-line typescript/no-explicit-any
  override getReader(...options: any[]): any {
    const { pump } = this.#state;
    if (!this.locked && (options[0] as ReadableStreamGetReaderOptions | undefined)?.mode === 'byob') {
      this.#taken = true;
      return new ReadableStream(new ByteSource(this.#source)).getReader({ mode: 'byob' });
    }
    if (pump === undefined || options.length > 0 || this.locked) return super.getReader(...(options as []));
    this.#taken = true;
    this.#state.used = true;
    return new ShortReader(pump, () => {
      this.#taken = false;
    });
  }

  override async cancel(reason?: unknown): Promise<void> {
    this.#state.used = true;
    if (this.#state.pump === undefined || super.locked) return super.cancel(reason);
    this.#state.pump.cancel(reason);
  }

  override values(options?: { preventCancel?: boolean }): ReadableStreamAsyncIterator<Uint8Array> {
    const { pump } = this.#state;
    if (pump === undefined || this.locked) return super.values(options);
    this.#taken = true;
    this.#state.used = true;
    return new ShortIterator(
      pump,
      options?.preventCancel === true,
    ) as unknown as ReadableStreamAsyncIterator<Uint8Array>;
  }

  override [Symbol.asyncIterator](): ReadableStreamAsyncIterator<Uint8Array> {
    return this.values();
  }
}

type Sink = Pick<ReadableStreamDefaultController<Uint8Array>, 'enqueue' | 'close'>;

class BodySource implements UnderlyingSource<Uint8Array> {
  readonly #response: object;
  readonly #state: Governed;

  constructor(response: object, state: Governed) {
    this.#response = response;
    this.#state = state;
  }

  async pull(controller: Sink): Promise<void> {
    const { pump, content } = this.#state;
    this.#state.used = true;
    if (pump === undefined) {
      const bytes = new TextEncoder().encode(content?.text ?? '');
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
      return;
    }
    const result = await pump.read();
    if (result.done) controller.close();
    else controller.enqueue(result.value);
  }

  cancel(reason: unknown): void {
    void this.#response;
    this.#state.used = true;
    this.#state.pump?.cancel(reason);
  }
}

/** The same for readers that bring their own buffer, as a native body takes them too. */
class ByteSource implements UnderlyingByteSource {
  readonly type = 'bytes';
  readonly #source: BodySource;

  constructor(source: BodySource) {
    this.#source = source;
  }

  pull(controller: ReadableByteStreamController): Promise<void> {
    return this.#source.pull({
      // A byte stream takes its chunks over, and these may be somebody else's too.
      enqueue: (chunk) => controller.enqueue(new Uint8Array(chunk)),
      close: () => {
        controller.close();
        controller.byobRequest?.respond(0);
      },
    });
  }

  cancel(reason: unknown): void {
    this.#source.cancel(reason);
  }
}

class ShortReader {
  readonly #pump: Pump;
  readonly #release: () => void;
  #closed: PromiseWithResolvers<undefined> | undefined;

  constructor(pump: Pump, release: () => void) {
    this.#pump = pump;
    this.#release = release;
  }

  get closed(): Promise<undefined> {
    this.#closed ??= Promise.withResolvers<undefined>();
    if (this.#pump.over) this.#closed.resolve(undefined);
    return this.#closed.promise;
  }

  read(): Promise<ReadResult> {
    const result = this.#pump.read();
    if (this.#closed !== undefined) {
      void result.then(({ done }) => done && this.#closed?.resolve(undefined), this.#closed.reject);
    }
    return result;
  }

  async cancel(reason?: unknown): Promise<void> {
    this.#pump.cancel(reason);
    this.#closed?.resolve(undefined);
  }

  releaseLock(): void {
    this.#release();
  }
}

class ShortIterator implements AsyncIterableIterator<Uint8Array> {
  readonly #pump: Pump;
  readonly #keep: boolean;

  constructor(pump: Pump, keep: boolean) {
    this.#pump = pump;
    this.#keep = keep;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    return this.#pump.read() as Promise<IteratorResult<Uint8Array, undefined>>;
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (!this.#keep) this.#pump.cancel();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
