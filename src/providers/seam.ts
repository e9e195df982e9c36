import type { Gate } from '../core/gate.ts';
import type { Provider } from '../core/provider.ts';
import type { ReadContext } from './bound-settings.ts';

/** Where a governed client belongs. */
export interface Seam {
  /** Its name in `providers`. */
  readonly provider: string;
  /** The pool's member that the client is, where that name stands for several. */
  readonly member?: string | undefined;
  /** The members of a pool as the application derived them. */
  readonly derived?: ((provider: string) => Provider | undefined) | undefined;
  readonly gate: Gate;
  readonly readContext: ReadContext;
}
