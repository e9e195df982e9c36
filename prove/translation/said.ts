import { canonical, count, isNothing, record, text, type Wire } from './wire.ts';

/** One thing an answer says, in the order in which it says it. */
export interface SaidPart {
  readonly kind: 'text' | 'reasoning' | 'refusal' | 'call' | 'foreign';
  /** The words; of a call its arguments as canonical JSON; of what one format alone has, that. */
  text: string;
  /** Of a call. */
  readonly id?: string;
  readonly name?: string;
  readonly citations: SaidCitation[];
  /** What else it has, by name. */
  members: Wire;
}

export interface SaidCitation {
  /** Web address, else what the format tells of the place. */
  readonly url: string | undefined;
  readonly title: string | undefined;
  readonly quote: string | undefined;
  readonly hasRange: boolean;
  /** What else it has, by the path below the citation. */
  readonly members: readonly string[];
}

/** What an answer says, read from its own wire format. */
export interface Said {
  readonly parts: readonly SaidPart[];
  /** The format's own word for why it ended. */
  readonly stop: string | undefined;
  readonly sequence: string | undefined;
  /** Tokens, and what is counted beside them, by the names of the receipt's usage; input with what was cached. */
  readonly usage: Readonly<Record<string, number>> | undefined;
  readonly tier: string | undefined;
  /** What else it has, by the path in which a loss would tell it. */
  readonly members: Wire;
  /** What is wrong with the answer as its own format goes. */
  readonly illegal: readonly string[];
}

export function part(kind: SaidPart['kind'], said: string, more: Partial<SaidPart> = {}): SaidPart {
  return { kind, text: said, citations: [], members: {}, ...more };
}

/** Members that say something, under a prefix. */
export function rest(value: unknown, read: readonly string[], prefix = ''): Wire {
  return Object.fromEntries(
    Object.entries(record(value))
      .filter(([key, inner]) => !read.includes(key) && !isNothing(inner))
      .map(([key, inner]) => [`${prefix}${key}`, inner]),
  );
}

/** Counts that are told, by the receipt's names. */
export function counts(told: Readonly<Record<string, unknown>>): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(told).flatMap(([name, value]) => {
      const number = count(value);
      return number === undefined ? [] : [[name, number]];
    }),
  );
}

/** Counts by name, each under a prefix. */
export function countsBelow(prefix: string, value: unknown): Readonly<Record<string, number>> {
  return counts(
    Object.fromEntries(Object.entries(record(value)).map(([name, inner]) => [`${prefix}.${name}`, inner])),
  );
}

/** The tier of regular service has two names. */
export function tierOf(value: unknown): string | undefined {
  const tier = text(value);
  return tier === 'default' ? 'standard' : tier;
}

export function foreignPart(value: unknown): SaidPart {
  return part('foreign', canonical(value), { name: text(record(value)['type']) ?? '' });
}
