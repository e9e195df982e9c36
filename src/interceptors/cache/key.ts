import { hash } from 'node:crypto';
import type { Call } from '../../core/call.ts';
import type { Host } from '../../core/interceptor.ts';
import type { SplitRequest } from '../../core/items-lens.ts';
import { entryVersion } from './entry.ts';

/** Who tells where a call goes. */
export type KeyHost = Pick<Host, 'definitionOf' | 'leadsTo' | 'credential'>;

/** What a call is known by at the cache, or why it is not known. */
export type CallKey = { readonly key: string } | { readonly reason: string };

/** Headers that say what a request means. Anthropic API reference, "Beta headers" and "Versions"; OpenAI's `OpenAI-Beta`, November 2026. */
const shaping = ['anthropic-beta', 'anthropic-version', 'openai-beta'] as const;

const decidedElsewhere = { reason: 'a function of the route decides' };

/**
 * All that shapes the answer, and who may have it: no two calls with one key may be answered differently. Who asks for what
 * tenant is told apart by exact code points; one without a tenant is a tenant of its own.
 */
export function keyOf(host: KeyHost, call: Call): CallKey {
  const around = aroundOf(host, call);
  if ('reason' in around) return around;
  const own = call.settings.cache?.key;
  const asked = own === undefined ? call.fingerprint() : JSON.stringify(own);
  if (asked === undefined) return { reason: 'held by the provider' };
  const said = JSON.stringify([...around, own !== undefined]);
  // The prompt itself is not quoted once more: it is the long part.
  return { key: `answer:${entryVersion}:${hash('sha256', `${said}\n${asked}`)}` };
}

/** The same for each item that a request asks for, by itself: the others have no part in its key. */
export function itemKeysOf(
  host: KeyHost,
  call: Call,
  { frame, items }: SplitRequest,
): { readonly keys: readonly string[] } | { readonly reason: string } {
  const around = aroundOf(host, call);
  if ('reason' in around) return around;
  const prefix = hash('sha256', `${JSON.stringify(around)}\n${frame}`);
  return { keys: items.map(({ text }) => `item:${entryVersion}:${hash('sha256', `${prefix}\n${text}`)}`) };
}

/** What shapes an answer beside what is asked for, and who may have it; or why there is no key. */
function aroundOf(host: KeyHost, call: Call): readonly unknown[] | { readonly reason: string } {
  const { cache: { share = 'tenant' } = {}, tenant, user } = call.settings;
  const definition = host.definitionOf(call);
  if (definition === undefined) return decidedElsewhere;
  // All who are not known are not one.
  if (share === 'user' && user === undefined) return { reason: 'no user' };
  const scope = share === 'all' ? [] : share === 'user' ? [tenant ?? null, user] : [tenant ?? null];
  const headers = shaping.map((name) => call.headers.get(name) ?? null);
  return [
    share,
    scope,
    call.dialect.id,
    definition,
    // A client that was derived from the provider's own, or a URL of the application's, may lead to another server.
    call.endpoint?.url ?? null,
    call.onUnsupported ?? null,
    headers,
    share === 'all' ? [] : clientsOf(host, call),
  ];
}

/** Whose clients it may go through, where each caller has one of their own: those may lead to other servers, or accounts. */
function clientsOf(host: KeyHost, call: Call): readonly (readonly [provider: string, caller: string])[] {
  const providers = new Set(host.leadsTo(call).map(({ provider }) => provider));
  return [...providers].flatMap((provider) => {
    const caller = host.credential(provider, call.settings);
    return caller === undefined ? [] : [[provider, caller] as const];
  });
}

/** The route, or the target by its whole name: only a client knows its own models without. */
export function whereTo(host: Pick<Host, 'definitionOf'>, call: Call): string {
  const definition = host.definitionOf(call);
  // Rules of routes are lists.
  if (definition === undefined || definition.startsWith('[')) return call.model;
  const said: string | { readonly target: string } = JSON.parse(definition);
  return typeof said === 'string' ? said : said.target;
}

/** Whether a call of ours would ask another server: where a derived client, or a URL of the application's own, leads. */
export function asksElsewhere(host: Pick<Host, 'originOf'>, { provider, endpoint }: Call): boolean {
  if (endpoint === undefined) return false;
  const origin = host.originOf(provider);
  return origin === undefined || !endpoint.url.startsWith(origin);
}
