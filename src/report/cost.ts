import { counted, money, none } from './format.ts';
import { html, type HtmlContent } from './html.ts';

/** A sum or a mean of what is known of costs. */
export interface KnownCost {
  /** Nano-USD. `undefined`: there was nothing to be paid for. */
  readonly costNanoUsd: number | undefined;
  /** Calls of unknown price or usage: what they cost is not in it. */
  readonly unpriced: number;
}

/** Whether all that is known of it is what cost nothing: calls that failed, beside those that are not known. */
export function isUnknownCost({ costNanoUsd = 0, unpriced }: KnownCost): boolean {
  return costNanoUsd === 0 && unpriced > 0;
}

/** `$0.50`, `$0.50 (3 calls unknown)`, `unknown (98 calls)`. */
export function cost(known: KnownCost): HtmlContent {
  const { costNanoUsd, unpriced } = known;
  const calls = counted(unpriced, 'call');
  if (isUnknownCost(known)) return html`unknown <small>(${calls})</small>`;
  if (costNanoUsd === undefined) return none;
  const told = money(Math.round(costNanoUsd));
  return unpriced === 0 ? told : html`${told} <small>(${calls} unknown)</small>`;
}
