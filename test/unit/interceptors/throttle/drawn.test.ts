import { expect, test } from 'vitest';
import type { CallError } from '../../../../src/core/call-error.ts';
import type { Settlement } from '../../../../src/core/settlement.ts';
import type { Usage } from '../../../../src/core/usage.ts';
import { drawnBy } from '../../../../src/interceptors/throttle/drawn.ts';

const taken = { requests: 1, input: 100, cached: 0, output: 4_000 };
const usage: Usage = { inputTokens: 90, outputTokens: 30, cachedInputTokens: 40, provenance: 'reported' };

function drawn(ended: Partial<Settlement> & { readonly kind?: CallError['kind']; readonly ms?: number }) {
  const { kind, ms = 0, ...rest } = ended;
  const settlement = {
    origin: 'provider',
    outcome: 'finished',
    status: 200,
    error: kind === undefined ? undefined : ({ kind } as CallError),
    startedAt: 0,
    settledAt: ms,
    ...rest,
  } as Settlement;
  const { requests, input, output } = drawnBy(settlement, taken, 300);
  return [requests, input, output];
}

test.each([
  ['one that finished, what was reported', { usage }, [1, 90, 30]],
  ['one that finished without a report, its input and what answers usually take', {}, [1, 100, 300]],
  ['one that was never sent, nothing', { origin: 'none', outcome: 'refused', status: 429 }, [0, 0, 0]],
  [
    'one whose connection failed, nothing',
    { outcome: 'failed', status: undefined, kind: 'connection' },
    [0, 0, 0],
  ],
  ['one that was refused, the request', { outcome: 'failed', status: 429, kind: 'rate-limit' }, [1, 0, 0]],
  ['one that failed there, the request', { outcome: 'failed', status: 500, kind: 'server' }, [1, 0, 0]],
  [
    'one stopped at once, what two seconds can bring',
    { outcome: 'aborted', status: undefined },
    [1, 100, 1_000],
  ],
  ['one stopped late, no more than it asked for', { outcome: 'aborted', ms: 60_000 }, [1, 100, 4_000]],
  [
    'one past its time limit likewise',
    { outcome: 'timed-out', status: undefined, ms: 2_000 },
    [1, 100, 2_000],
  ],
  ['a stream that was cut, its input as reported', { outcome: 'failed', kind: 'cut', usage }, [1, 90, 1_000]],
  ['a stream left by its reader likewise', { outcome: 'abandoned', usage, ms: 500 }, [1, 90, 1_250]],
] as const)('of %s', (_title, ended, expected) => {
  expect(drawn(ended)).toEqual(expected);
});
