import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import * as z from 'zod/mini';
import { isGovernedSend, watchSends } from '../core/governed-send.ts';
import { isPromise } from '../core/is-promise.ts';
import { parseOptions } from '../core/parse-options.ts';
import { hostMatcher, knownHosts } from './known-hosts.ts';

/** A request to a model's API that no `ManagedLLM` of this process has seen. */
export interface UngovernedRequest {
  readonly host: string;
  readonly method: string;
  /** Without the query, which may hold a key; ids in it are `*`. */
  readonly path: string;
  /** Where in the application's own code it was made, where that can be told: `file:///app/src/summarize.ts:12:20`. */
  readonly from: string | undefined;
}

/** The same, as often as it was made. */
export interface UngovernedTally extends UngovernedRequest {
  readonly count: number;
}

/** Options of {@link watchUngoverned}. */
export interface WatchUngovernedOptions {
  /** Further hosts to look for: `llm.internal`, `*.models.internal`, without ports. Default: none beside the known ones. */
  readonly hosts?: readonly string[];
  /**
   * Told of each request, as it is made. What it throws is told as a process warning. Default: a process warning, once for
   * each host, method, path and place.
   */
  readonly onRequest?: (request: UngovernedRequest) => void;
}

export interface UngovernedWatch {
  /** What was seen, the most frequent first; at most 1,000 kinds are told apart. */
  readonly seen: readonly UngovernedTally[];
  /** Ends it. What was seen stays. */
  stop(): void;
}

/** A name or an address, as `URL` tells it; what else stands in a URL would never be found in one. */
const aHost = /^(?:[^\s/:]+|\[[^\s/]+\])$/;

const watchUngovernedOptionsSchema = z.strictObject({
  hosts: z.optional(
    z.array(
      z.string().check(z.regex(aHost, 'must be a host alone, without scheme, port and path: `llm.internal`')),
    ),
  ),
  onRequest: z.optional(z.custom((value) => typeof value === 'function', 'must be a function')),
});

const kindsAtMost = 1_000;

/**
 * Reports requests of this process to known model APIs that did not pass a `ManagedLLM`: for the day a team moves over.
 * Sees Node's `fetch`, undici, and what is built on `node:http`; not HTTP/2 sessions of one's own, other processes or worker
 * threads. It only watches: nothing is held back or changed.
 *
 * What a client's own `fetch` or middleware does on behalf of a call is taken for that call's. Where requests have to wait
 * for a connection (an undici `Agent` with `connections`), nobody can tell any more which of them are whose: of those, as
 * many are left out as governed calls were waiting, and what is told of the others lacks `from`.
 *
 * @example
 * ```ts
 * const watch = watchUngoverned();
 * // … later
 * console.table(watch.seen);
 * ```
 * @throws `invalid-options`
 */
export function watchUngoverned(options: WatchUngovernedOptions = {}): UngovernedWatch {
  const { hosts = [], onRequest } = parseOptions(watchUngovernedOptionsSchema, options, 'watchUngoverned');
  const matches = hostMatcher([...knownHosts, ...hosts.map((host) => host.toLowerCase())]);
  const tally = new Map<string, { -readonly [K in keyof UngovernedTally]: UngovernedTally[K] }>();

  const seen = (made: object, host: string, method: string, target: string): void => {
    if (!matches(host)) return;
    const { from, waited } = originOfRequest();
    if (isGovernedSend(made, waited)) return;
    const request: UngovernedRequest = { host, method, path: pathOf(target), from };
    const key = JSON.stringify(request);
    const known = tally.get(key);
    if (known !== undefined) known.count++;
    else if (tally.size < kindsAtMost) tally.set(key, { ...request, count: 1 });
    if (onRequest !== undefined) tell(onRequest, request);
    else if (known === undefined && tally.has(key)) warn(request);
  };
  const ofFetch = (message: unknown): void => {
    const { request } = message as { readonly request: Partial<FetchRequest> };
    const { hostname } = URL.parse(String(request.origin)) ?? {};
    if (hostname !== undefined) seen(request, hostname, String(request.method), String(request.path));
  };
  const ofHttp = (message: unknown): void => {
    const { request } = message as { readonly request: Partial<HttpRequest> };
    const { host, method, path } = request;
    if (host !== undefined) seen(request, host.toLowerCase(), String(method), String(path));
  };

  const unwatch = watchSends();
  subscribe('undici:request:create', ofFetch);
  subscribe('http.client.request.created', ofHttp);
  return {
    get seen() {
      return [...tally.values()].toSorted((a, b) => b.count - a.count).map((entry) => ({ ...entry }));
    },
    stop() {
      unwatch();
      unsubscribe('undici:request:create', ofFetch);
      unsubscribe('http.client.request.created', ofHttp);
    },
  };
}

