import type { Call } from '../../core/call.ts';
import type { Dialect } from '../../core/dialect.ts';
import type { Settlement } from '../../core/settlement.ts';
import type { StreamEvent } from '../../core/stream-event.ts';
import { targetName } from '../../core/target.ts';
import { entryVersion, hasTag, type AskedQuestion, type Entry, type EntryHead, type Tag } from './entry.ts';
import { eventsOf } from './replay.ts';

/** What decides whether an answer is kept, beside the answer. */
export interface KeepingRules {
  readonly ttlMs: number;
  readonly staleMs: number;
  readonly toolCalls: boolean;
  readonly otherTargets: boolean;
  readonly maxEntryBytes: number;
}

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

/** What of a settlement decides whether an answer is kept, and is kept with it. */
export type KeptSettlement = Pick<
  Settlement,
  | 'outcome'
  | 'error'
  | 'facts'
  | 'target'
  | 'servedModel'
  | 'stopReason'
  | 'usage'
  | 'costNanoUsd'
  | 'settledAt'
>;

/** A plain answer, if it is one to keep. */
export function plainEntry(
  asker: Asker,
  text: string,
  settlement: Settlement,
  rules: KeepingRules,
): Entry | undefined {
  if (Buffer.byteLength(text) > rules.maxEntryBytes) return undefined;
  if (!isToKeep(asker, JSON.parse(text), settlement, rules)) return undefined;
  return { head: headOf(asker, 'plain', settlement, rules), body: text };
}

/**
 * A streamed answer, if it is one to keep.
 *
 * @param withheld the usage that the caller has not asked for, and others may ask for
 */
export async function streamedEntry(
  asker: Asker,
  chunks: readonly Uint8Array[],
  withheld: StreamEvent | undefined,
  settlement: Settlement,
  rules: KeepingRules,
): Promise<Entry | undefined> {
  const text = Buffer.concat(chunks).toString();
  const { stream } = asker.dialect;
  const events = eventsOf(text);
  // Servers that end without their terminal event leave it open whether that is all.
  if (!stream.isTerminal(tailOf(text, events))) return undefined;
  const codec = await asker.dialect.codec();
  const whole = withheld === undefined ? events : withUsage(events, withheld);
  if (!isToKeep(asker, codec.collect(whole), settlement, rules)) return undefined;
  const body = withheld === undefined ? text : Buffer.concat(whole.map(({ bytes }) => bytes)).toString();
  return { head: headOf(asker, 'events', settlement, rules), body };
}

/** The last kilobytes, and all of the last events: one may repeat the whole answer. */
function tailOf(text: string, events: readonly StreamEvent[]): string {
  const characters = events.slice(-4).reduce((sum, { bytes }) => sum + bytes.length, 0);
  return text.slice(-Math.max(2_048, characters));
}

/** Before whatever ends the stream. */
function withUsage(events: readonly StreamEvent[], usage: StreamEvent): readonly StreamEvent[] {
  const end = events.findLastIndex(({ json }) => json !== undefined) + 1;
  return [...events.slice(0, end), usage, ...events.slice(end)];
}

/** Whether an answer is one to keep. */
export function isToKeep(
  { dialect }: Asker,
  json: unknown,
  settlement: KeptSettlement,
  rules: KeepingRules,
): boolean {
  const { outcome, error, facts } = settlement;
  if (outcome !== 'finished' || error !== undefined) return false;
  if (!rules.otherTargets && !isOfFirstChoice(facts)) return false;
  const ending = dialect.reply.ending(json);
  return ending === 'whole' || (ending === 'calls' && rules.toolCalls);
}

/** Whether it came from what its route asks first. */
export function isOfFirstChoice({ route, movedTo }: KeptSettlement['facts']): boolean {
  return route?.first !== false && movedTo === undefined;
}

/** What is known of an answer that is kept. */
export function headOf(
  { dialect, model, tenant, tags, otherTags, startedAt, ttlMs, asked }: Asker,
  form: EntryHead['form'],
  settlement: KeptSettlement,
  { staleMs }: KeepingRules,
): EntryHead {
  const { target, servedModel, stopReason, usage, costNanoUsd, settledAt } = settlement;
  return {
    version: entryVersion,
    at: startedAt,
    freshUntil: settledAt + ttlMs,
    staleUntil: settledAt + ttlMs + staleMs,
    form,
    dialect: dialect.id,
    model,
    target: target && targetName(target),
    servedModel,
    stopReason,
    usage,
    costNanoUsd,
    durationMs: settledAt - startedAt,
    tenant,
    tags,
    ...(otherTags === undefined ? {} : { otherTags }),
    ...(asked === undefined ? {} : { asked }),
  };
}
