import type { Endpoint, Entry, EntryRequest } from '../../core/entry.ts';
import type { Submitted } from '../../core/gate.ts';
import { requestSnapshot } from '../../core/request-snapshot.ts';
import { dialectOfPath, passthrough } from '../../dialects/index.ts';
import { answer } from '../answer.ts';
import { applyHeaders, callerHeaders } from '../caller-headers.ts';
import {
  carried,
  carryOptions,
  define,
  liftedTimeoutMs,
  ownersOf,
  type Carried,
  type SdkClient,
} from '../carried-options.ts';
import { rejectAsFetch } from './failed-fetch.ts';
import type { Seam } from '../seam.ts';
import { sendStraight, type FetchingClient } from '../straight.ts';

/** Anthropic's client, as far as the seam uses it. */
export interface AnthropicClient extends SdkClient, FetchingClient {
  readonly apiKey?: string | null;
  readonly logLevel?: unknown;
  readonly middleware: readonly Middleware[];
  /** What the client was made with. */
  readonly _options: { readonly timeout?: number | undefined };
  fetchWithTimeout(
    url: string | URL | Request,
    init: RequestInit | undefined,
    timeoutMs: number,
    controller: AbortController,
    options?: CarriedOptions,
    log?: unknown,
  ): Promise<Response>;
}

type CarriedOptions = {
  readonly [carried]?: Carried;
  readonly middleware?: readonly unknown[];
  readonly __span?: unknown;
};

export interface MiddlewareRequest extends RequestInit {
  readonly url: string;
  headers: Headers;
}

export type Middleware = (
  request: MiddlewareRequest,
  next: (request: MiddlewareRequest) => Promise<Response>,
  context: { readonly options?: CarriedOptions },
) => Promise<Response>;

/** The SDK obeys any wait that fits a timer (anthropic 1.12, `retryRequest`). */
const longestWaitMs = 2_147_483_647;

/** The SDK asks once whether there is a body (anthropic 1.0 to 1.12, `makeRequest`). */
const bodyLooks = 1;

/**
 * A client of the same class whose every request passes the gate, at the step where the SDK hands a built request to
 * its middleware and transport: what is seen there is canonical Messages traffic on every backend, before it is adapted
 * and signed. The original is left as it is.
 */
export function governAnthropic(original: AnthropicClient, seam: Seam): AnthropicClient {
  const client = original.withOptions({
    // A clone would count as having been given one, and the SDK's check for requests that must be streamed would end.
    timeout: original._options.timeout,
  }) as AnthropicClient;
  carryOptions(
    client,
    seam.readContext,
    (options, carry) => ({ ...options, maxRetries: 0, [carried]: carry }),
    (options) => (options as CarriedOptions)[carried],
  );
  define(client, 'fetchWithTimeout', governedTransport(client, original, seam));
  define(client, 'withOptions', (options: object) =>
    governAnthropic(original.withOptions(options) as AnthropicClient, seam),
  );
  return client;
}

function governedTransport(
  client: AnthropicClient,
  original: AnthropicClient,
  seam: Seam,
): AnthropicClient['fetchWithTimeout'] {
  const inherited = client.fetchWithTimeout;
  const isPlain = isPlainClient(client);
  return (url, init, timeoutMs, controller, sdkOptions, log) => {
    const carry = sdkOptions?.[carried];
    // Token exchanges are no calls.
    if (init === undefined || carry === undefined)
      return inherited.call(client, url, init, timeoutMs, controller, sdkOptions, log);
    const { options, path } = carry;
    const dialect = dialectOfPath(path, options.method ?? 'get');
    const straight = isPlain && sdkOptions !== undefined && goesStraight(client, sdkOptions);
    const send = (request: RequestInit, attempt: AbortController): Promise<Response> =>
      straight
        ? sendStraight(client, url, request, attempt)
        : inherited.call(client, url, request, liftedTimeoutMs, attempt, sdkOptions, log);
    const entry = new AnthropicEntry(url, init, send, controller, carry, seam);
    return seam.gate
      .submit({
        operation: dialect.operation,
        dialect,
        provider: seam.provider,
        model: dialect === passthrough ? '' : dialect.request.model(options.body),
        stream: options.stream ?? false,
        body: dialect === passthrough ? options.body : requestSnapshot(options.body),
        callerHeaders: () => callerHeaders(options.headers),
        callerSignal: init.signal ?? undefined,
        attemptTimeoutMs: options.timeout ?? original.timeout,
        retries: {
          max: options.maxRetries ?? original.maxRetries,
          explicit: options.maxRetries !== undefined,
          longestWaitMs,
          ignoresZeroWait: true,
        },
        entry,
        settings: carry.context.settings,
        watchers: carry.context.watchers,
        reader: entry.readsReply ? undefined : controller,
      })
      .then((submitted) =>
        failedElsewhere(submitted, seam.member ?? seam.provider)
          ? rejectAsFetch(client, inherited, submitted.reply.error?.cause)
          : answer(submitted, bodyLooks),
      );
  };
}

