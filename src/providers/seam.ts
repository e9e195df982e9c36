import type { Gate } from '../core/gate.ts';
import type { ReadContext } from './bound-settings.ts';

/** Where a governed client belongs. */
export interface Seam {
  /** Its name in `providers`. */
  readonly provider: string;
  readonly gate: Gate;
  readonly readContext: ReadContext;
}
