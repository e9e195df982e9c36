/** What a failed question says, by PostgreSQL's own codes (appendix A of its manual). */
export type Failure =
  /** The connection is gone, and whether the question was answered is not known. */
  | 'broken'
  /** The server is there and cannot serve: it starts or stops, has no room, knows no such role or database. */
  | 'down'
  /** Ask again. */
  | 'conflict'
  /** Ask again, in a transaction that says how it is isolated. */
  | 'isolation'
  /** There is no store, or that of another version. */
  | 'missing'
  /** What is in the schema is not ours. */
  | 'foreign'
  /** The store is that of a newer version. */
  | 'newer'
  /** The role may not. */
  | 'forbidden'
  /** Anything else: a lock that was not to be had, a statement that somebody cancelled. */
  | 'refused';

/** Raised by our own SQL. */
export const raised = { newer: 'MLM01', foreign: 'MLM02', isolation: 'MLM03', late: 'MLM04' } as const;

const failures: Readonly<Record<string, Failure>> = {
  // Of whoever had the connection before.
  '25P02': 'broken',
  '25P03': 'broken',
  '40001': 'conflict',
  '40P01': 'conflict',
  '42883': 'missing',
  '42P01': 'missing',
  '3F000': 'missing',
  '42501': 'forbidden',
  '42703': 'foreign',
  '57014': 'refused',
  [raised.newer]: 'newer',
  [raised.foreign]: 'foreign',
  [raised.isolation]: 'isolation',
  [raised.late]: 'refused',
};

/** By what codes begin with. */
const classes: Readonly<Record<string, Failure>> = {
  '08': 'broken',
  '25': 'down',
  '28': 'down',
  '3D': 'down',
  '53': 'down',
  '57': 'broken',
};

export function failureOf(thrown: unknown): Failure {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  const known = failures[code] ?? classes[code.slice(0, 2)];
  if (known !== undefined) return known;
  // The server's own codes have five characters; those of the network, such as `EPIPE`, begin with other letters.
  return /^(?:[0-9]|F0|HV|P0|XX)[0-9A-Z]{3,4}$/.test(code) ? 'refused' : 'broken';
}
