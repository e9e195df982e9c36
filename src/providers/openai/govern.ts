import type { CallInit } from '../../core/call.ts';
import type { Endpoint, Entry, EntryRequest, ResendRequest } from '../../core/entry.ts';
import { requestSnapshot } from '../../core/request-snapshot.ts';
import { dialectOfPath, passthrough } from '../../dialects/index.ts';
import { answer } from '../answer.ts';
import { applyHeaders, callerHeaders, changedRows, headerRows } from '../caller-headers.ts';
import {
  carried,
  carryOptions,
  define,
  liftedTimeoutMs,
  ownersOf,
  type Carried,
  type SdkClient,
} from '../carried-options.ts';
import type { Seam } from '../seam.ts';
import { sendStraight } from '../straight.ts';
import { copyWith } from './copy.ts';
import { sendAnew, stainlessRows } from './send-anew.ts';

/** OpenAI's client, as far as the seam uses it. `fetch` is private in its types: see decision 003. */
export interface OpenAIClient extends SdkClient {
  readonly fetch: Fetch;
  readonly _provider?: unknown;
  /** What the client was made with. */
  readonly _options: { readonly apiKey?: unknown };
  /** Azure's. */
  readonly apiVersion?: string;
  readonly deploymentName?: string;
  fetchWithTimeout(
    url: string | URL | Request,
    init: CarriedInit | undefined,
    timeoutMs: number,
    controller: AbortController,
  ): Promise<Response>;
}

export type Fetch = (input: string | URL | Request, init?: CarriedInit) => Promise<Response>;
export type CarriedInit = RequestInit & { [carried]?: Carried | undefined };

/** The SDK ignores a server's wait above this and backs off by its own rule (openai 7.57, `retryRequest`). */
const longestWaitMs = 60_000;

/**
 * A client of the same class whose every request passes the gate, at the step where the SDK hands a built request to
 * its transport. The original is left as it is.
 */
export function governOpenAI(original: OpenAIClient, seam: Seam): OpenAIClient {
  const signed = signsRequests(original);
  // A client that cannot be given a `fetch` cannot be governed either.
  const client = copyWith(original, { fetch: original.fetch });
  carryOptions(
    client,
    seam.readContext,
    (options, carry) => ({
      ...options,
      maxRetries: 0,
      fetchOptions: { ...options.fetchOptions, [carried]: carry },
    }),
    ({ fetchOptions }) => (fetchOptions as CarriedInit | undefined)?.[carried],
  );
  define(client, 'fetchWithTimeout', governedTransport(client, original, signed, seam));
  define(client, 'withOptions', (options: object) =>
    governOpenAI(original.withOptions(options) as OpenAIClient, seam),
  );
  return client;
}

function governedTransport(
  client: OpenAIClient,
  original: OpenAIClient,
  signed: boolean,
  seam: Seam,
): OpenAIClient['fetchWithTimeout'] {
  const inherited = client.fetchWithTimeout;
  const ownTransport = ownersOf(client, 'fetchWithTimeout') > 1;
  return (url, init, timeoutMs, controller) => {
    const carry = init?.[carried];
    // Token exchanges are no calls.
    if (init === undefined || carry === undefined)
      return inherited.call(client, url, init, timeoutMs, controller);
    const { options, path, context } = carry;
    const dialect = dialectOfPath(path, options.method ?? 'get');
    const body = dialect === passthrough ? options.body : requestSnapshot(options.body);
    const entry = new OpenAIEntry(
      client,
      original,
      signed,
      ownTransport,
      url,
      init,
      body,
      controller,
      carry,
      seam,
    );
    return seam.gate
      .submit({
        operation: dialect.operation,
        dialect,
        provider: seam.provider,
        model: dialect === passthrough ? '' : dialect.request.model(body),
        stream: options.stream ?? false,
        body,
        callerHeaders: () => callerHeaders(options.headers),
        callerSignal: init.signal ?? undefined,
        attemptTimeoutMs: options.timeout ?? original.timeout,
        retries: retryWish(options.maxRetries, original.maxRetries),
        entry,
        settings: context.settings,
        watchers: context.watchers,
        reader: entry.readsReply ? undefined : controller,
      })
      .then((submitted) => answer(submitted, 0));
  };
}

