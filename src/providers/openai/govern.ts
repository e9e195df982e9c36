import type { CallInit } from '../../core/call.ts';
import type { Entry, EntryRequest, ResendRequest } from '../../core/entry.ts';
import { dialectOfPath, passthrough } from '../../dialects/index.ts';
import { abortError, answer, type SeamStyle } from '../answer.ts';
import {
  applyHeaders,
  callerHeaders,
  changedRows,
  hasManagedHeaders,
  headerRows,
  removeManagedHeaders,
} from '../caller-headers.ts';
import {
  carried,
  carryOptions,
  define,
  liftedTimeoutMs,
  type Carried,
  type SdkClient,
} from '../carried-options.ts';
import type { Seam } from '../seam.ts';
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
}

export type Fetch = (input: string | URL | Request, init?: CarriedInit) => Promise<Response>;
export type CarriedInit = RequestInit & { [carried]?: Carried | undefined };

/** The SDK ignores a server's wait above this and backs off by its own rule (openai 7.57, `retryRequest`). */
const longestWaitMs = 60_000;

const style: SeamStyle = { bodyLooks: 0, timeout: (error) => abortError(error.managed) };

/**
 * A client of the same class whose every request passes the gate. The original is left as it is and does the sending.
 */
export function governOpenAI(original: OpenAIClient, seam: Seam): OpenAIClient {
  const signed = signsRequests(original);
  const client = copyWith(original, { fetch: governedFetch(original.fetch, original, signed, seam) });
  carryOptions(
    client,
    seam.readContext,
    (options, carry) => ({
      ...options,
      maxRetries: 0,
      timeout: liftedTimeoutMs,
      // What is signed must be right when it is built; elsewhere `send` puts it right.
      ...(signed ? { headers: [...headerRows(options.headers), ...stainlessRows(options.timeout, 0)] } : {}),
      fetchOptions: { ...options.fetchOptions, [carried]: carry },
    }),
    ({ fetchOptions }) => (fetchOptions as CarriedInit | undefined)?.[carried],
  );
  define(client, 'withOptions', (options: object) =>
    governOpenAI(original.withOptions(options) as OpenAIClient, seam),
  );
  return client;
}

function governedFetch(inner: Fetch, original: OpenAIClient, signed: boolean, seam: Seam): Fetch {
  const governed: Fetch = (input, init) => {
    const carry = init?.[carried];
    // Probes and token exchanges are no calls.
    if (init === undefined || carry === undefined) return inner(input, init);
    const { options, path, context } = carry;
    const dialect = dialectOfPath(path, options.method ?? 'get');
    const entry = new OpenAIEntry(inner, original, signed, input, init, carry);
    const body = options.body;
    return seam.gate
      .submit({
        operation: dialect.operation,
        dialect,
        provider: seam.provider,
        model: dialect === passthrough ? '' : dialect.request.model(body),
        stream: options.stream ?? false,
        body,
        callerHeaders: () => callerHeaders(options.headers),
        callerSignal: options.signal ?? undefined,
        attemptTimeoutMs: options.timeout ?? original.timeout,
        retries: retryWish(options.maxRetries, original.maxRetries),
        entry,
        settings: context.settings,
        watchers: context.watchers,
        signal: init.signal ?? undefined,
      })
      .then((submitted) => answer(submitted, style));
  };
  return Object.assign(governed, inner);
}

function retryWish(ofCall: number | undefined, ofClient: number): CallInit['retries'] {
  return { max: ofCall ?? ofClient, explicit: ofCall !== undefined, longestWaitMs };
}

/** The request as the SDK built it, sent on through the fetch that the client had. */
class OpenAIEntry implements Entry {
  readonly replayable: boolean;
  readonly readsReply: boolean;
  readonly serialized: string | undefined;
  readonly path: string;
  readonly #inner: Fetch;
  readonly #original: OpenAIClient;
  readonly #signed: boolean;
  readonly #input: string | URL | Request;
  readonly #init: CarriedInit;
  readonly #carried: Carried;

  constructor(
    inner: Fetch,
    original: OpenAIClient,
    signed: boolean,
    input: string | URL | Request,
    init: CarriedInit,
    carry: Carried,
  ) {
    this.#inner = inner;
    this.#original = original;
    this.#signed = signed;
    this.path = carry.path;
    this.#input = input;
    this.#init = init;
    this.#carried = carry;
    this.serialized = typeof init.body === 'string' ? init.body : undefined;
    this.replayable = !(init.body instanceof ReadableStream);
    this.readsReply = carry.options.__binaryResponse !== true && carry.options.stream !== true;
  }

  /** Not where requests are signed as built, nor the model where the URL names it (Azure deployments). */
  canChange(what: 'body' | 'model'): boolean {
    if (this.#signed) return false;
    return what === 'body' || !String(this.#input).includes('/deployments/');
  }

  send(request: EntryRequest): Promise<Response> {
    const { signal, body, headers, retryCount } = request;
    if (this.#signed) {
      if (retryCount > 0 || headers !== undefined)
        return this.resend({ ...request, body: this.#carried.options.body });
      return this.#inner(this.#input, { ...this.#init, signal, [carried]: undefined });
    }
    const init: CarriedInit = { ...this.#init, signal, [carried]: undefined };
    if (body !== undefined) init.body = body;
    const { options } = this.#carried;
    const sent = this.#headers(retryCount > 0 || headers !== undefined);
    if (options.timeout === undefined) sent.delete('x-stainless-timeout');
    else sent.set('x-stainless-timeout', String(Math.trunc(options.timeout / 1000)));
    if (retryCount > 0) sent.set('x-stainless-retry-count', String(retryCount));
    if (options.headers !== undefined && hasManagedHeaders(options.headers)) removeManagedHeaders(sent);
    if (headers !== undefined) applyHeaders(sent, callerHeaders(options.headers), headers);
    init.headers = sent;
    return this.#inner(this.#input, init);
  }

  resend({ signal, body, headers, retryCount }: ResendRequest): Promise<Response> {
    const { options, path } = this.#carried;
    const rows = headerRows(options.headers);
    if (headers !== undefined) rows.push(...changedRows(callerHeaders(options.headers), headers));
    rows.push(...stainlessRows(options.timeout, retryCount));
    const stream = options.stream ?? false;
    return sendAnew(this.#original, path, { body, stream, signal, headers: rows, options });
  }

  /** The SDK's own, unless this attempt's must not show in another's. */
  #headers(own: boolean): Headers {
    const { headers } = this.#init;
    return headers instanceof Headers && !own ? headers : new Headers(headers);
  }
}

/**
 * Whether a client works on its requests after they are built, as those do that sign them: a provider runtime
 * (`provider: bedrock()`), or a subclass with a `prepareRequest` of its own (`BedrockOpenAI`).
 */
function signsRequests(client: OpenAIClient): boolean {
  let owners = client._provider === undefined ? 0 : 2;
  for (
    let at = Object.getPrototypeOf(client) as object | null;
    at !== null;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    if (Object.hasOwn(at, 'prepareRequest')) owners++;
  }
  return owners > 1;
}
