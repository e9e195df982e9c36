import type { Ending } from './ask.ts';
import type { ByProvider } from './provider-name.ts';

/** What came of one schedule on one side. */
export interface Run {
  readonly number: number;
  readonly asked: number;
  readonly counts: Readonly<Record<Ending['how'], number>>;
  /** Why calls brought no content, or not all of it. */
  readonly reasons: ReadonlyMap<string, number>;
  /** Of the chain, reported through `onError`. */
  readonly faults: readonly string[];
  /** From asking to the first content, of all calls that had any. Milliseconds. */
  readonly contentAfterMs: readonly number[];
  /** Requests that arrived, and answers 429 among them: all, and those after a first answer's headers. */
  readonly arrivals: ByProvider<number>;
  readonly tooMany: number;
  readonly tooManyLate: number;
  /** From the end of an outage to the last call that failed after it, at most; `undefined` without outages. */
  readonly afterOutageMs: number | undefined;
  readonly outages: readonly Load[];
  /** Of every call in turn: when it ended and how. Equal digests, equal runs. */
  readonly digest: number;
  readonly simulatedMs: number;
  readonly timers: number;
}

/** What arrived in a part of an outage. */
export interface Load {
  readonly part: 'first 30 s' | 'later';
  readonly asked: number;
  readonly arrivals: ByProvider<number>;
}

/** Keeps count of one run. */
export class Books {
  readonly counts: Record<Ending['how'], number> = { answered: 0, cut: 0, failed: 0, refused: 0 };
  readonly reasons = new Map<string, number>();
  readonly faults: string[] = [];
  readonly contentAfterMs: number[] = [];
  /** When each call was asked, and each that failed. */
  readonly askedAt: number[] = [];
  readonly failedAt: number[] = [];
  digest = 0x811c9dc5;

  ended(index: number, askedAt: number, endedAt: number, { how, contentAt, why }: Ending): void {
    this.counts[how]++;
    if (how === 'failed') this.failedAt.push(this.askedAt[index] ?? 0);
    if (contentAt !== undefined) this.contentAfterMs.push(contentAt - askedAt);
    if (why !== undefined) {
      const reason = `${how}: ${why}`;
      this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
    }
    const line = `${index} ${how} ${why} ${contentAt} ${endedAt}`;
    for (let at = 0; at < line.length; at++)
      this.digest = Math.imul(this.digest ^ line.charCodeAt(at), 0x01000193);
  }
}

/** How many of these moments, in rising order, lie within. */
export function countWithin(moments: readonly number[], fromMs: number, untilMs: number): number {
  return firstNotBefore(moments, untilMs) - firstNotBefore(moments, fromMs);
}

function firstNotBefore(moments: readonly number[], limit: number): number {
  let low = 0;
  let high = moments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (moments[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The value below which a share of the sorted values lies. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
