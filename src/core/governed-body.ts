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
import type { ReadResult } from './event-stream.ts';
import type { Pump } from './pump.ts';
import type { Ticket } from './gate.ts';
import type { Content } from './reply.ts';

/** What is known of a governed response, shared with its body. */
export interface Governed {
  readonly ticket: Ticket;
  readonly content: Content | undefined;
  readonly pump: Pump | undefined;
  body: ReadableStream<Uint8Array> | null | undefined;
  used: boolean;
  /** How often the SDK will still look whether there is a body. */
  looks: number;
}

/** Nothing is read ahead of its reader. */
export const pullOnly = { highWaterMark: 0 } as const;

/**
 * A real ReadableStream for everyone; for the SDKs' loops, which take a reader or an iterator, a short way without the
 * stream machinery between two chunks. Keeps its response alive, so that holding the body alone is holding on.
 */
export class GovernedBody extends ReadableStream<Uint8Array> {
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
