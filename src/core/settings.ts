import * as z from 'zod/mini';
import { cacheSettingsSchema, type CacheSettings } from './cache-settings.ts';
import { Ceiling } from './ceiling.ts';
import { mostUsd, toNanoUsd } from './nano-usd.ts';
import { parseOptions } from './parse-options.ts';
import type { OnUnsupported } from './provider.ts';

/** How urgent a call is where calls wait for their turn, most urgent first. */
export const priorities = ['interactive', 'normal', 'batch'] as const;

/** See {@link priorities}. */
export type Priority = (typeof priorities)[number];

/**
 * Who is asking, and what a call may say for itself. Carried by `llm.with(settings)`, by `llm.run(settings, fn)` and
 * by a call's own argument; later ones win, key by key (`run` < `with` < call; `tags` and `cache` are merged, inner over outer).
 * A key that is `undefined` says nothing. Never read from request headers.
 */
export interface CallSettings {
  /** The end user. Compared by exact code points; absent is a user of its own, distinct from `''`. */
  readonly user?: string;
  readonly team?: string;
  /** The customer in a multi-tenant application. Absent is a tenant of its own, distinct from `''`. */
  readonly tenant?: string;
  readonly roles?: readonly string[];
  /** Free labels for receipts and reports, e.g. `{ feature: 'search' }`. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Its turn where calls wait for a limit. Default `normal`. */
  readonly priority?: Priority;
  /** What it does with caches; merged member by member, as `tags` are. Default: as their options say. */
  readonly cache?: CacheSettings;
  /** Longest time for the whole call, queues, retries and fallbacks included. Milliseconds, > 0. Default: none. */
  readonly deadlineMs?: number;
  /**
   * The most that all calls inside may cost together, in USD: more than 0, at most 9,000,000. On `with` and `run` for
   * everything made through it or inside, however deep; on a call's own settings for that call with all its attempts and
   * turns. Ceilings of outer scopes hold beside it. An attempt that could cost more than is left is refused before it is
   * sent (`ceiling-exceeded`, 402). Default: none.
   */
  readonly maxCostUsd?: number;
  /**
   * What becomes of parts of a request that the dialect of the target has no place for: left out and told in the
   * receipt, or the attempt refused before anything is sent. Default: the route's word, else the provider's, else `drop`.
   */
  readonly onUnsupported?: OnUnsupported;
}

/** Schema of {@link CallSettings}. */
export const callSettingsSchema = z.strictObject({
  user: z.optional(z.string()),
  team: z.optional(z.string()),
  tenant: z.optional(z.string()),
  roles: z.optional(z.readonly(z.array(z.string()))),
  tags: z.optional(z.record(z.string(), z.string())),
  priority: z.optional(z.enum(priorities)),
  cache: z.optional(cacheSettingsSchema),
  deadlineMs: z.optional(z.number().check(z.positive())),
  maxCostUsd: z.optional(z.number().check(z.positive(), z.maximum(mostUsd))),
  onUnsupported: z.optional(z.enum(['drop', 'refuse'])),
});

/** What a call has when nobody said anything. */
export const noSettings: CallSettings = Object.freeze({});

const noCeilings: readonly Ceiling[] = Object.freeze([]);

/** Those that settings stand for. Not a member of them: what an interceptor makes of a call's settings lifts no ceiling. */
const ceilings = new WeakMap<CallSettings, readonly Ceiling[]>();

/** The ceilings that hold for calls with these settings, the outermost first. */
export function ceilingsOf(settings: CallSettings): readonly Ceiling[] {
  return ceilings.get(settings) ?? noCeilings;
}

/** Checks settings and freezes a copy, whose `maxCostUsd` begins a sum of its own. Throws `invalid-settings`. */
export function parseSettings(settings: CallSettings, path: string): CallSettings {
  const { roles, tags, cache, ...others } = parseOptions(
    callSettingsSchema,
    settings,
    path,
    'invalid-settings',
  );
  const parsed: CallSettings = Object.freeze({
    // What is `undefined` was not said: it must not hide what an outer one says.
    ...Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined)),
    ...(roles === undefined ? {} : { roles: Object.freeze([...roles]) }),
    ...(tags === undefined ? {} : { tags: Object.freeze({ ...tags }) }),
    ...(cache === undefined ? {} : { cache: Object.freeze({ ...cache }) }),
  });
  const { maxCostUsd } = parsed;
  if (maxCostUsd !== undefined)
    ceilings.set(parsed, [new Ceiling(toNanoUsd(maxCostUsd), `${path}.maxCostUsd`)]);
  return parsed;
}

/** `inner` over `outer`, key by key. */
export function mergeSettings(outer: CallSettings, inner: CallSettings): CallSettings {
  if (outer === noSettings) return inner;
  if (inner === noSettings) return outer;
  const merged: CallSettings = Object.freeze({
    ...outer,
    ...inner,
    ...(outer.tags === undefined || inner.tags === undefined
      ? {}
      : { tags: { ...outer.tags, ...inner.tags } }),
    ...(outer.cache === undefined || inner.cache === undefined
      ? {}
      : { cache: { ...outer.cache, ...inner.cache } }),
  });
  const outerCeilings = ceilingsOf(outer);
  const innerCeilings = ceilingsOf(inner);
  if (outerCeilings.length + innerCeilings.length > 0)
    ceilings.set(merged, [...new Set([...outerCeilings, ...innerCeilings])]);
  return merged;
}
