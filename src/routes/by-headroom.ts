import type { Call } from '../core/call.ts';
import type { Choice } from '../core/route.ts';
import { bestInTurn, type Turns } from './turns.ts';

/** The choice with the most left of its limits first; where they are equal, each in its turn. */
export function byHeadroom(): Turns {
  return bestInTurn(headroomOf);
}

/** Whatever is ready goes before what is not. */
function headroomOf(call: Call, choice: Choice): number {
  const readiness = choice.ready(call);
  return readiness.ok ? (readiness.headroom ?? 1) : -1;
}
