import type { DialectId } from '../../core/dialect.ts';
import { asRecord } from '../record.ts';
import type { Loss } from './loss.ts';

/**
 * What only one wire format knows, under its id and in its own shape. Sent to a provider of that dialect it goes on as
 * it is; sent to another it is left out and told as a loss. Whatever must not cross over (signatures of thinking,
 * encrypted reasoning, ids of server-side conversations) lives here and nowhere else.
 */
export type Extras = Readonly<Partial<Record<DialectId, Readonly<Record<string, unknown>>>>>;

/** The member of its own in which a part or an event hands its extras on; none where it has none. */
export function extrasOf({ extras }: { readonly extras?: unknown }): { readonly extras?: unknown } {
  return extras === undefined ? {} : { extras };
}

/** Members of a request that with these values ask for what every answer is where nothing such is known. */
const idle: Readonly<Record<string, unknown>> = {
  background: false,
  function_call: 'auto',
  logprobs: false,
  n: 1,
  service_tier: 'auto',
  store: false,
  top_logprobs: 0,
  truncation: 'disabled',
};

/** Members that say nothing when they are empty. Not every object: an empty `web_search_options` asks for a search. */
const maps: ReadonlySet<string> = new Set(['logit_bias', 'metadata']);

/**
 * What an encoder must report of extras that belong to other dialects. Not an `id`: what a format names its items by
 * was not asked for, and says nothing elsewhere. Nor an empty list, nor a setting that asks for nothing special.
 */
export function foreignExtras(extras: Extras | undefined, own: DialectId, path: string): readonly Loss[] {
  if (extras === undefined) return [];
  const at = path === '' ? '' : `${path}.`;
  return Object.entries(extras).flatMap(([dialect, members]) =>
    dialect === own
      ? []
      : Object.entries(members ?? {})
          .filter(
            ([name, value]) =>
              !saysNothing(name, value) &&
              !(path === '' && Object.hasOwn(idle, name) && idle[name] === value),
          )
          .flatMap(([name, value]) => namesOf(name, value))
          .map((name) => ({
            path: `${at}${name}`,
            reason: `Only ${dialect} has it; it was left out.`,
          })),
  );
}

/** Members of which a codec keeps only what it could not put into our words: each of those is told by its own name. */
const remainders: ReadonlySet<string> = new Set(['usage']);

function namesOf(name: string, value: unknown): readonly string[] {
  const inner = remainders.has(name) ? asRecord(value) : undefined;
  return inner === undefined ? [name] : Object.keys(inner).map((key) => `${name}.${key}`);
}

function saysNothing(name: string, value: unknown): boolean {
  return (
    name === 'id' ||
    (name === 'image_url.detail' && value === 'auto') ||
    (Array.isArray(value) && value.length === 0) ||
    (maps.has(name) && Object.keys(asRecord(value) ?? { some: value }).length === 0)
  );
}
