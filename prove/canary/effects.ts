/** A call of the simulation. */
export interface Call {
  /** How many were made before. */
  readonly index: number;
  readonly user: number;
  /** How many its user made before. */
  readonly nth: number;
}

/** What a simulated canary does. */
export interface Effect {
  readonly of: string;
  /** How often a call of the canary fails, in parts of how often it would if it were stable's. */
  times(call: Call): number;
  /** What is wanted of it; `undefined`: nothing, it is shown. */
  readonly goal: 'promoted' | 'rolled-back' | 'not-rolled-back' | 'not-promoted' | undefined;
  /** How often a call of stable fails. */
  rateOf(call: Call): number;
  /** Calls of each user, about the same time. */
  readonly callsOfUser: number;
  readonly callsPerSecond: number;
  /** Milliseconds until the provider has answered. */
  takes(isCanary: boolean, fails: boolean): number;
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
const plain = { rateOf: () => base, callsOfUser: 1, callsPerSecond: 20, takes: () => 0 };

function constantly(of: string, times: number, goal: Effect['goal']): Effect {
  return { ...plain, of, times: () => times, goal };
}

export const harmless = constantly('as many errors, 2 %', 1, 'promoted');
export const doubled = constantly('twice as many, 4 %', 2, 'rolled-back');
export const tripled = constantly('three times as many', 3, 'rolled-back');
export const broken = constantly('all calls fail', 50, 'rolled-back');
export const half = constantly('half as many', 0.5, 'promoted');
export const between = constantly('half as many again, 3 %', 1.5, undefined);

/** One user in ten has nearly all the trouble, in every one of its calls about as often. */
export const clustered: Effect = {
  ...constantly('as many, of few users: 3 calls of each', 1, 'not-rolled-back'),
  rateOf: ({ user }) => (user % 10 === 0 ? 0.2 : 0),
  callsOfUser: 3,
};

/** An outage of the provider's that comes and goes, and has nothing to do with the canary. */
export const stormy: Effect = {
  ...constantly('as many, which come to 20 % and back', 1, 'not-rolled-back'),
  rateOf: ({ index }) => (index % 2_000 < 1_700 ? base : 0.2),
};

/** Three calls of each user, of which the first tells nothing. */
export const later: Effect = {
  ...constantly('as many at first, then three times as many: 3 calls of each', 3, 'rolled-back'),
  times: ({ nth }) => (nth === 0 ? 1 : 3),
  callsOfUser: 3,
};

/** Nearly all users of stable come to a failure as well, so that nothing tells the arms apart but when. */
export const saturated: Effect = {
  ...constantly('never at first, then always, where stable fails 10 %: 20 calls of each', 10, 'not-promoted'),
  rateOf: () => 0.1,
  times: ({ nth }) => (nth === 0 ? 1 : 10),
  callsOfUser: 20,
};

/** Three thousand calls have begun before the first failure is known. */
export const slow: Effect = {
  ...constantly('twice as many, a minute later, at 50 calls a second', 2, 'not-promoted'),
  callsPerSecond: 50,
  takes: (isCanary, fails) => (isCanary && fails ? 60_000 : 0),
};

/** Nothing that stable gave is known yet. */
export const brokenBesideSlow: Effect = {
  ...constantly('all calls fail, while those of stable take a minute', 50, 'rolled-back'),
  takes: (isCanary) => (isCanary ? 0 : 60_000),
};
