/** A way to break the source, and the test that must notice. */
export interface Mutant {
  /** What is broken, in a few words. */
  readonly name: string;
  /** Below the root of the project. */
  readonly file: string;
  /** Text that stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  readonly test: string;
  /** Title of the one test to run; it may be there once for each SDK. */
  readonly title: string;
}
