import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import * as z from 'zod/mini';
import { isGovernedSend, watchSends } from '../core/governed-send.ts';
import { parseOptions } from '../core/parse-options.ts';
import { hostMatcher, knownHosts } from './known-hosts.ts';

/** A request to a model's API that no `ManagedLLM` of this process has seen. */
export interface UngovernedRequest {
  readonly host: string;
  readonly method: string;
  /** Without the query, which may hold a key. */
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
  /** Told of each request. Default: a process warning, once for each host, method, path and place. */
  readonly onRequest?: (request: UngovernedRequest) => void;
}

export interface UngovernedWatch {
  /** What was seen, the most frequent first; at most 1,000 kinds are told apart. */
  readonly seen: readonly UngovernedTally[];
  /** Ends it. What was seen stays. */
  stop(): void;
}

const watchUngovernedOptionsSchema = z.strictObject({
  hosts: z.optional(z.array(z.string().check(z.minLength(1)))),
  onRequest: z.optional(z.custom((value) => typeof value === 'function', 'must be a function')),
});

const kindsAtMost = 1_000;

/**
 * Reports requests of this process to known model APIs that did not pass a `ManagedLLM`: for the day a team moves over.
 * Sees Node's `fetch` and what is built on `node:http`; not HTTP/2 sessions of one's own, other processes or worker threads.
 * It only watches: nothing is held back or changed.
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

  const seen = (host: string, method: string, target: string): void => {
    if (!matches(host) || isGovernedSend()) return;
    const request: UngovernedRequest = { host, method, path: pathOf(target), from: placeInApplication() };
    const key = JSON.stringify(request);
    const known = tally.get(key);
    if (known !== undefined) known.count++;
    else if (tally.size < kindsAtMost) tally.set(key, { ...request, count: 1 });
    if (onRequest !== undefined) onRequest(request);
    else if (known === undefined && tally.has(key)) warn(request);
  };
  const ofFetch = (message: unknown): void => {
    const { origin, method, path } = (message as { readonly request: Partial<FetchRequest> }).request;
    const { hostname } = URL.parse(String(origin)) ?? {};
    if (hostname !== undefined) seen(hostname, String(method), String(path));
  };
  const ofHttp = (message: unknown): void => {
    const { host, method, path } = (message as { readonly request: Partial<HttpRequest> }).request;
    if (host !== undefined) seen(host.toLowerCase(), String(method), String(path));
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

function pathOf(target: string): string {
  return target.split('?', 1)[0] ?? target;
}

/** The nearest frame that is neither Node's own nor a package's. */
function placeInApplication(): string | undefined {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 50;
  const { stack = '' } = new Error('where');
  Error.stackTraceLimit = before;
  const frames = stack.split('\n').slice(1);
  const own = new Set([fileOf(frames[0])]);
  const frame = frames.find((line) => {
    const file = fileOf(line);
    return (
      file !== undefined && !own.has(file) && !file.startsWith('node:') && !file.includes('/node_modules/')
    );
  });
  return frame === undefined ? undefined : place.exec(frame)?.[1];
}

const place = /\(?((?:file:\/\/)?\/[^()]+:\d+:\d+|[A-Za-z]:\\[^()]+:\d+:\d+|node:[^()]+)\)?$/;

function fileOf(frame: string | undefined): string | undefined {
  return frame === undefined ? undefined : place.exec(frame)?.[1]?.replace(/:\d+:\d+$/, '');
}

function warn({ host, method, path, from }: UngovernedRequest): void {
  process.emitWarning(
    `${method} ${host}${path} did not pass a ManagedLLM${from === undefined ? '' : `: it was made at ${from}`}.`,
    { type: 'ManagedLLMWarning', code: 'ungoverned-request' },
  );
}
