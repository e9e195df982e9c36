import { hash } from 'node:crypto';
import type { Call } from '../../core/call.ts';
import type { Destination } from '../../core/finish.ts';

/** Hexadecimal digits of a key; OpenAI takes at most 64. */
const length = 32;

/**
 * What calls that go the same way for the same tenant have in common; the same in every process and release. It does
 * not hold the tenant's name, but is a hash without a secret: whoever guesses route and name can tell that it was right.
 */
export function keyByRouteAndTenant({ run, settings }: Call, { target }: Destination): string {
  return hashed('route', run.facts.route?.name ?? target.model, settings.tenant ?? null);
}

/** Of what the application says. */
export function keyOf(said: string): string {
  return hashed('own', said);
}

function hashed(...parts: readonly (string | null)[]): string {
  return hash('sha256', JSON.stringify(parts)).slice(0, length);
}

/** Of OpenAI, also in one region: `eu.api.openai.com`. */
const openai = /^https:\/\/([a-z]+\.)?api\.openai\.com(\/|$)/;

/** Of Azure, version 1 of its API, which has no dates and changes as OpenAI's does. */
const azure = /^https:\/\/[a-z0-9-]+\.openai\.azure\.com\/openai\/v1(\/|$)/;

/** Whether the server is known to take hints for its prompt cache: one that is not may refuse the request for them. */
export function takesHints({ quirks, origin = '' }: Destination): boolean {
  return quirks.promptCacheKey ?? (openai.test(origin) || azure.test(origin));
}
