import { changeItems, changeMember, depthLimit, withoutMembers } from './record.ts';

/**
 * Blocks without their marks for the provider's prompt cache, which shape no answer; those inside them too.
 *
 * @param inner members in which blocks hold further ones
 */
export function unmarked(blocks: unknown, mark: string, inner: readonly string[], depth = 0): unknown {
  if (depth > depthLimit) return blocks;
  return changeItems(blocks, (block) =>
    inner.reduce(
      (bare, key) => changeMember(bare, key, (further) => unmarked(further, mark, inner, depth + 1)),
      withoutMembers(block, mark),
    ),
  );
}
