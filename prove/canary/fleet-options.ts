/** How often a call of stable fails. */
export const base = 0.02;

export const members = 4;

/** One canary, which all processes have. */
export interface Trial {
  readonly name: string;
  /** How often calls of the canary fail, in parts of how often those of stable do. */
  readonly times: number;
}

export interface MemberOptions {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly member: number;
  readonly seed: number;
  readonly trials: readonly Trial[];
}

/** What a process says at its end. */
export interface Told {
  /** Names of canaries whose end it was the one to tell. */
  readonly ends: readonly string[];
  readonly errors: readonly string[];
}
