import { describe, expect, test } from 'vitest';
import {
  RateLimitReader,
  readRateLimits,
  type ToldBucket,
} from '../../../../src/interceptors/throttle/rate-limit-headers.ts';

const sentAt = Date.UTC(2026, 10, 23, 12, 0, 0, 250);

function read(headers: Readonly<Record<string, string>>): readonly ToldBucket[] {
  return readRateLimits(new Headers(headers), sentAt);
}

describe('the reset of an OpenAI bucket', () => {
  test.each([
    ['120ms', 120],
    ['6s', 7_000],
    ['1.5s', 1_500],
    ['1m30s', 91_000],
    ['1m30.5s', 90_500],
    ['6m0s', 361_000],
    ['2h1m0.25s', 7_260_250],
    ['1d', 86_401_000],
    // Azure gives seconds.
    ['1', 2_000],
    ['0.5', 500],
    ['0', 1_000],
    ['-3', 1_000],
    ['2026-11-23T12:00:10.500Z', 10_250],
    ['soon', undefined],
    ['1m!', undefined],
    ['', undefined],
  ])('%j is %j milliseconds at most', (reset, fullAfterMs) => {
    expect(
      read({
        'x-ratelimit-limit-requests': '500',
        'x-ratelimit-remaining-requests': '499',
        'x-ratelimit-reset-requests': reset,
      }),
    ).toEqual([{ name: 'requestsPerMinute', limit: 500, remaining: 499, fullAfterMs }]);
  });
});

test('both of OpenAI’s buckets are read', () => {
  expect(
    read({
      'x-ratelimit-limit-requests': '500',
      'x-ratelimit-remaining-requests': '499',
      'x-ratelimit-reset-requests': '120ms',
      'x-ratelimit-limit-tokens': '200000',
      'x-ratelimit-remaining-tokens': '199500',
      'x-ratelimit-reset-tokens': '150ms',
    }),
  ).toEqual([
    { name: 'requestsPerMinute', limit: 500, remaining: 499, fullAfterMs: 120 },
    { name: 'tokensPerMinute', limit: 200_000, remaining: 199_500, fullAfterMs: 150 },
  ]);
});

test('Azure may leave out the limits', () => {
  expect(read({ 'x-ratelimit-remaining-requests': '19', 'x-ratelimit-remaining-tokens': '19913' })).toEqual([
    { name: 'requestsPerMinute', limit: undefined, remaining: 19, fullAfterMs: undefined },
    { name: 'tokensPerMinute', limit: undefined, remaining: 19_913, fullAfterMs: undefined },
  ]);
});

test('all four of Anthropic’s buckets are read', () => {
  const bucket = (kind: string, limit: number, remaining: number, reset: string) => ({
    [`anthropic-ratelimit-${kind}-limit`]: String(limit),
    [`anthropic-ratelimit-${kind}-remaining`]: String(remaining),
    [`anthropic-ratelimit-${kind}-reset`]: reset,
  });
  expect(
    read({
      ...bucket('requests', 50, 49, '2026-11-23T12:00:02Z'),
      ...bucket('tokens', 40_000, 39_000, '2026-11-23T12:00:03.500Z'),
      ...bucket('input-tokens', 30_000, 30_000, '2026-11-23T12:00:00Z'),
      ...bucket('output-tokens', 8_000, 0, '2026-11-23T12:01:00+00:00'),
    }),
  ).toEqual([
    { name: 'requestsPerMinute', limit: 50, remaining: 49, fullAfterMs: 2_750 },
    { name: 'tokensPerMinute', limit: 40_000, remaining: 39_000, fullAfterMs: 3_250 },
    { name: 'inputTokensPerMinute', limit: 30_000, remaining: 30_000, fullAfterMs: 750 },
    { name: 'outputTokensPerMinute', limit: 8_000, remaining: 0, fullAfterMs: 60_750 },
  ]);
});

test.each([
  [{}],
  [{ 'x-ratelimit-limit-requests': '0' }],
  [{ 'x-ratelimit-limit-requests': '-1', 'x-ratelimit-remaining-requests': '-1' }],
  [{ 'x-ratelimit-limit-requests': 'many', 'x-ratelimit-remaining-requests': '' }],
  [{ 'x-ratelimit-reset-requests': '6s' }],
  [{ 'anthropic-ratelimit-tokens-limit': 'NaN' }],
])('%j says nothing', (headers) => {
  expect(read(headers as Record<string, string>)).toEqual([]);
});

describe('a target that says nothing of limits', () => {
  const silent = new Headers();
  const told = new Headers({ 'x-ratelimit-remaining-requests': '3' });
  const quiet = (): RateLimitReader => {
    const reader = new RateLimitReader();
    for (let answers = 0; answers < 17; answers++) reader.read(silent, sentAt, false);
    return reader;
  };

  test('is looked at once in sixteen answers, and what it then says is heard', () => {
    const reader = quiet();
    const heard = Array.from({ length: 16 }, () => reader.read(told, sentAt, false).length);
    expect(heard.slice(0, 15)).toEqual(Array.from({ length: 15 }, () => 0));
    expect(heard[15]).toBe(1);
  });

  test('is looked at whenever it refuses', () => {
    expect(quiet().read(told, sentAt, true)).toHaveLength(1);
  });

  test('once it has spoken, is looked at every time again', () => {
    const reader = quiet();
    reader.read(told, sentAt, true);
    for (let answers = 0; answers < 15; answers++) reader.read(silent, sentAt, false);
    expect(reader.read(told, sentAt, false)).toHaveLength(1);
  });
});
