import { canary, type CanaryChange, type CanaryStatus, type HookPayloads, type Receipt } from 'managed-llm';
import { expectTypeOf, test } from 'vitest';

const next = { model: 'openai/next' };

test('guards are of the figures that there are, and steps are told by who and why', () => {
  const rollout = canary({ name: 'next', canary: next, guard: { errorRate: {}, costUsd: 0.1 } });
  expectTypeOf(rollout.status).returns.resolves.toEqualTypeOf<CanaryStatus>();
  expectTypeOf<CanaryStatus['phase']>().toEqualTypeOf<'ramping' | 'promoted' | 'rolled-back'>();
  // @ts-expect-error -- there is no such figure
  void (() => canary({ name: 'next', canary: next, guard: { latency: 1 } }));
  // @ts-expect-error -- of scores there is no limit that would be the same for all
  void (() => canary({ name: 'next', canary: next, guard: { score: 0.5 } }));
  // @ts-expect-error -- something has to be tried out
  void (() => canary({ name: 'next' }));
  // @ts-expect-error -- somebody has to do it
  void (() => rollout.abort());
});

test('the hook and the receipt tell it', () => {
  expectTypeOf<HookPayloads['canary:change']>().toEqualTypeOf<CanaryChange>();
  type Arm = NonNullable<Receipt['facts']['canaries']>[number]['arm'];
  expectTypeOf<Arm>().toEqualTypeOf<'stable' | 'canary'>();
});