function retryWish(ofCall: number | undefined, ofClient: number): CallInit['retries'] {
  return { max: ofCall ?? ofClient, explicit: ofCall !== undefined, longestWaitMs };
}

/** The request as the SDK built it, sent on by the client's own transport. */
class OpenAIEntry implements Entry {
  readonly replayable: boolean;
  readonly readsReply: boolean;
  readonly serialized: string | undefined;
  readonly path: string;
  readonly provider: string | undefined;
  readonly derived: Seam['derived'];
  readonly #client: OpenAIClient;
  readonly #original: OpenAIClient;
  readonly #signed: boolean;
  readonly #ownTransport: boolean;
  readonly #url: string | URL | Request;
  readonly #init: CarriedInit;
  readonly #body: unknown;
  readonly #carried: Carried;
  #controller: AbortController | undefined;

  constructor(
    client: OpenAIClient,
    original: OpenAIClient,
    signed: boolean,
    ownTransport: boolean,
    url: string | URL | Request,
    init: CarriedInit,
    body: unknown,
    controller: AbortController,
    carry: Carried,
    { member, derived }: Seam,
  ) {
    this.provider = member;
    this.derived = derived;
    this.#client = client;
    this.#original = original;
    this.#signed = signed;
    this.#ownTransport = ownTransport;
    this.path = carry.path;
    this.#url = url;
    this.#init = init;
    this.#body = body;
    this.#carried = carry;
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

  /** Not where requests are signed as built, nor the model where the URL names it (Azure deployments). */
  canChange(what: 'body' | 'model'): boolean {
    if (this.#signed) return false;
    return what === 'body' || !String(this.#url).includes('/deployments/');
  }

  send(request: EntryRequest): Promise<Response> {
    const { controller, body, headers, retryCount } = request;
    if (this.#signed && (retryCount > 0 || headers !== undefined))
      return this.resend({ ...request, body: this.#body });
    const init: CarriedInit = { ...this.#init, signal: null };
    if (body !== undefined) init.body = body;
    if (!this.#signed) {
      const { options } = this.#carried;
      const sent = this.#headers(retryCount > 0 || headers !== undefined);
      if (retryCount > 0) sent.set('x-stainless-retry-count', String(retryCount));
      if (headers !== undefined) applyHeaders(sent, callerHeaders(options.headers), headers);
      init.headers = sent;
    }
    return this.#transport(init, controller);
  }

  resend({ controller, body, headers, retryCount }: ResendRequest): Promise<Response> {
    const { options, path } = this.#carried;
    const rows = headerRows(options.headers);
    if (headers !== undefined) rows.push(...changedRows(callerHeaders(options.headers), headers));
    rows.push(...stainlessRows(options.timeout, retryCount));
    const stream = options.stream ?? false;
    const { signal } = controller;
    return sendAnew(this.#original, path, { body, stream, signal, headers: rows, options });
  }

  /** The SDK's own, but for its timer, which ours stands in for; an application's subclass may have another. */
  #transport(init: CarriedInit, controller: AbortController): Promise<Response> {
    if (this.#ownTransport)
      return prototypeOf(this.#client).fetchWithTimeout.call(
        this.#client,
        this.#url,
        init,
        liftedTimeoutMs,
        controller,
      );
    return sendStraight(this.#client, this.#url, init, controller);
  }

  /** The SDK's own, unless this attempt's must not show in another's. */
  #headers(own: boolean): Headers {
    const { headers } = this.#init;
    return headers instanceof Headers && !own ? headers : new Headers(headers);
  }
}

function prototypeOf(client: OpenAIClient): OpenAIClient {
  return Object.getPrototypeOf(client) as OpenAIClient;
}

/**
 * Whether a client works on its requests after they are built, as those do that sign them: a provider runtime
 * (`provider: bedrock()`), or a subclass with a `prepareRequest` of its own (`BedrockOpenAI`).
 */
function signsRequests(client: OpenAIClient): boolean {
  return client._provider !== undefined || ownersOf(client, 'prepareRequest') > 1;
}
