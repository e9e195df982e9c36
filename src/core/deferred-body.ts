import type {
  ReadableStreamAsyncIterator,
  ReadableWritablePair,
  StreamPipeOptions,
  WritableStream,
} from 'node:stream/web';

type Bytes = ReadableStream<Uint8Array>;

/**
 * Stands in for the body of a plain reply when the SDK itself only looks whether there is one: making a real stream for
 * every such look costs more than the rest of the seam. Works as the stream would, by making it after all.
 */
export class DeferredBody {
  readonly #make: () => Bytes;

  constructor(make: () => Bytes) {
    this.#make = make;
  }

  get locked(): boolean {
    return false;
  }

  getReader(): ReturnType<Bytes['getReader']> {
    return this.#make().getReader();
  }

  cancel(reason?: unknown): Promise<void> {
    return this.#make().cancel(reason);
  }

  tee(): [Bytes, Bytes] {
    return this.#make().tee() as [Bytes, Bytes];
  }

  pipeTo(destination: WritableStream<Uint8Array>, options?: StreamPipeOptions): Promise<void> {
    return this.#make().pipeTo(destination, options);
  }

  pipeThrough<T>(
    transform: ReadableWritablePair<T, Uint8Array>,
    options?: StreamPipeOptions,
  ): ReadableStream<T> {
    return this.#make().pipeThrough(transform, options) as ReadableStream<T>;
  }

  values(): ReadableStreamAsyncIterator<Uint8Array> {
    return this.#make().values();
  }

  [Symbol.asyncIterator](): ReadableStreamAsyncIterator<Uint8Array> {
    return this.values();
  }
}
