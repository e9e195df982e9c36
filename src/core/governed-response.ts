import type {
  ReadableByteStreamController,
  ReadableStream as WebStream,
  ReadableStreamAsyncIterator,
  ReadableStreamGetReaderOptions,
  ReadableWritablePair,
  StreamPipeOptions,
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
  #governed: Governed;

  constructor(target: object, governed: Governed) {
    super(target);
    this.#governed = governed;
  }

  static put(target: object, governed: Governed): void {
    // One governed client inside another: the outer one has the last word.
    if (#governed in target) target.#governed = governed;
    else void new Stamp(target, governed);
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
    if (state.used || state.body?.locked === true)
      throw new TypeError('Response.clone: Body has already been consumed.');
    const { status, statusText, headers } = this;
    if (state.content !== undefined) return new Response(state.content.text, { status, statusText, headers });
    const [mine, theirs] = (this.body as ReadableStream<Uint8Array>).tee();
    state.body = watched(mine, state);
    return new Response(theirs, { status, statusText, headers });
  },
};

/** One half of a body that was cloned: reading it uses the response, reading the other half does not. */
function watched(half: ReadableStream<Uint8Array>, state: Governed): ReadableStream<Uint8Array> {
  const reader = half.getReader();
  const mark = (): void => {
    if (state.body === body) state.used = true;
  };
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        mark();
        const result = await reader.read();
        if (result.done) controller.close();
        else controller.enqueue(result.value);
      },
      cancel(reason) {
        mark();
        return reader.cancel(reason);
      },
    },
    pullOnly,
  );
  return body;
}

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
  /** Who holds the lock, unless the native machinery has it. */
  #holder: object | undefined;

  constructor(response: object, state: Governed) {
    const source = new BodySource(response, state);
    super(source, pullOnly);
    this.#source = source;
    this.#state = state;
  }

  override get locked(): boolean {
    return this.#isHeld() || super.locked;
  }

  // oxlint-disable-next-line typescript/no-explicit-any
  override getReader(...options: any[]): any {
    this.#refuseSecond();
    const { pump } = this.#state;
    if ((options[0] as ReadableStreamGetReaderOptions | undefined)?.mode === 'byob' && !super.locked) {
      const bytes = new ReadableStream(new ByteSource(this.#source));
      this.#holder = bytes;
      return bytes.getReader({ mode: 'byob' });
    }
    if (pump === undefined || options.length > 0 || super.locked) return super.getReader(...(options as []));
    const reader = new ShortReader(pump, this.#state, () => this.#release(reader));
    this.#holder = reader;
    return reader;
  }

  override values(options?: { preventCancel?: boolean }): ReadableStreamAsyncIterator<Uint8Array> {
    this.#refuseSecond();
    const { pump } = this.#state;
    if (pump === undefined || super.locked) return super.values(options);
    const iterator = new ShortIterator(pump, this.#state, options?.preventCancel === true, () =>
      this.#release(iterator),
    );
    this.#holder = iterator;
    return iterator as unknown as ReadableStreamAsyncIterator<Uint8Array>;
  }

  override [Symbol.asyncIterator](): ReadableStreamAsyncIterator<Uint8Array> {
    return this.values();
  }

  override async cancel(reason?: unknown): Promise<void> {
    this.#refuseSecond();
    if (this.#state.pump === undefined || super.locked) return super.cancel(reason);
    this.#state.used = true;
    this.#state.pump.cancel(reason);
  }

  override tee(): [WebStream<Uint8Array>, WebStream<Uint8Array>] {
    this.#refuseSecond();
    return super.tee() as [WebStream<Uint8Array>, WebStream<Uint8Array>];
  }

  override pipeThrough<T>(
    transform: ReadableWritablePair<T, Uint8Array>,
    options?: StreamPipeOptions,
  ): WebStream<T> {
    this.#refuseSecond();
    return super.pipeThrough(transform as never, options) as WebStream<T>;
  }

  override async pipeTo(...to: Parameters<WebStream<Uint8Array>['pipeTo']>): Promise<void> {
    this.#refuseSecond();
    return super.pipeTo(...(to as [never]));
  }

  /** A loop lets go at the end by itself. */
  #isHeld(): boolean {
    if (this.#holder instanceof ShortIterator && this.#state.pump?.over === true) this.#holder = undefined;
    return this.#holder !== undefined;
  }

  #release(holder: object): void {
    if (this.#holder === holder) this.#holder = undefined;
  }

  #refuseSecond(): void {
    if (this.#isHeld()) throw new TypeError('Invalid state: ReadableStream is locked');
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
    this.#use();
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
    this.#use();
    this.#state.pump?.cancel(reason);
  }

  /** Once cloned, the response has another body. */
  #use(): void {
    if (this.#state.body instanceof GovernedBody) this.#state.used = true;
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
  readonly #state: Governed;
  /** Unset once released. */
  #release: (() => void) | undefined;
  #closed: PromiseWithResolvers<undefined> | undefined;

  constructor(pump: Pump, state: Governed, release: () => void) {
    this.#pump = pump;
    this.#state = state;
    this.#release = release;
  }

  get closed(): Promise<undefined> {
    if (this.#release === undefined) return Promise.reject(released());
    this.#closed ??= Promise.withResolvers<undefined>();
    if (this.#pump.over) this.#closed.resolve(undefined);
    return this.#closed.promise;
  }

  read(): Promise<ReadResult> {
    if (this.#release === undefined) return Promise.reject(released());
    this.#state.used = true;
    const result = this.#pump.read();
    if (this.#closed !== undefined) {
      void result.then(({ done }) => done && this.#closed?.resolve(undefined), this.#closed.reject);
    }
    return result;
  }

  async cancel(reason?: unknown): Promise<void> {
    if (this.#release === undefined) throw released();
    this.#state.used = true;
    this.#pump.cancel(reason);
    this.#closed?.resolve(undefined);
  }

  releaseLock(): void {
    this.#release?.();
    this.#release = undefined;
    this.#closed?.promise.catch(() => {});
    this.#closed?.reject(released());
  }
}

function released(): TypeError {
  return new TypeError('Invalid state: This reader has been released');
}

class ShortIterator implements AsyncIterableIterator<Uint8Array> {
  readonly #pump: Pump;
  readonly #state: Governed;
  readonly #keep: boolean;
  /** Unset once the loop has ended early. */
  #release: (() => void) | undefined;

  constructor(pump: Pump, state: Governed, keep: boolean, release: () => void) {
    this.#pump = pump;
    this.#state = state;
    this.#keep = keep;
    this.#release = release;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#release === undefined) return Promise.resolve({ done: true, value: undefined });
    this.#state.used = true;
    return this.#pump.read() as Promise<IteratorResult<Uint8Array, undefined>>;
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#release !== undefined && !this.#keep) {
      this.#state.used = true;
      this.#pump.cancel();
    }
    this.#release?.();
    this.#release = undefined;
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
