import type { CacheStore, CallSettings } from 'managed-llm';
import type { ScriptedReply } from 'managed-llm/testing';
import { between, pick, type Random } from '../availability/random.ts';

/** One of those who ask the same at the same time. */
export interface Member {
  readonly settings: CallSettings;
  /** When it gives up, in milliseconds; 0: before it has asked. */
  readonly leavesAtMs?: number;
  /** After how many events it reads no more. */
  readonly stopsAfter?: number;
  /** How long it takes over each event. Milliseconds. */
  readonly slowMs?: number;
}

/** Something that happens to a crowd. */
export interface Scene {
  readonly name: string;
  /** Of streams alone. */
  readonly streamsOnly?: boolean;
  readonly reply: ScriptedReply;
  /** Requests that the provider must get. */
  readonly requests: number;
  /** What becomes of those who stay: answered, or told how the request failed. */
  readonly stayers: 'answered' | 'failed';
  /** Those of them who are refused what the others get. */
  readonly refused?: number;
  readonly store?: CacheStore;
  /** Every member, in the order in which they ask. */
  crowd(size: number, random: Random): readonly Member[];
}

export const pieces = Array.from({ length: 12 }, (_, index) => `piece ${index} `);
const answer: ScriptedReply = {
  text: pieces,
  usage: { inputTokens: 1_000, outputTokens: 100 },
  latencyMs: 100,
  betweenEventsMs: 10,
};
/** When the answer is all there; plain ones are at `latencyMs`. */
const wholeAtMs = 100 + 10 * (pieces.length + 8);
const nobody: CallSettings = {};
const staying: Member = { settings: nobody };
const poor = 40;

/** A share of them leaves: the first one, and others at random moments. */
function leaving(size: number, random: Random, leavers: number, untilMs: number): readonly Member[] {
  const gone = new Set([0]);
  while (gone.size < leavers) gone.add(Math.floor(between(random, 0, size)));
  return Array.from({ length: size }, (_, index) =>
    gone.has(index)
      ? { settings: nobody, leavesAtMs: pick(random, [0, 1, 99, 100, 101, between(random, 0, untilMs)]) }
      : staying,
  );
}

const everybody = (size: number): readonly Member[] => Array.from({ length: size }, () => staying);

export const scenes: readonly Scene[] = [
  { name: 'all stay', reply: answer, requests: 1, stayers: 'answered', crowd: everybody },
  {
    name: 'a fifth leaves, the first one among them',
    reply: answer,
    requests: 1,
    stayers: 'answered',
    crowd: (size, random) => leaving(size, random, size / 5, wholeAtMs),
  },
  {
    name: 'a fifth leaves, others stop reading, or read slowly',
    streamsOnly: true,
    reply: answer,
    requests: 1,
    stayers: 'answered',
    crowd: (size, random) =>
      leaving(size, random, size / 5, wholeAtMs).map((member, index) => {
        if (member.leavesAtMs !== undefined || index % 3 > 0) return member;
        return index % 2 === 0
          ? { ...member, stopsAfter: Math.floor(between(random, 1, pieces.length)) }
          : { ...member, slowMs: between(random, 1, 40) };
      }),
  },
  {
    name: 'all leave before the answer',
    reply: answer,
    requests: 1,
    stayers: 'answered',
    crowd: (size, random) =>
      Array.from({ length: size }, () => ({ settings: nobody, leavesAtMs: between(random, 1, 99) })),
  },
  {
    name: 'the provider fails, and a fifth leaves',
    reply: { status: 500, latencyMs: 100 },
    requests: 1,
    stayers: 'failed',
    crowd: (size, random) => leaving(size, random, size / 5, 90),
  },
  {
    name: 'the answer is cut short, and a fifth leaves',
    streamsOnly: true,
    reply: { ...answer, cutAfterEvents: 6 },
    requests: 1,
    stayers: 'failed',
    crowd: (size, random) => leaving(size, random, size / 5, 90),
  },
  {
    name: 'the store hangs, and a fifth leaves',
    reply: answer,
    requests: 1,
    stayers: 'answered',
    store: { get: () => new Promise(() => {}), set: () => new Promise(() => {}), delete: () => false },
    crowd: (size, random) => leaving(size, random, size / 5, 1_000 + wholeAtMs),
  },
  {
    name: 'the first ones are refused by their budgets',
    reply: answer,
    requests: 1,
    stayers: 'answered',
    refused: poor,
    crowd: (size) =>
      Array.from({ length: size }, (_, index) => ({ settings: { user: index < poor ? 'poor' : 'rich' } })),
  },
  {
    name: 'of five tenants',
    reply: answer,
    requests: 5,
    stayers: 'answered',
    crowd: (size, random) =>
      Array.from({ length: size }, (_, index) => ({
        settings: { tenant: `tenant ${index < 5 ? index : Math.floor(between(random, 0, 5))}` },
      })),
  },
];
