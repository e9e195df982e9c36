import type { Settlement } from '../../core/settlement.ts';
import type { StreamEvent } from '../../core/stream-event.ts';
import { targetName } from '../../core/target.ts';
import type { Asker } from './asker.ts';
import { entryVersion, type Entry, type EntryHead } from './entry.ts';
import { isToKeep, type KeepingRules, type KeptSettlement } from './keeping-rules.ts';
import { eventsOf } from './replay.ts';

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
