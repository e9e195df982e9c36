import { ManagedLLMError, type Receipt, type ReceiptQuery, type ReceiptDimension } from 'managed-llm';
import { describe, expect, test } from 'vitest';
import { queryReceipts } from '../../../../src/interceptors/receipts/query.ts';
import { attempt, receipt, TinyLog, withPromptCache } from './receipts.ts';

const ask = <const D extends ReceiptDimension = never>(
  all: readonly Receipt[],
  query: ReceiptQuery<D> = {},
) => {
  const log = new TinyLog();
  log.stored.push(...all);
  return queryReceipts(log, query);
};
const big = { provider: 'openai', model: 'gpt-5' };
const local = { provider: 'local', model: 'llama' };
const failure = {
  kind: 'overloaded',
  code: undefined,
  message: 'Busy.',
  retryable: true,
  fallbackable: true,
  countsForBreaker: true,
  retryAfterMs: undefined,
} as const;

describe('rows', () => {
  test('are one for everything where nothing is asked for', async () => {
    const rows = await ask([receipt(), receipt({ outcome: 'failed' }), receipt({ outcome: 'timed-out' })]);
    expect(rows).toEqual([
      {
        calls: 3,
        failed: 2,
        refused: 0,
        attempts: 3,
        costUsd: 0.000_003,
        costNanoUsd: 3_000,
        estimatedUsd: 0,
        estimatedNanoUsd: 0,
        unpriced: 0,
        inputTokens: 30,
        outputTokens: 15,
        cachedInputTokens: 0,
        cacheHits: 0,
        cacheStale: 0,
        cachePartial: 0,
        cacheCoalesced: 0,
        cacheMisses: 0,
        cacheBypassed: 0,
        cacheItemsKnown: 0,
        cacheItemsAsked: 0,
        cacheItemsCoalesced: 0,
        savedUsd: 0,
        savedNanoUsd: 0,
        savedUnpriced: 0,
        savedMs: 0,
        promptCacheReadTokens: 0,
        promptCacheWrittenTokens: 0,
        promptCacheSavedUsd: 0,
        promptCacheSavedNanoUsd: 0,
        promptCacheUnpriced: 0,
        p50Ms: 100,
        p95Ms: 100,
        p99Ms: 100,
        firstEventP50Ms: undefined,
        firstEventP95Ms: undefined,
        firstEventP99Ms: undefined,
      },
    ]);
  });

  test('are none where there are no receipts', async () => {
    expect(await ask([], { by: ['user'] })).toEqual([]);
    expect(await ask([])).toEqual([]);
  });

  test('have a member for each dimension, by what the receipt says', async () => {
    const caller = { user: 'u', team: 't', tenant: 'x', tags: { feature: 'search' } };
    const route = { name: 'smart', path: '', because: '', first: true };
    const fact = { status: 'miss', kind: 'semantic' } as const;
    const semantic = { verdict: 'would be given', similarity: 0.97, key: 'answer:x' } as const;
    const prompt = { name: 'support', version: '3', hash: 'x' };
    const facts = { route, cache: fact, semantic, prompt };
    const [row] = await ask([receipt({ caller, model: 'smart', facts, error: failure, outcome: 'failed' })], {
      by: [
        'user',
        'team',
        'tenant',
        'tag:feature',
        'tag:none',
        'provider',
        'model',
        'target',
        'asked',
        'route',
        'prompt',
        'operation',
        'outcome',
        'error',
        'cache',
        'cacheKind',
        'semantic',
        'hour',
        'day',
        'month',
      ],
    });
    expect(row).toMatchObject({
      user: 'u',
      team: 't',
      tenant: 'x',
      'tag:feature': 'search',
      'tag:none': undefined,
      provider: 'openai',
      model: 'gpt-6-luna',
      target: 'openai/gpt-6-luna',
      asked: 'smart',
      route: 'smart',
      prompt: 'support@3',
      operation: 'chat',
      outcome: 'failed',
      error: 'overloaded',
      cache: 'miss',
      cacheKind: 'semantic',
      semantic: 'would be given',
      hour: '2026-11-10T12:00Z',
      day: '2026-11-10',
      month: '2026-11',
    });
  });

  test('keep nobody and the empty name apart, and names that look alike when joined', async () => {
    const users = [undefined, '', 'a","b', 'a'];
    const all = users.map((user) => receipt({ caller: user === undefined ? {} : { user, tenant: 'b' } }));
    const rows = await ask(all, { by: ['user', 'tenant'] });
    expect(rows.map(({ user }) => user)).toEqual(expect.arrayContaining(users));
    expect(rows).toHaveLength(4);
  });

  test('know a tag by whichever name, and none that it only inherits', async () => {
    const tags = JSON.parse('{"__proto__":"p","toString":"s"}') as Record<string, string>;
    const all = [receipt({ caller: { tags } }), receipt({ caller: { tags: {} } })];
    const rows = await ask(all, { by: ['tag:toString', 'tag:__proto__'] });
    expect(rows.map((row) => [row['tag:toString'], row['tag:__proto__']])).toEqual([
      ['s', 'p'],
      [undefined, undefined],
    ]);
  });

  test('go by the days of the time zone that is asked for', async () => {
    const startedAt = Date.UTC(2026, 10, 30, 23, 30);
    const query = { by: ['day', 'month'], timeZone: 'Europe/Berlin' } as const;
    expect(await ask([receipt({ startedAt })], query)).toMatchObject([
      { day: '2026-12-01', month: '2026-12' },
    ]);
  });

  test('stand in order of time, then the dearest first, then those with the most calls', async () => {
    const on = (day: number, user: string, costNanoUsd: number) =>
      receipt({ startedAt: Date.UTC(2026, 10, day), caller: { user }, costNanoUsd });
    const all = [on(2, 'a', 1), on(1, 'a', 1), on(1, 'b', 5), on(1, 'c', 0), on(1, 'd', 0), on(1, 'd', 0)];
    const rows = await ask(all, { by: ['user', 'day'] });
    expect(rows.map(({ user, day }) => `${day.slice(-2)} ${user}`)).toEqual([
      '01 b',
      '01 a',
      '01 d',
      '01 c',
      '02 a',
    ]);
  });
});