/** Whether no answer came from another provider than the client's own. */
function failedElsewhere({ reply }: Submitted, own: string): boolean {
  const { error, status, run } = reply;
  return status === 0 && error?.kind === 'connection' && run.attempts.at(-1)?.target.provider !== own;
}

/** Whether the client's class adds nothing between a request and its `fetch`: no backend, no signing, no transport. */
function isPlainClient(client: AnthropicClient): boolean {
  return ['fetchWithTimeout', 'backendMiddleware', 'prepareRequest'].every(
    (method) => ownersOf(client, method) === 1,
  );
}

/** Whether this request has nobody to pass on its way: no middleware, no token to name, no span or log to write. */
function goesStraight(client: AnthropicClient, options: CarriedOptions): boolean {
  return (
    typeof client.apiKey === 'string' &&
    client.middleware.length === 0 &&
    (options.middleware?.length ?? 0) === 0 &&
    options.__span === undefined &&
    client.logLevel !== 'debug'
  );
}

/** The request as the SDK built it, sent on through the client's middleware and transport. */
class AnthropicEntry implements Entry {
  readonly replayable: boolean;
  readonly readsReply: boolean;
  readonly serialized: string | undefined;
  readonly path: string;
  readonly provider: string | undefined;
  readonly derived: Seam['derived'];
  readonly #url: string | URL | Request;
  readonly #init: RequestInit;
  readonly #send: (init: RequestInit, controller: AbortController) => Promise<Response>;
  readonly #carried: Carried;
  #controller: AbortController | undefined;

  constructor(
    url: string | URL | Request,
    init: RequestInit,
    send: (init: RequestInit, controller: AbortController) => Promise<Response>,
    controller: AbortController,
    carry: Carried,
    { member, derived }: Seam,
  ) {
    this.provider = member;
    this.derived = derived;
    this.#url = url;
    this.#init = init;
    this.#send = send;
    this.#carried = carry;
    this.path = carry.path;
    this.serialized = typeof init.body === 'string' ? init.body : undefined;
    this.replayable = !(init.body instanceof ReadableStream);
    this.readsReply = carry.options.__binaryResponse !== true && carry.options.stream !== true;
    this.#controller = this.readsReply ? controller : undefined;
  }

  get endpoint(): Endpoint {
    return { method: this.#carried.options.method ?? 'get', path: this.path, url: String(this.#url) };
  }

  takeController(): AbortController | undefined {
    const controller = this.#controller;
    this.#controller = undefined;
    return controller;
  }

  /** Adapting and signing happen inside, for every attempt. */
  canChange(): boolean {
    return true;
  }

  send({ controller, body, headers, retryCount }: EntryRequest): Promise<Response> {
    const init: RequestInit = { ...this.#init, signal: null };
    if (body !== undefined) init.body = body;
    const sent = this.#headers(retryCount > 0 || headers !== undefined);
    if (retryCount > 0) sent.set('x-stainless-retry-count', String(retryCount));
    if (headers !== undefined) applyHeaders(sent, callerHeaders(this.#carried.options.headers), headers);
    init.headers = sent;
    return this.#send(init, controller);
  }

  /** The SDK's own, unless this attempt's must not show in another's. */
  #headers(own: boolean): Headers {
    const { headers } = this.#init;
    return headers instanceof Headers && !own ? headers : new Headers(headers);
  }
}
