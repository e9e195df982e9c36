/** What a simulated canary does. */
export interface Effect {
  readonly of: string;
  /** How often calls of the canary fail, in parts of how often those of stable do. */
  readonly times: number;
  /** What is wanted of it; `undefined`: nothing, it is shown. */
  readonly goal: 'promoted' | 'rolled-back' | 'not-rolled-back' | undefined;
  /** How often a call of stable fails, by how many were made before. */
  rateOf(call: number, user: number): number;
  /** Calls of each user, about the same time. */
  readonly callsOfUser: number;
}

/** How a simulated canary ended. */
export interface Ended {
  readonly phase: string;
  /** Calls of the canary until then. */
  readonly canaryCalls: number;
  /** Calls of both. */
  readonly calls: number;
}

/** Beyond these nobody goes on. */
export const mostCanaryCalls = 20_000;

const base = 0.02;
const constant = { rateOf: () => base, callsOfUser: 1 };

export const harmless: Effect = { of: 'as many errors, 2 %', times: 1, goal: 'promoted', ...constant };
export const doubled: Effect = { of: 'twice as many, 4 %', times: 2, goal: 'rolled-back', ...constant };
export const tripled: Effect = { of: 'three times as many', times: 3, goal: 'rolled-back', ...constant };
export const broken: Effect = { of: 'all calls fail', times: 50, goal: 'rolled-back', ...constant };
export const half: Effect = { of: 'half as many', times: 0.5, goal: 'promoted', ...constant };
export const between: Effect = { of: 'half as many again, 3 %', times: 1.5, goal: undefined, ...constant };

/** One user in ten has nearly all the trouble, in every one of its calls about as often. */
export const clustered: Effect = {
  of: 'as many, of few users: 3 calls of each',
  times: 1,
  goal: 'not-rolled-back',
  rateOf: (_call, user) => (user % 10 === 0 ? 0.2 : 0),
  callsOfUser: 3,
};

/** An outage of the provider's that comes and goes, and has nothing to do with the canary. */
export const stormy: Effect = {
  of: 'as many, which come to 20 % and back',
  times: 1,
  goal: 'not-rolled-back',
  rateOf: (call) => (call % 2_000 < 1_700 ? base : 0.2),
  callsOfUser: 1,
};