describe('a call that fell back', () => {
  const fellBack = receipt({
    target: local,
    costNanoUsd: 30,
    attempts: [
      attempt({
        target: big,
        outcome: 'failed',
        costNanoUsd: 30,
        usage: { inputTokens: 7, provenance: 'estimated' },
      }),
      attempt({ target: local, costNanoUsd: 0 }),
      attempt({ target: local, costNanoUsd: 0 }),
    ],
  });

  test('counts once, at the target that served it; costs, tokens and attempts stand at their own', async () => {
    const rows = await ask([fellBack], { by: ['target'] });
    expect(rows).toMatchObject([
      { target: 'openai/gpt-5', calls: 0, attempts: 1, costNanoUsd: 30, inputTokens: 7, p50Ms: undefined },
      { target: 'local/llama', calls: 1, attempts: 2, costNanoUsd: 0, inputTokens: 20, p50Ms: 100 },
    ]);
  });

  test('has what the caches of providers did at the targets that did it', async () => {
    const use = { readTokens: 100, writtenTokens: 40 };
    const uses = [{ ...use, savedNanoUsd: -9 }, { ...use, savedNanoUsd: 50 }, use];
    const reading = withPromptCache(fellBack, uses);
    expect(await ask([reading], { by: ['target'] })).toMatchObject([
      {
        target: 'openai/gpt-5',
        promptCacheReadTokens: 100,
        promptCacheWrittenTokens: 40,
        promptCacheSavedNanoUsd: -9,
        promptCacheUnpriced: 0,
      },
      {
        target: 'local/llama',
        promptCacheReadTokens: 200,
        promptCacheWrittenTokens: 80,
        promptCacheSavedNanoUsd: 50,
        promptCacheUnpriced: 1,
      },
    ]);
    expect(await ask([reading])).toMatchObject([
      { promptCacheReadTokens: 300, promptCacheSavedNanoUsd: 41, promptCacheUnpriced: 1 },
    ]);
  });

  test('is one row by anything else', async () => {
    const rows = await ask([fellBack], { by: ['operation'] });
    expect(rows).toMatchObject([{ calls: 1, attempts: 3, costNanoUsd: 30, inputTokens: 27 }]);
  });
});

describe('what is not known', () => {
  test('is no cost of zero: the call counts as unpriced, once, and what is known of it is summed', async () => {
    const partly = receipt({
      costNanoUsd: undefined,
      attempts: [
        attempt({ costNanoUsd: undefined }),
        attempt({ costNanoUsd: undefined }),
        attempt({ costNanoUsd: 4 }),
      ],
    });
    expect(await ask([partly, receipt({ costNanoUsd: 6 })])).toMatchObject([
      { calls: 2, unpriced: 1, costNanoUsd: 10 },
    ]);
  });

  test('of usage counts no tokens', async () => {
    const [row] = await ask([receipt({ attempts: [attempt({ usage: undefined })] })]);
    expect(row).toMatchObject({ inputTokens: 0, outputTokens: 0, attempts: 1 });
  });
});

test('an answer from a cache is a call that consumed nothing, and says nothing about how fast models are', async () => {
  const hit = receipt({ origin: 'cache', attempts: [], costNanoUsd: 0, durationMs: 1 });
  expect(await ask([hit, receipt({ durationMs: 800 })])).toMatchObject([
    { calls: 2, attempts: 1, inputTokens: 10, p50Ms: 800, costNanoUsd: 1_000 },
  ]);
});

