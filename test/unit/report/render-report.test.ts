import { createHash } from 'node:crypto';
import { memoryState, ManagedLLMError, type CacheFact, type Receipt, type State } from 'managed-llm';
import { renderReport, type ReportOptions } from 'managed-llm/report';
import { manualClock } from 'managed-llm/testing';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attempt, receipt, TinyLog, withPromptCache } from '../interceptors/receipts/receipts.ts';
import { readPage } from '../../../prove/report/read-page.ts';
import { decided, ramping } from './measured.ts';

const now = Date.UTC(2026, 10, 30, 12);
const clock = manualClock(now);
const november = Date.UTC(2026, 10, 1);
const dayMs = 86_400_000;
const render = (receipts: readonly Receipt[], options: Partial<ReportOptions> = {}) =>
  renderReport({ receipts, clock, ...options });

/** A call of every kind, by somebody, for something, on each of ten days. */
function calls(name: string): readonly Receipt[] {
  const target = { provider: name, model: name };
  const caller = { user: name, tenant: name, team: name, tags: { feature: name } };
  const error = {
    kind: 'refused',
    code: name,
    message: name,
    retryable: false,
    fallbackable: false,
    countsForBreaker: false,
    retryAfterMs: undefined,
  } as const;
  return Array.from({ length: 10 }, (_, day) => [
    receipt({
      caller,
      target,
      startedAt: november + day * dayMs,
      costNanoUsd: 5_000_000,
      stream: true,
      firstEventMs: 9,
      facts: {
        prompt: { name, version: name, hash: name, label: name },
        experiments: [{ experiment: `${name}-x`, definition: '1', arm: name, by: 'user' }],
        canaries: [{ canary: `${name}-x`, definition: '1', arm: 'stable', percent: 5, by: 'user' }],
      },
    }),
    receipt({
      caller,
      target,
      startedAt: november + day * dayMs,
      origin: 'cache',
      attempts: [],
      costNanoUsd: 0,
      facts: { cache: { status: 'hit', kind: 'exact', savedNanoUsd: 5_000_000, savedMs: 9 } },
    }),
    receipt({
      caller,
      target: undefined,
      startedAt: november + day * dayMs,
      outcome: 'refused',
      error,
      attempts: [],
    }),
  ]).flat();
}

async function budgeted(name: string): Promise<State> {
  const state = memoryState({ clock: manualClock(now) });
  const window = { kind: 'fixed', startMs: now - dayMs, endMs: now + dayMs } as const;
  for (const [id, leaseMs] of [
    ['kept', 60_000],
    [name, -1],
  ] as const)
    await state.accounts?.reserve(
      id,
      [
        {
          account: { budget: name, subject: JSON.stringify([name, name]), window },
          amounts: { nanoUsd: 5_000, tokens: 0 },
          limits: { nanoUsd: 10_000 },
          enforced: false,
        },
      ],
      leaseMs,
    );
  return state;
}

