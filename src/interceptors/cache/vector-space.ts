import type { Target } from '../../core/target.ts';

/** What of a vector tells which others it can be compared with. */
interface Vector {
  readonly target: Target | undefined;
  readonly servedModel: string | undefined;
  /** How many numbers it has. */
  readonly size: number;
}

/**
 * What vectors can be compared with each other, and so stand in one reply: of one model of one provider, as long as each
 * other. Members of a pool are one provider.
 */
export function spaceOf(
  { target, servedModel, size }: Vector,
  poolOf: (provider: string) => string | undefined,
): string {
  const provider = target && (poolOf(target.provider) ?? target.provider);
  return JSON.stringify([provider, target?.model, servedModel, size]);
}
