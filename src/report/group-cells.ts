import { shortCount } from './format.ts';
import type { GroupFigures } from './groups.ts';

/** How many calls a group had, as far as they are known. */
export function groupCalls({ figures, isPartial }: GroupFigures<unknown>): string {
  return `${isPartial ? '≥ ' : ''}${shortCount(figures.calls)}`;
}
