/**
 * What the providers of the fleet allow, and what every process of it is told: by model, as providers count. A full bucket
 * holds a minute's worth.
 */
export const limits = {
  requests: { requestsPerMinute: 600, perModel: true },
  tokens: { tokensPerMinute: 20_000, perModel: true },
  slots: { concurrency: 8 },
} as const;

/** One provider for each kind of limit. */
export type Kind = keyof typeof limits;

export const kinds = Object.keys(limits).filter((kind): kind is Kind => kind in limits);

/** What a process of the fleet is started with. */
export interface MemberOptions {
  readonly redisUrl: string;
  /** Where the providers listen. */
  readonly urls: Readonly<Record<Kind, string>>;
  readonly seed: number;
}

/** What became of all the calls of a process. */
export interface Tally {
  readonly started: number;
  readonly answered: number;
  /** Refused by a rule, by its code or the provider's status. */
  readonly refused: Readonly<Record<string, number>>;
  /** Anything else, by what was thrown. */
  readonly lost: Readonly<Record<string, number>>;
  /** Codes of what it reported. */
  readonly reports: readonly string[];
}
