import { limit, throttle } from 'managed-llm';
import { describeInterceptorContract } from 'managed-llm/testing';
import { test } from 'vitest';

describeInterceptorContract(
  { test },
  {
    name: 'throttle',
    make: () => throttle({ contract: { requestsPerMinute: 10_000, tokensPerMinute: 1e7, concurrency: 8 } }),
    badOptions: [
      () => throttle({ openai: {} }),
      () => throttle({ openai: { requestsPerMinute: 0 } }),
      () => throttle({ openai: { tokensPerMinute: -1 } }),
      () => throttle({ openai: { tokensPerMinute: NaN } }),
      () => throttle({ openai: { concurrency: 0.5 } }),
      () => throttle({ 'openai/gpt': { requestsPerMinute: 1, perModel: true } }),
      () => throttle({ openai: { requestsPerMinutes: 1 } as object }),
      () => throttle({}, { maxQueues: 1 } as object),
      () => throttle({ openai: { requestsPerMinute: 1 } }, { maxQueue: 0, maxWaitMs: 10 }),
      () => throttle({}, { adaptive: false }),
      () => throttle({ openai: { requestsPerMinute: 1 } }, { maxWaitMs: -1 }),
    ],
  },
);

describeInterceptorContract({ test }, { name: 'throttle without limits', make: () => throttle() });

describeInterceptorContract(
  { test },
  {
    name: 'limit',
    make: () => limit({ per: 'credential', requestsPerMinute: 1_000, requestsPerDay: 10_000 }),
    // Nobody is in scope.
    shortCircuit: () => limit({ per: 'user', requestsPerMinute: 1 }),
    badOptions: [
      () => limit({ per: 'user' }),
      () => limit({ per: 'user', requestsPerMinute: 0 }),
      () => limit({ per: 'user', requestsPerDay: NaN }),
      () => limit({ per: 'users' as 'user', requestsPerDay: 1 }),
      () => limit({ per: 'credential', requestsPerDay: 1, onMissing: 'skip' }),
      () => limit({ per: 'user', requestPerDay: 1 } as object as Parameters<typeof limit>[0]),
    ],
  },
);
