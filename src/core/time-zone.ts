import { invalidOption } from './parse-options.ts';

/** How far a zone's clocks are ahead of UTC at an instant. Milliseconds. */
export type OffsetAt = (instantMs: number) => number;

/**
 * The offsets of a zone by its IANA name.
 *
 * @param path of the option that names it
 * @throws `invalid-options` for a name that is none
 */
export function offsetsOf(timeZone: string, path: string): OffsetAt {
  const format = formatOf(timeZone, path);
  if (format.resolvedOptions().timeZone === 'UTC') return () => 0;
  return (instantMs) => {
    const read: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
    for (const { type, value } of format.formatToParts(instantMs)) read[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = read;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instantMs / 1000) * 1000;
  };
}

function formatOf(timeZone: string, path: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw invalidOption(
      path,
      `is ${JSON.stringify(timeZone)}, which is no time zone: give one as \`Europe/Berlin\` or \`UTC\``,
    );
  }
}

const hourMs = 3_600_000;

/**
 * The first instant at which the zone's clocks read this time or a later one: midnights may be left out, or come twice.
 *
 * @param wallMs what they read, as if it were UTC
 */
export function firstInstantAt(wallMs: number, offsetAt: OffsetAt): number {
  // No zone is further from UTC than 14 hours, and none sets its clocks twice within these.
  const before = offsetAt(wallMs - 15 * hourMs);
  const after = offsetAt(wallMs + 15 * hourMs);
  if (before === after) return wallMs - before;
  const changed = changeBetween(wallMs - 15 * hourMs, wallMs + 15 * hourMs, offsetAt);
  if (wallMs - before < changed) return wallMs - before;
  return Math.max(changed, wallMs - after);
}

/** When the zone's clocks are set, between two instants that differ in their offsets: the first of the new one. */
export function changeBetween(fromMs: number, toMs: number, offsetAt: OffsetAt): number {
  const before = offsetAt(fromMs);
  let low = fromMs;
  let high = toMs;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle) === before) low = middle;
    else high = middle;
  }
  return high;
}
