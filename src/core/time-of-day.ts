import * as z from 'zod/mini';
import { invalidOption } from './parse-options.ts';

/** Hours of a day, in one time zone. */
export interface TimeOfDay {
  /** `HH:MM`, 24 hours; belongs to it. */
  readonly from: string;
  /** `HH:MM`; does not belong to it. Earlier than `from`: on the next day. */
  readonly to: string;
  /** An IANA name such as `Europe/Berlin`. Default `UTC`. */
  readonly timeZone?: string;
}

/** Schema of {@link TimeOfDay}. */
export const timeOfDaySchema = z.strictObject({
  from: z.string(),
  to: z.string(),
  timeZone: z.optional(z.string()),
});

const minuteMs = 60_000;

/** Whether a time, in milliseconds since the epoch, lies within. Throws `invalid-options`. */
export function timeOfDay({ from, to, timeZone = 'UTC' }: TimeOfDay, path: string): (now: number) => boolean {
  const start = minutesOf(from, `${path}.from`);
  const end = minutesOf(to, `${path}.to`);
  if (start === end) throw invalidOption(path, 'is empty: `from` and `to` are the same');
  const clock = clockOf(timeZone, `${path}.timeZone`);
  // Asked for each call, and the same for a whole minute.
  let minute = NaN;
  let within = false;
  return (now) => {
    if (Math.floor(now / minuteMs) !== minute) {
      minute = Math.floor(now / minuteMs);
      const at = minutesOf(clock.format(now), path);
      within = start < end ? at >= start && at < end : at >= start || at < end;
    }
    return within;
  };
}

function minutesOf(text: string, path: string): number {
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hours === undefined || minutes === undefined)
    throw invalidOption(path, `is ${JSON.stringify(text)}: write it as \`HH:MM\`, from 00:00 to 23:59`);
  return Number(hours) * 60 + Number(minutes);
}

function clockOf(timeZone: string, path: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-GB', {
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      timeZone,
    });
  } catch {
    throw invalidOption(
      path,
      `is ${JSON.stringify(timeZone)}, which is no time zone: \`Europe/Berlin\`, \`UTC\``,
    );
  }
}
