/** What a proof is run with. */
export interface ProofContext {
  /** A smaller sample, for a quick look and for CI. */
  readonly small: boolean;
  /** Everything random comes from here, so that a run can be repeated. */
  readonly seed: number;
  /** Progress, for whoever is watching. */
  readonly log: (line: string) => void;
}

/** One line of the table a proof prints. */
export type ProofRow = Readonly<Record<string, string | number>>;

/** What came out. The goal is met when nothing failed. */
export interface ProofResult {
  /** What was looked at, with its numbers: `1,204 cells, 9 clients`. */
  readonly sample: string;
  readonly rows: readonly ProofRow[];
  readonly passed: number;
  /** One line for each check that failed; none of them is left out of the count. */
  readonly failures: readonly string[];
  /** What a reader must know to judge the table: differences that are meant, with their reason. */
  readonly notes?: readonly string[];
}

/** One claim of this package, as a program. Each lies in a file of its own, `prove/<name>.ts`, as `export const proof`. */
export interface Proof {
  /** The name of its file. */
  readonly name: string;
  readonly claim: string;
  run(context: ProofContext): Promise<ProofResult>;
}