test('what caches did stands with the call, at the target that answered it in its time', async () => {
  const fact = { kind: 'exact', savedNanoUsd: 40, savedMs: 9 } as const;
  const kept = { origin: 'cache', attempts: [], costNanoUsd: 0 } as const;
  const all = [
    receipt({ ...kept, target: big, facts: { cache: { ...fact, status: 'hit' } } }),
    receipt({ ...kept, target: local, facts: { cache: { ...fact, status: 'stale' } } }),
    receipt({ target: big, costNanoUsd: 7, facts: { cache: { status: 'miss', kind: 'exact' } } }),
    receipt({ target: big, costNanoUsd: 5 }),
  ];
  expect(await ask(all, { by: ['target'] })).toMatchObject([
    { target: 'openai/gpt-5', calls: 3, cacheHits: 1, cacheMisses: 1, savedNanoUsd: 40, costNanoUsd: 12 },
    { target: 'local/llama', calls: 1, cacheStale: 1, savedNanoUsd: 40, savedMs: 9 },
  ]);
  expect(await ask(all, { by: ['cache'] })).toMatchObject([
    { cache: 'miss', calls: 1, costNanoUsd: 7 },
    { cache: undefined, calls: 1, costNanoUsd: 5 },
    { cache: 'hit', calls: 1, savedUsd: 0.000_000_04 },
    { cache: 'stale', calls: 1, savedNanoUsd: 40 },
  ]);
});

test('refusals and failures say nothing about how fast models are, streams that began do', async () => {
  const all = [
    receipt({ outcome: 'refused', origin: 'none', attempts: [], durationMs: 0 }),
    receipt({ outcome: 'failed', durationMs: 9 }),
    receipt({ stream: true, firstEventMs: 50, durationMs: 700 }),
    receipt({ stream: true, firstEventMs: 70, outcome: 'aborted', durationMs: 90 }),
  ];
  expect(await ask(all)).toMatchObject([
    { refused: 1, failed: 1, p50Ms: 700, firstEventP50Ms: 50, firstEventP99Ms: 70 },
  ]);
});

test('sums are exact', async () => {
  const costNanoUsd = 123_456_789;
  const all = Array.from({ length: 30_000 }, () => receipt({ costNanoUsd }));
  expect(await ask(all)).toMatchObject([{ costNanoUsd: 3_703_703_670_000, costUsd: 3_703.703_67 }]);
});

describe('what is selected', () => {
  const at = (iso: string, user?: string, tenant?: string) =>
    receipt({
      startedAt: Date.parse(iso),
      caller: { ...(user === undefined ? {} : { user }), ...(tenant === undefined ? {} : { tenant }) },
    });
  const all = [
    at('2026-10-31T23:30:00Z', 'alice', 'acme'),
    at('2026-11-01T00:00:00Z', 'alice'),
    at('2026-11-30T23:59:59Z', 'bob', 'acme'),
    at('2026-12-01T00:00:00Z'),
  ];
  const calls = async (query: ReceiptQuery) => (await ask(all, query))[0]?.calls ?? 0;

  test('begins with `from` and ends before `to`', async () => {
    expect(await calls({ from: '2026-11', to: '2026-12' })).toBe(2);
    expect(await calls({ from: '2026-11-01', to: '2026-12-01' })).toBe(2);
    expect(await calls({ from: '2026-11', to: '2026-12', timeZone: 'Europe/Berlin' })).toBe(2);
    expect(await calls({ from: '2026-11', timeZone: 'America/New_York' })).toBe(2);
    expect(await calls({ from: new Date('2026-11-30T23:59:59Z') })).toBe(2);
    expect(await calls({ to: Date.parse('2026-11-01T00:00:00Z') })).toBe(1);
    expect(await calls({ from: '2026-11-01T01:00:00+01:00' })).toBe(3);
  });

  test('is of one user or tenant, or of those without', async () => {
    expect(await calls({ user: 'alice' })).toBe(2);
    expect(await calls({ user: 'alice', tenant: null })).toBe(1);
    expect(await calls({ user: null })).toBe(1);
    expect(await calls({ tenant: 'acme' })).toBe(2);
  });

  test.each([['2026-11-31'], ['2026-13'], ['2026-11-01T12:00'], ['yesterday'], [''], [NaN], [new Date(NaN)]])(
    'cannot begin with %j',
    async (from) => {
      await expect(ask(all, { from })).rejects.toMatchObject({ code: 'invalid-options' });
    },
  );
});

describe('bad questions', () => {
  test.each([
    [{ by: ['users'] }, '`query.by.0` must be'],
    [{ by: ['tag:'] }, '`query.by.0`'],
    [{ bye: ['user'] }, '`query` has no option `bye`. Did you mean `by`?'],
    [{ user: 5 }, '`query.user` must be'],
    [{ timeZone: 'Mars' }, '`query.timeZone` is "Mars"'],
  ])('%j', async (query, message) => {
    const error: unknown = await ask([], query as object).catch((thrown: unknown) => thrown);
    expect(ManagedLLMError.isInstance(error)).toBe(true);
    expect((error as Error).message).toContain(message);
  });

  test('that come to more than 10,000 rows are refused, and it is said what to do', async () => {
    const all = Array.from({ length: 10_001 }, (_, index) => receipt({ caller: { user: `u${index}` } }));
    expect(await ask(all.slice(1), { by: ['user'] })).toHaveLength(10_000);
    await expect(ask(all, { by: ['user'] })).rejects.toThrow(
      '`query.by` ["user"] gives more than 10000 rows: take a dimension out, or less time with `from` and `to`.',
    );
  });
});