/** As undici announces it. Node.js documentation, "Diagnostics Channel", and undici's, November 2026. */
interface FetchRequest {
  readonly origin: string | URL;
  readonly method: string;
  readonly path: string;
}

/** Node's `ClientRequest`. */
interface HttpRequest {
  readonly host: string;
  readonly method: string;
  readonly path: string;
}

/** `file-abc123def456`, `thread_…`, a UUID: what would make a kind of its own of each request. Names of models stay. */
const id = /^(?:[a-z]+[-_])?(?=[a-z0-9]*\d)[a-z0-9]{12,}$|^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

function pathOf(target: string): string {
  const [path = target] = target.split('?', 1);
  return path
    .split('/')
    .map((segment) => (id.test(segment) ? '*' : segment))
    .join('/');
}

/** Whoever is told must not hurt who asks: what a subscriber of a channel throws would end the process. */
function tell(onRequest: (request: UngovernedRequest) => unknown, request: UngovernedRequest): void {
  try {
    const pending = onRequest(request);
    if (isPromise(pending)) pending.then(undefined, warnOfFault);
  } catch (thrown) {
    warnOfFault(thrown);
  }
}

function warnOfFault(thrown: unknown): void {
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  process.emitWarning(`\`onRequest\` of \`watchUngoverned\` threw: ${why}`, { type: 'ManagedLLMWarning' });
}

/** Where a request that is just being announced comes from, by the calls that led there. */
function originOfRequest(): { readonly from: string | undefined; readonly waited: boolean } {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 50;
  const { stack } = new Error('where');
  Error.stackTraceLimit = before;
  // An application may have its own idea of what a stack is.
  const lines = typeof stack === 'string' ? stack.split('\n').slice(1) : [];
  const announced = lines.findLastIndex((line) => line.includes('node:diagnostics_channel'));
  const frames = lines.slice(announced + 1);
  const frame = frames.find((line) => !isNodes(line) && !/[\\/]node_modules[\\/]/.test(line));
  return {
    from: frame === undefined ? undefined : place.exec(frame)?.[1],
    waited: frames.length > 0 && frames.every((line) => isNodes(line) || undicis.test(line)),
  };
}

const place = /\(?((?:file:\/\/)?\/[^()]+:\d+:\d+|[A-Za-z]:\\[^()]+:\d+:\d+)\)?$/;
/** The package. Node's own is a part of Node. */
const undicis = /[\\/]node_modules[\\/](?:[^\\/]+[\\/])*undici[\\/]/;

/** Also what has no place at all: `at new Promise (<anonymous>)`. */
function isNodes(line: string): boolean {
  return line.includes('node:') || !place.test(line);
}

function warn({ host, method, path, from }: UngovernedRequest): void {
  process.emitWarning(
    `${method} ${host}${path} did not pass a ManagedLLM${from === undefined ? '' : `: it was made at ${from}`}.`,
    { type: 'ManagedLLMWarning', code: 'ungoverned-request' },
  );
}
