import type { Amounts, Balance } from '../core/accounts.ts';

const kinds = ['nanoUsd', 'tokens'] as const;

/** Whether an account that stands so has this left, too. What has no limit is always left. */
export function affords(
  { used, reserved, raised }: Balance,
  amounts: Amounts,
  limits: Partial<Amounts>,
): boolean {
  return kinds.every((kind) => {
    const limit = limits[kind];
    return limit === undefined || used[kind] + reserved[kind] + amounts[kind] <= limit + raised[kind];
  });
}
