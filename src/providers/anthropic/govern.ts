import type { Entry, EntryRequest } from '../../core/entry.ts';
import type { Gate } from '../../core/gate.ts';
import { dialectOfPath, passthrough } from '../../dialects/index.ts';
import { abortError, answer, type SeamStyle } from '../answer.ts';
import { applyHeaders, callerHeaders, hasManagedHeaders, removeManagedHeaders } from '../caller-headers.ts';
import {
  carried,
  carryOptions,
  define,
  liftedTimeoutMs,
  type Carried,
  type SdkClient,
} from '../carried-options.ts';
import type { Seam } from '../seam.ts';

/** Anthropic's client, as far as the seam uses it. */
export interface AnthropicClient extends SdkClient {
  readonly middleware: readonly Middleware[];
  /** What the client was made with. */
  readonly _options: { readonly timeout?: number | undefined };
}

export interface MiddlewareRequest extends RequestInit {
  readonly url: string;
  headers: Headers;
}

export type Middleware = (
  request: MiddlewareRequest,
  next: (request: MiddlewareRequest) => Promise<Response>,
  context: { readonly options?: { readonly [carried]?: Carried } },
) => Promise<Response>;

/** The SDK obeys any wait that fits a timer (anthropic 1.12, `retryRequest`). */
const longestWaitMs = 2_147_483_647;

/** The SDK asks twice whether there is a body (anthropic 1.0 to 1.12, `wrapFetchWithMiddleware` and `makeRequest`). */
const style: SeamStyle = { bodyLooks: 2, timeout: (error) => abortError(error.managed) };

/**
 * A client of the same class whose every request passes the gate, as its outermost middleware: that sees canonical
 * Messages traffic on every backend, before it is adapted and signed. The original is left as it is.
 */
export function governAnthropic(original: AnthropicClient, seam: Seam): AnthropicClient {
  const governed = governedMiddleware(original, seam);
  const client = original.withOptions({
    middleware: [governed, ...original.middleware],
    // A clone would count as having been given one, and the SDK's check for requests that must be streamed would end.
    timeout: original._options.timeout,
  }) as AnthropicClient;
  carryOptions(
    client,
    seam.readContext,
    (options, carry) => ({ ...options, maxRetries: 0, timeout: liftedTimeoutMs, [carried]: carry }),
    (options) => (options as { readonly [carried]?: Carried })[carried],
  );
  gates.set(governed, seam.gate);
  define(client, 'withOptions', (options: { readonly middleware?: readonly Middleware[] }) =>
    governAnthropic(original.withOptions(withoutGate(options, seam.gate)) as AnthropicClient, seam),
  );
  return client;
}

/** Which gate a middleware of ours leads to. */
const gates = new WeakMap<Middleware, Gate>();

/** A list made from `client.middleware` holds ours already; it is put in front again, and must not stand there twice. */
function withoutGate(options: { readonly middleware?: readonly Middleware[] }, gate: Gate): object {
  if (!Array.isArray(options.middleware)) return options;
  return { ...options, middleware: options.middleware.filter((given) => gates.get(given) !== gate) };
}

function governedMiddleware(original: AnthropicClient, seam: Seam): Middleware {
  return (request, next, context) => {
    const carry = context.options?.[carried];
    // Token exchanges are no calls.
    if (carry === undefined) return next(request);
    const { options, path } = carry;
    const dialect = dialectOfPath(path, options.method ?? 'get');
    const attemptTimeoutMs = options.timeout ?? original.timeout;
    return seam.gate
      .submit({
        operation: dialect.operation,
        dialect,
        provider: seam.provider,
        model: dialect === passthrough ? '' : dialect.request.model(options.body),
        stream: options.stream ?? false,
        body: options.body,
        callerHeaders: () => callerHeaders(options.headers),
        callerSignal: options.signal ?? undefined,
        attemptTimeoutMs,
        retries: {
          max: options.maxRetries ?? original.maxRetries,
          explicit: options.maxRetries !== undefined,
          longestWaitMs,
          ignoresZeroWait: true,
        },
        entry: new AnthropicEntry(request, next, carry, attemptTimeoutMs),
        settings: carry.context.settings,
        watchers: carry.context.watchers,
        signal: request.signal ?? undefined,
      })
      .then((submitted) => answer(submitted, style));
  };
}

/** The request as the SDK built it, sent on through the rest of the client's middleware. */
class AnthropicEntry implements Entry {
  readonly replayable: boolean;
  readonly readsReply: boolean;
  readonly serialized: string | undefined;
  readonly path: string;
  readonly #request: MiddlewareRequest;
  readonly #next: (request: MiddlewareRequest) => Promise<Response>;
  readonly #carried: Carried;
  readonly #timeoutMs: number;

  constructor(
    request: MiddlewareRequest,
    next: (request: MiddlewareRequest) => Promise<Response>,
    carry: Carried,
    timeoutMs: number,
  ) {
    this.#request = request;
    this.#next = next;
    this.#carried = carry;
    this.path = carry.path;
    this.#timeoutMs = timeoutMs;
    this.serialized = typeof request.body === 'string' ? request.body : undefined;
    this.replayable = !(request.body instanceof ReadableStream);
    this.readsReply = carry.options.__binaryResponse !== true && carry.options.stream !== true;
  }

  /** Adapting and signing happen inside, for every `next`. */
  canChange(): boolean {
    return true;
  }

  send({ signal, body, headers, retryCount }: EntryRequest): Promise<Response> {
    const request: MiddlewareRequest = { ...this.#request, signal };
    if (body !== undefined) request.body = body;
    const sent = retryCount > 0 || headers !== undefined ? new Headers(request.headers) : request.headers;
    sent.set('x-stainless-timeout', String(Math.trunc(this.#timeoutMs / 1000)));
    if (retryCount > 0) sent.set('x-stainless-retry-count', String(retryCount));
    const given = this.#carried.options.headers;
    if (given !== undefined && hasManagedHeaders(given)) removeManagedHeaders(sent);
    if (headers !== undefined) applyHeaders(sent, callerHeaders(given), headers);
    request.headers = sent;
    return this.#next(request);
  }
}
