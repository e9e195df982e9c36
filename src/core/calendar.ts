import { invalidOption } from './parse-options.ts';

/** Offsets change only at whole quarters of an hour, so all moments of one have the same. */
const quarterMs = 900_000;
const dayMs = 86_400_000;
const mostRemembered = 20_000;

/** Hours, days and months of one time zone. */
export class Calendar {
  readonly timeZone: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();

  /** @throws `invalid-options` for a time zone that there is not, by the path of the option */
  constructor(timeZone: string, path: string) {
    this.timeZone = timeZone;
    try {
      this.#format = new Intl.DateTimeFormat('en-US', {
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

  /** `2026-11-01T05:00+01:00`: with its offset, because an hour comes twice where clocks are set back. */
  hour(ms: number): string {
    const offset = this.#offset(ms);
    const minutes = Math.abs(offset) / 60_000;
    const zone =
      this.timeZone === 'UTC'
        ? 'Z'
        : `${offset < 0 ? '-' : '+'}${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
    return `${localText(ms + offset).slice(0, 13)}:00${zone}`;
  }

  /** `2026-11-01`. */
  day(ms: number): string {
    return localText(ms + this.#offset(ms)).slice(0, 10);
  }

  /** `2026-11`. */
  month(ms: number): string {
    return localText(ms + this.#offset(ms)).slice(0, 7);
  }

  /** The first millisecond of a day, `2026-11-01`, which need not be midnight. */
  startOfDay(day: string): number {
    const asUtc = Date.parse(`${day}T00:00:00Z`);
    const starts = [asUtc - this.#offset(asUtc - dayMs), asUtc - this.#offset(asUtc + dayMs)];
    const within = starts.filter((ms) => this.day(ms) === day);
    return within.length === 0 ? Math.max(...starts) : Math.min(...within);
  }

  /** From UTC to the zone's own time, in milliseconds. */
  #offset(ms: number): number {
    if (this.timeZone === 'UTC') return 0;
    const quarter = Math.floor(ms / quarterMs);
    const known = this.#offsets.get(quarter);
    if (known !== undefined) return known;
    const at = quarter * quarterMs;
    const parts = new Map(this.#format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const local = Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    );
    if (this.#offsets.size >= mostRemembered) this.#offsets.clear();
    this.#offsets.set(quarter, local - at);
    return local - at;
  }
}

function localText(ms: number): string {
  return new Date(ms).toISOString();
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
