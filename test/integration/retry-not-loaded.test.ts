import { retry } from 'managed-llm';
import { expect, test, vi } from 'vitest';

import { governed, rejection, sdks, settledOnce } from './governed.ts';

vi.mock('p-retry', () => {
  throw new Error('Cannot find package p-retry');
});

test.each(sdks)(
  'what repeats cannot be loaded: the failure comes as it is, and is reported ($name)',
  async (sdk) => {
    const w = governed({ interceptors: [retry()] });
    w.provider.next({ status: 500 });
    expect(await rejection(sdk.create(w.llm))).toBeInstanceOf(sdk.InternalServerError);
    await sdk.create(w.llm);
    expect(w.provider.requests).toHaveLength(2);
    expect(w.errors.map(({ message }) => message)).toEqual(['A fault in `retry` was caught.']);
    await settledOnce(w, 2);
  },
);
