import { receipts } from 'managed-llm';
import { describeInterceptorContract } from 'managed-llm/testing';
import { test } from 'vitest';

describeInterceptorContract(
  { test },
  {
    name: 'receipts',
    make: () => receipts(),
    badOptions: [
      () => receipts({ keepDays: 0 }),
      () => receipts({ keepDays: NaN }),
      () => receipts({ keepDay: 1 } as object),
    ],
  },
);
