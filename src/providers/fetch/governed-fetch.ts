import { isPassedLimit } from '../../core/endings.ts';
import type { Endpoint, Entry, EntryRequest } from '../../core/entry.ts';
import { Content, type CoreReply } from '../../core/reply.ts';
import { dialectOfPath, passthrough } from '../../dialects/index.ts';
import { answer } from '../answer.ts';
import { applyHeaders, callerHeaders, removeManagedHeaders } from '../caller-headers.ts';
import type { Seam } from '../seam.ts';
import { normalized, type NormalizedRequest } from './normalized-request.ts';

/** A plain `fetch` that takes its calls through the chain. */
export type GovernedFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/**
 * The chain as a `fetch`, for SDKs that take one. URL and credentials are the caller's and sent as they came; the path
 * picks the dialect. Those SDKs repeat failed requests themselves, so nothing is repeated here by default, and each of
 * their tries is a call.
 */
export function governedFetch(inner: GovernedFetch, seam: Seam): GovernedFetch {
  return async (input, init) => {
    const request = await normalized(input, init);
    if (request === undefined) return inner(input, init);
    const context = seam.readContext();
    const dialect = dialectOfPath(new URL(request.url).pathname, request.method);
    const body = dialect === passthrough ? undefined : parsed(request.text);
    const known = body === undefined ? passthrough : dialect;
    const submitted = await seam.gate.submit({
      operation: known.operation,
      dialect: known,
      provider: seam.provider,
      model: known === passthrough ? '' : known.request.model(body),
      stream: known.request.isStream(body),
      body,
      callerHeaders: () => callerHeaders(request.init.headers),
      callerSignal: request.init.signal ?? undefined,
      attemptTimeoutMs: Infinity,
      retries: { max: 0, explicit: false, longestWaitMs: 0 },
      entry: new FetchEntry(inner, request, seam.member),
      settings: context.settings,
      watchers: context.watchers,
    });
    const { reply } = submitted;
    return answer(
      {
        ...submitted,
        reply: timedOut(reply) ? gatewayTimeout(submitted.ticket.asked.dialect, reply) : reply,
      },
      0,
    );
  };
}

/** A plain fetch has no timeout class of its own: a limit of ours is a 504 in the provider's shape. */
function gatewayTimeout(
  dialect: { errors: { body(error: NonNullable<CoreReply['error']>): unknown } },
  reply: CoreReply,
): CoreReply {
  const { error } = reply;
  if (error === undefined) return reply;
  const { managed, ...rest } = error;
  return reply.copy({
    status: 504,
    headers: new Headers({ 'content-type': 'application/json', 'x-should-retry': 'false' }),
    error: { ...rest, kind: 'server', status: 504, managed: undefined },
    content: Content.ofJson(dialect.errors.body({ ...rest, status: 504, managed })),
  });
}

function timedOut(reply: CoreReply): boolean {
  if (reply.error?.kind !== 'timeout' || reply.events !== undefined) return false;
  return reply.status === 0 || isPassedLimit(reply.error);
}

function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

class FetchEntry implements Entry {
  readonly replayable: boolean;
  readonly serialized: string | undefined;
  readonly readsReply = false;
  readonly addressed = true;
  readonly path: string;
  readonly provider: string | undefined;
  readonly #inner: GovernedFetch;
  readonly #request: NormalizedRequest;

  constructor(inner: GovernedFetch, request: NormalizedRequest, member: string | undefined) {
    this.provider = member;
    this.#inner = inner;
    this.#request = request;
    this.serialized = request.text;
    this.replayable = !(request.init.body instanceof ReadableStream);
    this.path = '';
  }

  get endpoint(): Endpoint {
    const { method, url } = this.#request;
    return { method, path: new URL(url).pathname, url };
  }

  canChange(what: 'body' | 'model'): boolean {
    return what === 'body' || !this.#request.url.includes('/deployments/');
  }

  send({ controller, body, headers }: EntryRequest): Promise<Response> {
    const before = callerHeaders(this.#request.init.headers);
    const sent = new Headers(this.#request.init.headers);
    removeManagedHeaders(sent);
    if (headers !== undefined) applyHeaders(sent, before, headers);
    if (body !== undefined) sent.delete('content-length');
    return this.#inner(this.#request.url, {
      ...this.#request.init,
      headers: sent,
      signal: controller.signal,
      ...(body === undefined ? {} : { body }),
    });
  }
}
