import { firstInstantAt, offsetsOf, type OffsetAt } from './time-zone.ts';

/** Offsets change only at whole quarters of an hour, so all moments of one have the same. */
const quarterMs = 900_000;
const mostRemembered = 20_000;

/** Hours, days and months of one time zone. */
export class Calendar {
  readonly timeZone: string;
  readonly #offsetAt: OffsetAt;
  readonly #offsets = new Map<number, number>();

  /** @throws `invalid-options` for a time zone that there is not, by the path of the option */
  constructor(timeZone: string, path: string) {
    this.timeZone = timeZone;
    this.#offsetAt = offsetsOf(timeZone, path);
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
    return firstInstantAt(Date.parse(`${day}T00:00:00Z`), this.#offsetAt);
  }

  /** From UTC to the zone's own time, in milliseconds. */
  #offset(ms: number): number {
    const quarter = Math.floor(ms / quarterMs);
    const known = this.#offsets.get(quarter);
    if (known !== undefined) return known;
    const offset = this.#offsetAt(quarter * quarterMs);
    if (this.#offsets.size >= mostRemembered) this.#offsets.clear();
    this.#offsets.set(quarter, offset);
    return offset;
  }
}

function localText(ms: number): string {
  return new Date(ms).toISOString();
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
