import type { Host, Interceptor } from '../../core/interceptor.ts';
import type { CeilingOptions } from './ceiling-options.ts';
import { setAsideOf } from './set-aside.ts';
import { spendingOf, type Spending } from './spending.ts';
import type { Till } from './till.ts';
import { sendUncounted } from './uncounted.ts';

interface Attached {
  readonly host: Host;
  readonly spending: Spending;
}

/**
 * Stands in every chain, innermost of its stage: holds what `maxCostUsd` and all budgets allow. What it takes is loaded with
 * the first call that one of them counts. Once an attempt.
 *
 * @param options parsed
 */
export function ceilings(options: CeilingOptions): Interceptor {
  let attached: Attached | undefined;
  let till: Till | undefined;
  let opening: Promise<Till> | undefined;

  const open = async ({ host, spending }: Attached): Promise<Till> => {
    const { openTill } = await import('./open-till.ts');
    return (till ??= openTill(host, spending, setAsideOf(options)));
  };

  return {
    name: 'ceilings',
    stage: 'spend',
    attach(host) {
      attached = { host, spending: spendingOf(host) };
    },
    intercept(call, next) {
      if (till !== undefined) return till.pass(call, next);
      if (attached === undefined) return next(call);
      if (call.run.ceilings.length === 0 && attached.spending.rules.length === 0)
        return sendUncounted(attached.host, call, next);
      opening ??= open(attached);
      return opening.then((opened) => opened.pass(call, next));
    },
    idle: () => till?.idle() ?? Promise.resolve(),
    dispose: () => till?.dispose(),
  };
}