describe('a page', () => {
  test('tells the totals', async () => {
    const usage = { inputTokens: 1_000, outputTokens: 200, cachedInputTokens: 400 };
    const reported = attempt({ costNanoUsd: 1_500_000_000, usage: { ...usage, provenance: 'reported' } });
    const estimated = attempt({ costNanoUsd: 500_000_000, usage: { ...usage, provenance: 'estimated' } });
    const page = readPage(
      await render([
        receipt({ attempts: [reported], durationMs: 2_000 }),
        receipt({ attempts: [estimated], durationMs: 2_000 }),
        receipt({ attempts: [attempt({ costNanoUsd: undefined, usage: undefined })], durationMs: 2_000 }),
        receipt({
          attempts: [attempt({ outcome: 'failed', costNanoUsd: 0, usage: undefined })],
          outcome: 'failed',
        }),
      ]),
    );
    expect(page.total('Spend')).toBe('$2.00');
    expect(page.total('Calls')).toBe('4');
    expect(page.total('Tokens')).toBe('2,400');
    expect(page.total('Errors')).toBe('25.0%');
    expect(page.total('95% answered within')).toBe('2.0 s');
    expect(page.total('Calls of unknown price')).toBe('1');
    expect(page.text).toContain('$0.50 of it (25.0%) estimated, not reported');
    expect(page.text).toContain('2,000 in, of these 800 cached; 400 out');
  });

  test('tells every chart’s numbers as a table, too', async () => {
    const page = readPage(await render(calls('x')));
    expect(page.table('models').slice(0, 2)).toEqual([
      ['When', 'All', 'x/x', 'no model answered'],
      ['Sun, 1 Nov 2026', '$0.005', '$0.005', '$0'],
    ]);
    expect(page.table('users')[1]).toEqual(['Sun, 1 Nov 2026', '$0.005', '$0.005']);
    expect(page.table('outcomes').at(-1)).toEqual(['Tue, 10 Nov 2026', '3', '2', '1']);
    expect(page.table('errors')[0]).toEqual(['When', 'All', 'refused: x']);
    expect(page.table('tokens')[1]).toEqual(['Sun, 1 Nov 2026', '15', '10', '0', '5']);
    expect(page.table('times')[1]).toEqual(['Sun, 1 Nov 2026', '100 ms', '100 ms', '100 ms']);
    expect(page.table('first')[0]).toEqual(['When', 'p99', 'p95', 'p50']);
  });

  test('tells what is beyond the first ten in one row, and beyond the first six in one colour', async () => {
    const users = Array.from({ length: 25 }, (_, index) =>
      receipt({ caller: { user: `user-${index}` }, costNanoUsd: (25 - index) * 1_000_000_000 }),
    );
    const html = await render(users);
    const page = readPage(html);
    expect(page.table('users')[0]).toEqual([
      'When',
      'All',
      ...users.slice(0, 6).map(({ caller }) => caller.user),
      'all others',
    ]);
    expect(page.table('users')[1]?.slice(1)).toEqual([
      '$325.00',
      ...[25, 24, 23, 22, 21, 20].map((usd) => `$${usd}.00`),
      '$190.00',
    ]);
    const rows = page.text.slice(page.text.indexOf('The top 10 users'));
    expect(rows).toContain('user-9 $16.00 4.9% 1 15 0% 15 others $120.00 36.9% 15 225 0%');
  });

  test('takes what is not known of costs for no cost: not in totals, and not by model', async () => {
    const priced = { provider: 'openai', model: 'priced' };
    const unpriced = { provider: 'openai', model: 'unpriced' };
    const of = (
      target: Receipt['target'] & {},
      costNanoUsd: number | undefined,
      said: Partial<Receipt> = {},
    ) => receipt({ target, costNanoUsd, attempts: [attempt({ target, costNanoUsd })], ...said });
    const unknown = [
      of(unpriced, undefined),
      of(unpriced, undefined),
      // It failed, and cost nothing.
      of(unpriced, 0, { outcome: 'failed' }),
    ];
    const alone = readPage(await render(unknown));
    expect([alone.total('Spend'), alone.about('Spend')]).toEqual([
      '–',
      'not known of any call that may have cost something',
    ]);
    expect(alone.top('models').map((row) => row[1])).toEqual(['Spend', 'unknown (2 calls)']);
    const mixed = await render([...unknown, of(priced, 2_000_000_000), of(priced, undefined)]);
    expect(
      readPage(mixed)
        .top('models')
        .map((row) => row.slice(0, 3)),
    ).toEqual([
      ['model', 'Spend', 'Share'],
      ['openai/priced', '$2.00 (1 call unknown)', '100%'],
      ['openai/unpriced', 'unknown (2 calls)', '–'],
    ]);
  });

  test.each([
    { prompt: null },
    { prompt: { name: 5, version: 1, hash: 2 } },
    { experiments: 'x' },
    { experiments: [null] },
    { canaries: {} },
    { cache: null },
    { promptCache: { attempts: 'x' } },
    null,
    'x',
  ])('passes over facts that are none, and tells all else: %j', async (facts) => {
    const odd = { ...receipt({ caller: { user: 'alice' } }), facts } as unknown as Receipt;
    const page = readPage(await render([odd, receipt()]));
    expect(page.total('Calls')).toBe('2');
    expect(page.text).not.toContain('Prompts');
  });

  test('tells users of different tenants apart', async () => {
    const { text } = readPage(
      await render([
        receipt({ caller: { user: 'alice', tenant: 'acme' } }),
        receipt({ caller: { user: 'alice', tenant: 'globex' } }),
      ]),
    );
    expect(text).toContain('alice acme $');
    expect(text).toContain('alice globex $');
    expect(text).toContain('Spend by tenant');
    expect(text).not.toContain('Spend by team');
  });

  test('tells what caches saved: in all, over time, by kind, and for whom', async () => {
    const kept = { origin: 'cache', attempts: [], costNanoUsd: 0 } as const;
    const fact = { kind: 'exact', savedMs: 60_000 } as const;
    const items = { known: 90, asked: 8, coalesced: 2 };
    const caller = { user: 'alice', team: 'apps' };
    const page = readPage(
      await render([
        receipt({
          ...kept,
          caller,
          facts: { cache: { ...fact, status: 'hit', savedNanoUsd: 3_000_000_000 } },
        }),
        receipt({ ...kept, caller, facts: { cache: { ...fact, kind: 'semantic', status: 'hit' } } }),
        receipt({ ...kept, facts: { cache: { ...fact, status: 'stale', savedNanoUsd: 500_000_000 } } }),
        receipt({
          ...kept,
          origin: 'coalesced',
          facts: { cache: { kind: 'exact', status: 'coalesced', savedNanoUsd: 0 } },
        }),
        receipt({ costNanoUsd: 6_500_000_000, facts: { cache: { kind: 'exact', status: 'miss' } } }),
        receipt({
          costNanoUsd: 0,
          facts: { cache: { kind: 'items', status: 'partial', items, savedNanoUsd: 10 } },
        }),
        receipt({ costNanoUsd: 0, facts: { cache: { kind: 'exact', status: 'bypass' } } }),
        receipt({ costNanoUsd: 0 }),
      ]),
    );
    expect(page.total('Saved by caches')).toBe('$3.50');
    expect(page.about('Saved by caches')).toBe(
      '35.0% of what would have been spent; more by 1 call of unknown price',
    );
    expect(page.total('Hit rate')).toBe('66.7%');
    expect(page.about('Hit rate')).toBe(
      '4 of 6 calls that a cache was asked for made no request; 1 passed it by',
    );
    expect(page.total('Kept answers')).toBe('3');
    expect(page.about('Kept answers')).toBe(
      '1 of them old, and asked for anew; beside them 1 shared with a call under way',
    );
    expect(page.total('Time saved')).toBe('3 min');
    expect(page.total('Known inputs')).toBe('90.0%');
    expect(page.table('cache')).toEqual([
      ['When', 'All', 'hit', 'stale', 'coalesced', 'partial', 'miss', 'bypass'],
      ['Tue, 10 Nov 2026, 12:00', '7', '2', '1', '1', '1', '1', '1'],
    ]);
    expect(page.table('cache-rate')[1]).toEqual(['Tue, 10 Nov 2026, 12:00', '66.7%', '0%']);
    expect(page.table('saved')).toEqual([
      ['When', 'All', 'exact', 'items'],
      ['Tue, 10 Nov 2026, 12:00', '$3.50', '$3.50', '$0.00000001'],
    ]);
    expect(page.below('Saved by kind')).toEqual([
      ['kind', 'Saved', 'Share', 'Answered', 'Time saved'],
      ['exact', '$3.50', '>99.9%', '3', '2 min'],
      ['items', '$0.00000001', '<0.1%', '0', '0 ms'],
      ['semantic', 'unknown (1 call)', '–', '1', '1 min'],
    ]);
    expect(page.below('Saved by user').slice(1)).toEqual([
      ['alice', '$3.00 (1 call unknown)', '85.7%', '2', '100%', '2 min'],
      ['no user named', '$0.50', '14.3%', '2', '50.0%', '1 min'],
    ]);
    expect(page.below('Saved by team')[1]?.[0]).toBe('apps');
    expect(page.text).not.toContain('Saved by tenant');
    expect(page.text).toContain('What caches saved is what their answers had cost');
  });

  test('tells what caches did where nothing has a price', async () => {
    const hit = receipt({
      origin: 'cache',
      attempts: [],
      caller: { user: 'alice' },
      facts: { cache: { status: 'hit', kind: 'exact', savedMs: 2_000 } },
    });
    const page = readPage(await render([hit]));
    expect(page.total('Saved by caches')).toBe('–');
    expect(page.text).toContain('Saved Nothing whose price is known.');
    expect(page.below('Saved by user').slice(1)).toEqual([
      ['alice', 'unknown (1 call)', '–', '1', '100%', '2.0 s'],
    ]);
  });

  test('tells savers beyond the first ten in one row', async () => {
    const hits = Array.from({ length: 12 }, (_, index) =>
      receipt({
        origin: 'cache',
        attempts: [],
        caller: { user: `user-${index}` },
        facts: {
          cache: { status: 'hit', kind: 'exact', savedNanoUsd: (12 - index) * 1_000_000_000, savedMs: 1_000 },
        },
      }),
    );
    const rows = readPage(await render(hits)).below('Saved by user');
    expect(rows).toHaveLength(12);
    expect(rows.at(-1)).toEqual(['2 others', '$3.00', '3.8%', '2', '100%', '2.0 s']);
  });

  test('tells how often the other savers were answered, whom nothing was saved for left out', async () => {
    const asking = (user: string, cache: CacheFact) =>
      receipt({
        ...(cache.status === 'hit' && { origin: 'cache', attempts: [] }),
        caller: { user },
        facts: { cache },
      });
    const all = Array.from({ length: 12 }, (_, index) => [
      asking(`user-${index}`, { status: 'hit', kind: 'exact', savedNanoUsd: 1_000_000_000, savedMs: 1_000 }),
      asking(`user-${index}`, { status: 'miss', kind: 'exact' }),
      asking(`cold-${index}`, { status: 'miss', kind: 'exact' }),
    ]);
    const rows = readPage(await render(all.flat())).below('Saved by user');
    expect(rows.at(-1)).toEqual(['2 others', '$2.00', '16.7%', '2', '50.0%', '2.0 s']);
  });

  test('tells what the caches of providers did, also where they cost more than they saved', async () => {
    const usage = {
      inputTokens: 1_000,
      outputTokens: 1,
      cachedInputTokens: 250,
      provenance: 'reported',
    } as const;
    const reading = (savedNanoUsd?: number) =>
      withPromptCache(receipt({ attempts: [attempt({ usage })] }), [
        { readTokens: 250, writtenTokens: 300, ...(savedNanoUsd === undefined ? {} : { savedNanoUsd }) },
      ]);
    const about = async (...all: readonly Receipt[]) => {
      const page = readPage(await render(all));
      expect(page.total('Providers’ own caches')).toBe('25.0%');
      expect(page.text).toContain('No call came to a cache.');
      expect(page.total('Hit rate')).toBeUndefined();
      return page.about('Providers’ own caches');
    };
    expect(await about(reading(2_000_000_000), reading(-500_000_000))).toBe(
      '$1.50 saved by input from there; 600 tokens written',
    );
    expect(await about(reading(-500_000_000), reading())).toBe(
      '$0.50 more spent than without them; 600 tokens written; 1 call of unknown price',
    );
  });

  test('tells budgets, how full they are, and what was lost', async () => {
    const { text } = readPage(await renderReport({ state: await budgeted('daily'), clock }));
    expect(text).toContain('No call of this time is kept.');
    expect(text).toContain('As they stood on 30 Nov 2026, 12:00');
    // Half of it is reserved, and half was lost, which counts as used.
    expect(text).toContain('daily · daily 100% $0.000005 $0.000005 $0.00001 1 Dec 2026, 12:00');
    expect(text).toContain('30 Nov 2026, 11:59 $0.000005 daily ( daily · daily ) daily');
  });

  test('says where there is nothing to tell, and what to do', async () => {
    const { text } = readPage(
      await render([receipt({ costNanoUsd: 0, attempts: [attempt({ costNanoUsd: 0 })] })]),
    );
    expect(text).toContain('No call says whose it is. Give it user , as in llm.run({ user }, …) .');
    expect(text).toContain('No call has the tag feature .');
    expect(text).toContain(
      'None of it has a known price, or it cost nothing. Here is what was used instead.',
    );
    expect(text).toContain('Tokens by model On average 15 per hour.');
    expect(text).toContain('No call failed or was refused.');
    expect(text).toContain(
      'No call came to a cache. With cache() among the interceptors, what is asked again',
    );
    expect(text).not.toContain('Saved by');
    expect(readPage(await render([])).text).toContain('No call of this time is kept.');
  });

  test('is of the time, the zone and the tag that were asked for', async () => {
    const at = (startedAt: number, feature: string) =>
      receipt({ startedAt, caller: { tags: { area: feature } } });
    const html = await render(
      [
        at(Date.parse('2026-10-31T22:59:59Z'), 'before'),
        at(Date.parse('2026-10-31T23:00:00Z'), 'first'),
        at(Date.parse('2026-11-30T22:59:59Z'), 'last'),
        at(Date.parse('2026-11-30T23:00:00Z'), 'after'),
      ],
      {
        from: '2026-11',
        to: '2026-12',
        timeZone: 'Europe/Berlin',
        tag: 'area',
        title: 'Of <November>',
        clock: manualClock(Date.UTC(2026, 11, 3)),
      },
    );
    const page = readPage(html);
    expect(page.total('Calls')).toBe('2');
    expect(page.table('features')).toHaveLength(31);
    expect(page.table('features')[1]?.[0]).toBe('Sun, 1 Nov 2026');
    expect(page.text).toContain(
      'Of <November> 1 Nov 2026 to 30 Nov 2026 (Europe/Berlin), made on 3 Dec 2026, 01:00',
    );
    expect(page.text).not.toMatch(/before|after /);
  });

  test('ends with now, where it was asked for more', async () => {
    const page = readPage(await render(calls('x'), { from: '2026-11', to: '2027-01' }));
    expect(page.table('models').at(-1)?.[0]).toBe('Mon, 30 Nov 2026');
  });
});

