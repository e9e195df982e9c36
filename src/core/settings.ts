import * as z from 'zod/mini';
import { parseOptions } from './parse-options.ts';
import type { OnUnsupported } from './provider.ts';

/** How urgent a call is where calls wait for their turn, most urgent first. */
export const priorities = ['interactive', 'normal', 'batch'] as const;

/** See {@link priorities}. */
export type Priority = (typeof priorities)[number];

/**
 * Who is asking, and what a call may say for itself. Carried by `llm.with(settings)`, by `llm.run(settings, fn)` and
 * by a call's own argument; later ones win, key by key (`run` < `with` < call; `tags` are merged, inner over outer).
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
  /** Longest time for the whole call, queues, retries and fallbacks included. Milliseconds, > 0. Default: none. */
  readonly deadlineMs?: number;
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
  deadlineMs: z.optional(z.number().check(z.positive())),
  onUnsupported: z.optional(z.enum(['drop', 'refuse'])),
});

/** What a call has when nobody said anything. */
export const noSettings: CallSettings = Object.freeze({});

/** Checks settings and freezes a copy. Throws `invalid-settings`. */
export function parseSettings(settings: CallSettings, path: string): CallSettings {
  const { roles, tags, ...others } = parseOptions(callSettingsSchema, settings, path, 'invalid-settings');
  return Object.freeze({
    // What is `undefined` was not said: it must not hide what an outer one says.
    ...Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined)),
    ...(roles === undefined ? {} : { roles: Object.freeze([...roles]) }),
    ...(tags === undefined ? {} : { tags: Object.freeze({ ...tags }) }),
  });
}

/** `inner` over `outer`, key by key. */
export function mergeSettings(outer: CallSettings, inner: CallSettings): CallSettings {
  if (outer === noSettings) return inner;
  if (inner === noSettings) return outer;
  const merged: CallSettings = { ...outer, ...inner };
  return Object.freeze(
    outer.tags === undefined || inner.tags === undefined
      ? merged
      : { ...merged, tags: { ...outer.tags, ...inner.tags } },
  );
}
