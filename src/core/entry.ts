import type { Provider } from './provider.ts';

/** What of the request the SDK built has to change. */
export interface EntryRequest {
  /** Ends the attempt. */
  readonly controller: AbortController;
  /** Other text for the body; `undefined` sends the SDK's own. */
  readonly body: string | undefined;
  /** The caller's headers, where an interceptor changed them: set if present, removed if they were there before. */
  readonly headers: ReadonlyMap<string, string> | undefined;
  /** 0 for the first try. */
  readonly retryCount: number;
}

/** What a request asks its provider for. */
export interface Endpoint {
  /** In any case: `post`, `GET`. */
  readonly method: string;
  /** As the application's SDK or its URL has it: below a base URL or with what stands before that, perhaps with a query. */
  readonly path: string;
  /** Where the request as built goes, query and all. May hold what only the application knows: not to be shown. */
  readonly url: string;
}

/** The same request with another body. */
export interface ResendRequest extends Omit<EntryRequest, 'body'> {
  readonly body: unknown;
}

/** The request as the caller's SDK built it, and the way to send it on through that same client. */
export interface Entry {
  /** False when the body is a stream that can be sent only once. */
  readonly replayable: boolean;
  /** Whether its URL is the application's own: it goes there as it was written, whatever the provider's client speaks. */
  readonly addressed?: boolean;
  /** The provider that its client is, where the call's own name stands for several: a pool's member. */
  readonly provider?: string | undefined;
  /** The same provider as the application derived it (`withOptions`), where it is one of the call's own pool. */
  readonly derived?: ((provider: string) => Provider | undefined) | undefined;
  /** The body's text as the SDK serialized it, where it is text. */
  readonly serialized: string | undefined;
  /** The path below the base URL, as the SDK's resource gave it; another client of the dialect is sent to the same. */
  readonly path: string;
  readonly endpoint: Endpoint;
  /** Whether a changed body can be put into the request as built: not when it is signed, or when the URL names the model. */
  canChange(what: 'body' | 'model'): boolean;
  /** Whether the body may be read and the reply withheld until it has arrived whole. `false` for files and audio. */
  readonly readsReply: boolean;
  /**
   * The abort controller that the SDK made for this request, once, where the first attempt can use it instead of one of
   * its own: only for replies that are read here, since whoever reads a stream later is reached through it.
   */
  takeController?(): AbortController | undefined;
  send(request: EntryRequest): Promise<Response>;
  /** Has the client build and sign it again with another body, for what cannot be changed in the request as built. */
  resend?(request: ResendRequest): Promise<Response>;
}
