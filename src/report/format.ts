import { toUsd } from '../core/nano-usd.ts';

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });

/** Between a number and its unit, which stay on one line. */
const space = '\u00a0';

/** What a figure is where there is none. */
export const none = '–';

/** `$12,345.67`, `$0.50`, `$0.0023`. */
export function money(nanoUsd: number): string {
  const usd = toUsd(nanoUsd);
  if (usd === 0) return '$0';
  if (usd >= 1) return dollars(usd, 2);
  // `$0.05`, not `$0.050`.
  return dollars(usd, decimalsFor(usd)).replace(/(\.\d\d\d*?)0+$/, '$1');
}

/** `12,345`. */
export function count(value: number): string {
  return grouped.format(value);
}

/** `1 call`, `12,345 calls`. */
export function counted(value: number, one: string): string {
  return `${count(value)} ${one}${value === 1 ? '' : 's'}`;
}

/** `9,999`, `12.3K`, `4.56M`. */
export function shortCount(value: number): string {
  return value < 10_000 ? grouped.format(value) : compact.format(value);
}

/** `4.2%`. Not `0.0%` of what is more than nothing, nor `100.0%` of what is less than all. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return none;
  const share = (100 * part) / whole;
  if (share > 0 && share < 0.1) return '<0.1%';
  if (share > 99.9 && share < 100) return '>99.9%';
  return `${share < 99.95 && share > 0 ? share.toFixed(1) : share.toFixed(0)}%`;
}

/** Of shares: `4.2 pp`, percentage points. Two digits of what is small. */
export function points(share: number): string {
  const value = 100 * share;
  return `${value >= 0.1 || value === 0 ? value.toFixed(1) : value.toPrecision(1)}${space}pp`;
}

const threeDigits = new Intl.NumberFormat('en-US', {
  minimumSignificantDigits: 3,
  maximumSignificantDigits: 3,
});

/** What has no unit, in three digits: `0.817`, `4.20`. */
export function plain(value: number): string {
  return threeDigits.format(value);
}

/** Evidence, of which nobody reads the digits: `1.0`, `3.4`, `20`, `12.3K`, `>1M`. */
export function evidence(eValue: number): string {
  if (eValue >= 1e6) return '>1M';
  return eValue < 9.95 ? eValue.toFixed(1) : shortCount(Math.round(eValue));
}

/** How something differs, with its sign: `+$0.02`, `−1.2 pp`. */
export function signed(difference: number, format: (value: number) => string): string {
  const sign = difference > 0 ? '+' : difference < 0 ? '\u2212' : '';
  return sign + format(Math.abs(difference));
}

/** `850 ms`, `4.2 s`, `1 min 12 s`, `2 h 5 min`. */
export function duration(ms: number | undefined): string {
  if (ms === undefined) return none;
  if (ms < 1_000) return `${Math.round(ms)}${space}ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)}${space}s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return inTwo(seconds, 60, 'min', 's');
  return inTwo(Math.round(seconds / 60), 60, 'h', 'min');
}

function inTwo(value: number, ratio: number, large: string, small: string): string {
  const rest = value % ratio;
  return `${Math.floor(value / ratio)}${space}${large}${rest === 0 ? '' : ` ${rest}${space}${small}`}`;
}

/** How an axis tells its ticks: all of them alike, by what lies between them. */
export interface Ticks {
  (value: number, step: number): string;
}

/** Of whole nano-USD: `$0`, `$0.50`, `$1,500`, `$20K`. */
export const moneyTicks: Ticks = (nanoUsd, step) => {
  if (nanoUsd === 0) return '$0';
  if (toUsd(step) >= 10_000) return `$${compact.format(toUsd(nanoUsd))}`;
  const decimals = [0, 2, 3, 4, 5, 6, 7, 8].find((each) => step % 10 ** (9 - each) === 0) ?? 9;
  return dollars(toUsd(nanoUsd), decimals);
};

export const countTicks: Ticks = (value, step) => (step >= 1_000 ? compact.format(value) : count(value));

/** Of a hundred: `25%`, `2.5%`. */
export const percentTicks: Ticks = (value, step) => {
  const decimals = [0, 1, 2].find((each) => Number.isInteger(step * 10 ** each)) ?? 3;
  return `${value.toFixed(decimals)}%`;
};

/** Of milliseconds: seconds from one second on. */
export const durationTicks: Ticks = (ms, step) => {
  if (ms === 0) return '0';
  if (step < 500) return `${grouped.format(ms)}${space}ms`;
  if (step < 60_000) return `${(ms / 1_000).toFixed(step % 1_000 === 0 ? 0 : 1)}${space}s`;
  return duration(ms);
};

/** For two digits of what is less than one. */
function decimalsFor(usd: number): number {
  return Math.min(9, Math.max(2, 1 - Math.floor(Math.log10(Math.abs(usd)))));
}

function dollars(usd: number, decimals: number): string {
  return new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(usd);
}

/** Moments of one time zone, for people. */
export class Moments {
  readonly #minute: Intl.DateTimeFormat;
  readonly #day: Intl.DateTimeFormat;

  constructor(timeZone: string) {
    const day = { day: 'numeric', month: 'short', year: 'numeric', timeZone } as const;
    this.#day = new Intl.DateTimeFormat('en-GB', day);
    this.#minute = new Intl.DateTimeFormat('en-GB', {
      ...day,
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  }

  /** `3 Nov 2026`. */
  day(ms: number): string {
    return this.#day.format(ms);
  }

  /** `3 Nov 2026, 14:05`. */
  minute(ms: number): string {
    return this.#minute.format(ms);
  }
}