describe('a page by itself', () => {
  test('asks for nothing: no address, no file, no script but its own', async () => {
    const html = await render(calls('x'));
    expect(html).not.toMatch(/https?:|\/\/[a-z]|@import|url\(/i);
    expect(html).not.toMatch(/\b(?:src|href|action|srcset|data)\s*=/i);
    const [, script = ''] = /<script>(.*?)<\/script>/s.exec(html) ?? [];
    const hash = createHash('sha256').update(script).digest('base64');
    expect(html).toContain(
      `default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; script-src &#39;sha256-${hash}&#39;`,
    );
    expect(html.match(/<script/g)).toHaveLength(1);
  });

  test('has one heading of the first level, names for all drawings and tables, and ids that occur once', async () => {
    const html = await wholePage('x');
    expect(html.match(/<h1/g)).toHaveLength(1);
    const drawings = html.match(/<svg\s+class="marks"[^>]*>\s*<title>[^<]+</g) ?? [];
    expect(drawings).toHaveLength(html.match(/<svg\s+class="marks"/g)?.length ?? -1);
    expect(html.match(/<table/g)).toHaveLength(html.match(/<caption/g)?.length ?? -1);
    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, referred = ''] of html.matchAll(/aria-labelledby="([^"]*)"/g))
      for (const id of referred.split(' ')) expect(ids).toContain(id);
  });

  test('opens and closes all it opens, in order', async () => {
    const html = await wholePage('x');
    const open: string[] = [];
    for (const [tag, slash, name = ''] of html
      .replace(/<(?:style|script)>.*?<\/(?:style|script)>/gs, '')
      .matchAll(/<(\/?)(\w+)[^>]*>/g)) {
      if (/^(?:meta|!doctype)$/i.test(name) || tag.endsWith('/>')) continue;
      if (slash === '') open.push(name);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });
});

