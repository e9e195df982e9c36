import { hash } from 'node:crypto';
import type { Call } from '../../core/call.ts';
import type { Host } from '../../core/interceptor.ts';
import { entryVersion } from './entry.ts';

/** What a call is known by at the cache, or why it is not known. */
export type CallKey = { readonly key: string } | { readonly reason: string };

/** Headers that say what a request means. Anthropic API reference, "Beta headers" and "Versions"; OpenAI's `OpenAI-Beta`, November 2026. */
const shaping = ['anthropic-beta', 'anthropic-version', 'openai-beta'] as const;

/**
 * All that shapes the answer, and who may have it: no two calls with one key may be answered differently. Who asks for what
 * tenant is told apart by exact code points; one without a tenant is a tenant of its own.
 */
export function keyOf(host: Pick<Host, 'definitionOf'>, call: Call): CallKey {
  const { cache = {}, tenant, user } = call.settings;
  const definition = host.definitionOf(call);
  if (definition === undefined) return { reason: 'a function of the route decides' };
  const asked = cache.key === undefined ? call.fingerprint() : JSON.stringify(cache.key);
  if (asked === undefined) return { reason: 'held by the provider' };
  const { share = 'tenant' } = cache;
  const scope = share === 'all' ? [] : share === 'user' ? [tenant ?? null, user ?? null] : [tenant ?? null];
  const headers = shaping.map((name) => call.headers.get(name) ?? null);
  const said = JSON.stringify([
    share,
    scope,
    call.dialect.id,
    definition,
    // A client that was derived from the provider's own, or a URL of the application's, may lead to another server.
    call.endpoint?.url ?? null,
    call.onUnsupported ?? null,
    headers,
    cache.key !== undefined,
  ]);
  // The prompt itself is not quoted once more: it is the long part.
  return { key: `answer:${entryVersion}:${hash('sha256', `${said}\n${asked}`)}` };
}
