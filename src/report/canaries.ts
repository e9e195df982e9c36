import type { CanaryStatus } from '../core/canary-status.ts';

export interface Canaries {
  /** `true`: they were read when the page was made. */
  readonly areCurrent: boolean;
  readonly all: readonly CanaryStatus[];
}