/** Of everything that a page can be about, all of it called the same. */
async function wholePage(name: string): Promise<string> {
  const state = await withCalls(await budgeted(name), calls(name));
  const [experiments, canaries] = [[decided(name)], [ramping(name)]];
  return renderReport({ state, clock, title: name, tag: 'feature', experiments, canaries });
}

async function withCalls(state: State, all: readonly Receipt[]): Promise<State> {
  await state.receipts?.append(all);
  return state;
}

const hostile = [
  '</script><script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '<!--',
  ']]>',
  '&lt;&amp;&#39;',
  '${alert(1)}`',
  '\u202Egnp.exe',
  '\u2066\u2067\u202a',
  '</bdi></th></table></style>',
  'javascript:alert(1)',
  '\u0000\u0007\u001b[31m',
  '\ud800',
  'x'.repeat(20_000),
  '__proto__',
  'constructor',
  '  ',
];

describe('names that users choose', () => {
  test('change nothing but the text, whatever they hold', async () => {
    const { tags } = readPage(await wholePage('harmless'));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.constantFrom(...hostile),
          fc.string({ unit: 'binary', maxLength: 60 }),
          fc
            .tuple(fc.constantFrom(...hostile.slice(0, 9)), fc.string({ maxLength: 9 }))
            .map((parts) => parts.join('')),
        ),
        async (name) => {
          const html = await wholePage(name);
          expect(readPage(html).tags.join('\n')).toBe(tags.join('\n'));
          expect(html.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
          expect(html.isWellFormed()).toBe(true);
          expect(html.length).toBeLessThan(120_000);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('are shown as they are, where they can be', async () => {
    expect(readPage(await wholePage(`O'Brien <&> "Söhne" 名前`)).text).toContain(`O'Brien <&> "Söhne" 名前`);
  });
});

describe('options', () => {
  test.each([
    [{}, '`report` needs `state` or `receipts`.'],
    [{ receipts: [], state: memoryState() }, 'not both'],
    [
      { state: { name: 'mine', shared: false, ledger: memoryState().ledger } },
      '`report.state` (`mine`) keeps no receipts',
    ],
    [{ receipts: [], from: '2026-13' }, '`report.from` is "2026-13"'],
    [{ receipts: [], from: '2026-12', to: '2026-12' }, '`report.to` is not after `from`'],
    [{ receipts: [], timeZone: 'Mars' }, '`report.timeZone` is "Mars"'],
    [{ receipts: [], tags: 'x' }, 'Did you mean `tag`?'],
    [{ receipts: [], tag: '' }, '`report.tag`'],
    [{ receipts: [], experiments: decided('x') }, '`report.experiments` must be a'],
    [{ receipts: [], experiments: [{ experiment: 'x' }] }, '`report.experiments.0.'],
    [{ receipts: [], experiments: [decided('x'), undefined] }, '`report.experiments.1`'],
    [{ receipts: [], canaries: [{ ...ramping('x'), phase: 'new' }] }, '`report.canaries.0.phase`'],
  ])('%# are refused by name', async (options, message) => {
    const error: unknown = await renderReport(options as ReportOptions).catch((thrown: unknown) => thrown);
    expect(ManagedLLMError.isInstance(error) && error.code).toBe('invalid-options');
    expect((error as Error).message).toContain(message);
  });

  test('take receipts from wherever they come, asynchronously or not', async () => {
    const log = new TinyLog();
    await log.append(calls('x'));
    const [fromLog, fromList] = [
      await renderReport({ receipts: log.read(), clock }),
      await render(calls('x')),
    ];
    expect(fromLog).toBe(fromList);
  });

  test('ask a state for no more than is wanted', async () => {
    const log = new TinyLog();
    await log.append(calls('x'));
    const asked: unknown[] = [];
    const read = log.read.bind(log);
    log.read = (filter) => {
      asked.push(filter);
      return read(filter);
    };
    await renderReport({
      state: { ...memoryState(), receipts: log },
      from: '2026-11-02',
      to: '2026-11-03',
      clock,
    });
    expect(asked).toEqual([{ from: november + dayMs, to: november + 2 * dayMs }]);
  });

  test('a store that breaks off breaks the page off', async () => {
    async function* broken(): AsyncGenerator<Receipt> {
      yield receipt();
      throw new ManagedLLMError({ code: 'state-unreachable', message: 'Gone.' });
    }
    await expect(renderReport({ receipts: broken(), clock })).rejects.toMatchObject({
      code: 'state-unreachable',
    });
  });
});
