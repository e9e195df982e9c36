import type { Figure } from './figure.ts';

/** How much is measured. */
export interface Effort {
  /** For CI: counts so small that only working or not working can be told. */
  readonly quick: boolean;
}

/** One line of the table that can be asked for by itself. */
export interface Case {
  readonly name: string;
  measure(effort: Effort): Promise<Figure | LeftOut>;
}

/** What cannot be measured here, and why. */
export interface LeftOut {
  readonly leftOut: string;
}

/** Lines that belong together, under a heading. */
export interface Group {
  readonly heading: string;
  readonly cases: readonly Case[];
}
