import { experiment } from 'managed-llm';
import { expectTypeOf, test } from 'vitest';

const arms = { control: {}, warm: { parameters: { temperature: 1 } } };

test('results have the arms that were given, and no other', async () => {
  const tone = experiment({ name: 'tone', arms, weights: { warm: 2 } });
  const { arms: found, control, decision } = await tone.results();
  expectTypeOf(decision.take).toEqualTypeOf<'control' | 'warm' | undefined>();
  expectTypeOf(control).toEqualTypeOf<'control' | 'warm'>();
  expectTypeOf(found.warm.calls).toEqualTypeOf<number>();
  expectTypeOf(found).not.toHaveProperty('cold');
});

test('weights are for arms, and parameters have their neutral names', () => {
  // @ts-expect-error -- there is no such arm
  void (() => experiment({ name: 'tone', arms, weights: { cold: 2 } }));
  // @ts-expect-error -- there is no such parameter
  void (() => experiment({ name: 'tone', arms: { a: {}, b: { parameters: { max_tokens: 1 } } } }));
  // @ts-expect-error -- there is no such metric
  void (() => experiment({ name: 'tone', arms, decideBy: 'errors' }));
});
