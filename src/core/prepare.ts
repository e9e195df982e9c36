import type { AttemptTranslation } from './attempt-translation.ts';
import { Call } from './call.ts';
import type { Dialect } from './dialect.ts';
import type { Entry } from './entry.ts';
import type { Provider, Quirks } from './provider.ts';
import type { Target } from './target.ts';

/** A request made ready for its target. */
export interface Prepared {
  send(controller: AbortController): Promise<Response>;
  /** One that the request came with, for the attempt to use. */
  readonly controller?: AbortController | undefined;
  /** The snapshot that is asked for in place of the target's model. */
  readonly pin: string | undefined;
  /** We asked for usage in the stream; the caller did not. */
  readonly hideUsage: boolean;
  readonly mayEndWithoutTerminal: boolean;
  readonly readsReply: boolean;
  /** Set when the target speaks another dialect than the caller. */
  readonly translation?: AttemptTranslation;
}

/**
 * Decides how an attempt is sent: as the SDK built it, when it goes to the provider it was built for and nothing that is
 * fixed in it has to change; else through the target's own client.
 *
 * @param pin the snapshot that is asked for in place of the target's model
 */
export function prepare(call: Call, provider: Provider, target: Target, pin: string | undefined): Prepared {
  const { quirks } = provider;
  const entry = Call.entryFor(call, target);
  const unfinished = bodyFor(call, pin ?? target.model, quirks);
  const origin = (): string | undefined => originOf(call, provider, entry, unfinished);
  const body = finished(call, quirks, { target, dialect: call.dialect, origin }, unfinished);
  const asksForUsage = call.stream && quirks.includeUsage !== false;
  const settled = {
    pin,
    mayEndWithoutTerminal: quirks.mayEndWithoutTerminal === true,
    readsReply: entry?.readsReply ?? true,
  };
  const headers = call.headersChanged ? call.headers : undefined;
  const retryCount = Math.max(0, call.attempt - 1);
  if (entry !== undefined && canHoldModel(entry, call, body)) {
    const changed = call.bodyChanged || body !== call.body;
    const serialized = changed ? JSON.stringify(body) : entry.serialized;
    const asking =
      asksForUsage && serialized !== undefined
        ? call.dialect.request.askForUsage(body, serialized)
        : undefined;
    const text = asking ?? (changed ? serialized : undefined);
    if (text === undefined || entry.canChange('body')) {
      return {
        ...settled,
        hideUsage: asking !== undefined,
        controller: entry.takeController?.(),
        send: (controller) => entry.send({ controller, body: text, headers, retryCount }),
      };
    }
  }
  const asking = asksForUsage ? call.dialect.request.askForUsage(body, JSON.stringify(body)) : undefined;
  const sent: unknown = asking === undefined ? body : JSON.parse(asking);
  return {
    ...settled,
    hideUsage: asking !== undefined,
    send: (controller) =>
      entry?.resend?.({ controller, body: sent, headers, retryCount }) ??
      provider.post({
        path: Call.entryOf(call)?.path || call.dialect.path,
        dialect: call.dialect,
        body: sent,
        stream: call.stream,
        headers: withoutTransport(call.headers),
        signal: controller.signal,
        retryCount,
        settings: call.settings,
      }),
  };
}

/**
 * The same for a target that speaks another dialect: always through its own client, and without the headers that mean
 * something to the caller's provider alone.
 */
export function prepareTranslated(
  call: Call,
  provider: Provider,
  target: Target,
  pin: string | undefined,
  translation: AttemptTranslation,
): Prepared {
  const { quirks } = provider;
  const { dialect } = translation;
  const lens = call.dialect.request;
  const translated = translation.request(lens.withModel(call.body, pin ?? target.model), call.stream);
  const origin = (): string | undefined => provider.origin;
  const body = finished(call, quirks, { target, dialect, origin }, withQuirks(translated, quirks));
  const asking =
    call.stream && quirks.includeUsage !== false
      ? dialect.request.askForUsage(body, JSON.stringify(body))
      : undefined;
  return {
    translation,
    pin,
    mayEndWithoutTerminal: quirks.mayEndWithoutTerminal === true,
    readsReply: true,
    // Usage is known either way; the caller sees it where its own request asks for it.
    hideUsage: call.stream && lens.askForUsage(call.body, JSON.stringify(call.body)) !== undefined,
    send: ({ signal }) =>
      provider.post({
        path: dialect.path,
        dialect,
        body: asking === undefined ? body : (JSON.parse(asking) as unknown),
        stream: call.stream,
        headers: withoutProviders(withoutTransport(call.headers)),
        signal,
        retryCount: Math.max(0, call.attempt - 1),
        settings: call.settings,
      }),
  };
}

function finished(
  { finish }: Call,
  quirks: Quirks,
  { target, dialect, origin }: { target: Target; dialect: Dialect; origin: () => string | undefined },
  body: unknown,
): unknown {
  return finish === undefined ? body : finish(body, { target, dialect, origin: origin(), quirks });
}

/** Where it goes once it is changed: a derived client, or a URL of the application's own, may lead elsewhere. */
function originOf(
  call: Call,
  { origin }: Provider,
  entry: Entry | undefined,
  body: unknown,
): string | undefined {
  const goesThrough =
    entry?.resend !== undefined || (entry?.canChange('body') === true && canHoldModel(entry, call, body));
  if (!goesThrough) return origin;
  const { url } = entry.endpoint;
  const isBelow = origin !== undefined && url.startsWith(origin.endsWith('/') ? origin : `${origin}/`);
  return isBelow ? origin : url.replace(/[?#].*$/, '');
}

function canHoldModel(entry: Entry, call: Call, body: unknown): boolean {
  const { request } = call.dialect;
  return request.model(call.body) === request.model(body) || entry.canChange('model');
}

function bodyFor(call: Call, model: string, quirks: Quirks): unknown {
  if (call.operation === 'passthrough') return call.body;
  const lens = call.dialect.request;
  const body = lens.model(call.body) === model ? call.body : lens.withModel(call.body, model);
  return withQuirks(body, quirks);
}

function withQuirks(body: unknown, { maxTokensField }: Quirks): unknown {
  return maxTokensField === undefined ? body : withMaxTokensField(body, maxTokensField);
}

function withMaxTokensField(body: unknown, field: 'max_tokens' | 'max_completion_tokens'): unknown {
  const other = field === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
  if (typeof body !== 'object' || body === null || !(other in body)) return body;
  const { [other]: limit, ...rest } = body as Readonly<Record<string, unknown>>;
  return { ...rest, [field]: limit };
}

/** What belongs to one request on one connection: the other client makes its own. */
const transportHeaders =
  /^(host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|accept|accept-.*|content-.*|user-agent|origin|referer|x-stainless-.*)$/;

function withoutTransport(headers: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...headers].filter(([name]) => !transportHeaders.test(name)));
}

/** Versions, betas and organizations of one provider. */
function withoutProviders(headers: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...headers].filter(([name]) => !/^(anthropic|openai|x-openai|azureml|x-ms)-/.test(name)));
}
