import { receipts } from 'managed-llm';
import { expectTypeOf, test } from 'vitest';

const log = receipts();

test('rows have the dimensions that were asked for, and no other', async () => {
  const [row] = await log.query({ by: ['user', 'day', 'tag:feature'] });
  if (row === undefined) return;
  expectTypeOf(row.user).toEqualTypeOf<string | undefined>();
  expectTypeOf(row.day).toEqualTypeOf<string>();
  expectTypeOf(row['tag:feature']).toEqualTypeOf<string | undefined>();
  expectTypeOf(row.costNanoUsd).toEqualTypeOf<number>();
  expectTypeOf(row).not.toHaveProperty('model');
  // @ts-expect-error -- there is no such dimension
  void log.query({ by: ['users'] });
});

test('one row for all has figures alone', async () => {
  const [row] = await log.query();
  if (row === undefined) return;
  expectTypeOf(row.calls).toEqualTypeOf<number>();
  expectTypeOf(row).not.toHaveProperty('user');
});
