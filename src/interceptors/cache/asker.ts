import type { Call } from '../../core/call.ts';
import type { Dialect } from '../../core/dialect.ts';
import { hasTag, type AskedQuestion, type Tag } from './entry.ts';
import type { KeepingRules } from './keeping-rules.ts';

/**
 * What an answer is kept as. Not given the call while it is open: that leads to the SDK's request, which an open stream must
 * not keep.
 */
export interface Asker {
  readonly dialect: Dialect;
  readonly model: string;
  readonly tenant: string | undefined;
  readonly tags: Readonly<Record<string, string>> | undefined;
  /** Those that others have who share the answer, and keep answers. Default: none. */
  readonly otherTags?: readonly Tag[];
  readonly startedAt: number;
  readonly ttlMs: number;
  /** What was asked, where it is to be compared with what others ask. */
  readonly asked?: AskedQuestion;
}

export function askerOf({ dialect, model, settings }: Call, startedAt: number, rules: KeepingRules): Asker {
  const { tenant, tags, cache } = settings;
  return { dialect, model, tenant, tags, startedAt, ttlMs: cache?.ttlMs ?? rules.ttlMs };
}

/**
 * As what an answer is kept that one more shares who keeps answers: for the shortest time that one of them says, under the
 * tags of all.
 *
 * @param asker who asked for it
 * @param kept as what it was kept before; `undefined`: nobody has kept it
 */
export function keptAlso(asker: Asker, kept: Asker | undefined, { tags = {}, ttlMs }: Asker): Asker {
  const known = kept?.otherTags ?? [];
  const under = { tags: asker.tags, otherTags: known };
  const added = Object.entries(tags).filter(([name, value]) => !hasTag(under, name, value));
  const otherTags = [...known, ...added];
  return {
    ...asker,
    ttlMs: Math.min(kept?.ttlMs ?? Infinity, ttlMs),
    ...(otherTags.length === 0 ? {} : { otherTags }),
  };
}
