import type { Receipt, ReceiptExport } from 'managed-llm';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exportReceipts } from '../../../../src/interceptors/receipts/export.ts';
import { receipt, TinyLog } from './receipts.ts';

async function exported(all: readonly Receipt[], wanted: ReceiptExport): Promise<string> {
  const log = new TinyLog();
  log.stored.push(...all);
  let text = '';
  for await (const piece of exportReceipts(log, wanted, async () => {})) text += piece;
  return text;
}

/** As RFC 4180 says, written for this test. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (quoted) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') cell += text[(at += 1)];
      else quoted = false;
    } else if (character === '"' && cell === '') quoted = true;
    else if (character === ',') {
      row.push(cell);
      cell = '';
    } else if (text.startsWith('\r\n', at)) {
      rows.push([...row, cell]);
      [row, cell] = [[], ''];
      at += 1;
    } else cell += character;
  }
  expect([quoted, row, cell]).toEqual([false, [], '']);
  return rows;
}

async function csvOf(all: readonly Receipt[]): Promise<Record<string, string>[]> {
  const [head = [], ...rows] = parseCsv(await exported(all, { format: 'csv' }));
  for (const row of rows) expect(row).toHaveLength(head.length);
  return rows.map((row) => Object.fromEntries(head.map((name, index) => [name, row[index] ?? ''])));
}

describe('CSV', () => {
  test('has a line of names, and one for each receipt', async () => {
    const [row] = await csvOf([
      receipt({
        callId: 'c-1',
        caller: { user: 'alice', tenant: 'acme', roles: ['a', 'b'], tags: { feature: 'search' } },
        costNanoUsd: 12,
        facts: {
          route: { name: 'smart', path: '', because: '', first: true },
          cache: {
            status: 'partial',
            kind: 'items',
            reason: 'expired',
            items: { known: 90, asked: 8, coalesced: 2 },
            savedNanoUsd: 900,
            savedMs: 40,
          },
          semantic: { verdict: 'too far', similarity: 0.81, key: 'answer:x' },
          promptCache: { readTokens: 0, writtenTokens: 2_048, savedNanoUsd: -1_500_000_000, attempts: [] },
          prompt: { name: 'support', version: '3', hash: 'imuEeUFQN1xvBrzk' },
        },
      }),
    ]);
    expect(row).toEqual({
      callId: 'c-1',
      parentId: '',
      startedAt: '2026-11-10T12:00:00.000Z',
      durationMs: '100',
      firstEventMs: '',
      user: 'alice',
      team: '',
      tenant: 'acme',
      roles: '["a","b"]',
      tags: '{"feature":"search"}',
      operation: 'chat',
      dialect: 'openai-chat',
      provider: 'openai',
      asked: 'gpt-6-luna',
      route: 'smart',
      target: 'openai/gpt-6-luna',
      servedModel: 'gpt-6-luna',
      stream: 'false',
      outcome: 'finished',
      origin: 'provider',
      status: '200',
      error: '',
      errorCode: '',
      attempts: '1',
      inputTokens: '10',
      outputTokens: '5',
      cachedInputTokens: '',
      reasoningTokens: '',
      usageProvenance: 'reported',
      costUsd: '0.000000012',
      costNanoUsd: '12',
      stopReason: 'stop',
      cache: 'partial',
      cacheKind: 'items',
      cacheReason: 'expired',
      semantic: 'too far',
      semanticSimilarity: '0.81',
      cacheItemsKnown: '90',
      cacheItemsAsked: '8',
      cacheItemsCoalesced: '2',
      savedUsd: '0.0000009',
      savedNanoUsd: '900',
      savedMs: '40',
      promptCacheReadTokens: '0',
      promptCacheWrittenTokens: '2048',
      promptCacheSavedUsd: '-1.5',
      promptCacheSavedNanoUsd: '-1500000000',
      prompt: 'support',
      promptVersion: '3',
      promptHash: 'imuEeUFQN1xvBrzk',
    });
    const [none] = await csvOf([receipt()]);
    expect([none?.['cache'], none?.['savedUsd'], none?.['promptCacheSavedUsd'], none?.['prompt']]).toEqual([
      '',
      '',
      '',
      '',
    ]);
  });

  test('is the line of names alone where there is nothing', async () => {
    expect((await exported([], { format: 'csv' })).split('\r\n')).toHaveLength(2);
  });

  test('keeps any text in its cell', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string(), async (user, tenant) => {
        const [row, next] = await csvOf([receipt({ caller: { user, tenant } }), receipt()]);
        const told = row?.['user'] ?? '';
        expect(told === user || told === `'${user}`).toBe(true);
        expect(next?.['user']).toBe('');
      }),
    );
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1', '=cmd|" /C calc"!A0'])(
    'lets no spreadsheet take %j for a formula',
    async (user) => {
      const [row] = await csvOf([receipt({ caller: { user } })]);
      expect(row?.['user']).toBe(`'${user}`);
    },
  );

  test('leaves numbers numbers', async () => {
    const [row] = await csvOf([receipt({ costNanoUsd: 1_000_000_001 })]);
    expect(row?.['costUsd']).toBe('1.000000001');
    expect((await csvOf([receipt({ costNanoUsd: undefined })]))[0]?.['costUsd']).toBe('');
  });
});

test('JSON Lines are the receipts, one a line', async () => {
  const all = [receipt({ caller: { user: 'a\nb' } }), receipt()];
  const lines = (await exported(all, { format: 'jsonl' })).split('\n');
  expect(lines.pop()).toBe('');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
    all.map((one) => JSON.parse(JSON.stringify(one)) as unknown),
  );
});

test('an export is of what is selected, and other formats are refused at once', async () => {
  const all = [receipt({ caller: { user: 'alice' } }), receipt()];
  expect((await exported(all, { format: 'jsonl', user: 'alice' })).split('\n')).toHaveLength(2);
  expect(() => exportReceipts(new TinyLog(), { format: 'xml' } as never, async () => {})).toThrow(
    '`export.format` must be "csv" or "jsonl".',
  );
});
