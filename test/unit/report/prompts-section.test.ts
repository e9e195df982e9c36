import type { PromptFact, Receipt } from 'managed-llm';
import { renderReport } from 'managed-llm/report';
import { manualClock } from 'managed-llm/testing';
import { expect, test } from 'vitest';
import { attempt, receipt } from '../interceptors/receipts/receipts.ts';
import { readPage } from '../../../prove/report/read-page.ts';

const start = Date.UTC(2026, 10, 1);
const dayMs = 86_400_000;
const fact = (version: string, said: Partial<PromptFact> = {}): PromptFact => ({
  name: 'support',
  version,
  hash: `hash-of-${version}`,
  ...said,
});
const of = (prompt: PromptFact, day: number, said: Partial<Receipt> = {}) =>
  receipt({ facts: { prompt }, startedAt: start + day * dayMs, durationMs: 2_000, ...said });

async function pageOf(receipts: readonly Receipt[]) {
  return readPage(await renderReport({ receipts, clock: manualClock(Date.UTC(2026, 10, 30)) }));
}

test('tells each version of a prompt: calls, errors, cost and tokens a call, times, and when it was used', async () => {
  const page = await pageOf([
    of(fact('1'), 0, { costNanoUsd: 2_000_000_000 }),
    of(fact('1', { label: 'production' }), 1, { costNanoUsd: 4_000_000_000, durationMs: 9_000 }),
    // Its price is not known: it is in no mean.
    of(fact('1', { label: 'staging' }), 2, { costNanoUsd: undefined, outcome: 'failed', attempts: [] }),
    of(fact('2'), 3, { costNanoUsd: 0, attempts: [attempt({ usage: undefined })] }),
    of(fact('1', { name: 'summarize' }), 4),
    receipt(),
  ]);
  expect(page.text).toContain('2 prompts in 3 versions; the one that was used last comes first.');
  expect(page.after('prompts')).toEqual([
    ['version', 'Calls', 'Errors', 'Cost a call', 'p50', 'p95', 'Tokens a call', 'First used', 'Last used'],
    [
      'summarize @ 1 hash-of-',
      '1',
      '0%',
      '$0.000001',
      '2.0 s',
      '2.0 s',
      '15',
      '5 Nov 2026, 00:00',
      '5 Nov 2026, 00:00',
    ],
    [
      'support @ 2 hash-of-',
      '1',
      '0%',
      '$0',
      '2.0 s',
      '2.0 s',
      '0',
      '4 Nov 2026, 00:00',
      '4 Nov 2026, 00:00',
    ],
    [
      'support @ 1 hash-of- production staging',
      '3',
      '33.3%',
      '$3.00 (1 call unknown)',
      '2.0 s',
      '9.0 s',
      '10',
      '1 Nov 2026, 00:00',
      '3 Nov 2026, 00:00',
    ],
  ]);
});

test('tells one version with two contents as two', async () => {
  const page = await pageOf([of(fact('1'), 0), of(fact('1', { hash: 'another-one' }), 1)]);
  expect(page.after('prompts').map(([version]) => version)).toEqual([
    'version',
    'support @ 1 another-',
    'support @ 1 hash-of-',
  ]);
});

test('is not there where no call was rendered from a prompt', async () => {
  expect((await pageOf([receipt()])).text).not.toContain('Prompts');
});

test('shows the versions that were used last, and says how many there are', async () => {
  const versions = Array.from({ length: 45 }, (_, version) => of(fact(`${version}`), version / 2));
  const page = await pageOf(versions);
  expect(page.text).toContain('The 30 versions that were used last, of 45');
  const [, first, ...rest] = page.after('prompts');
  expect([first?.[0], rest.at(-1)?.[0]]).toEqual(['support @ 44 hash-of-', 'support @ 15 hash-of-']);
});

test('keeps those that were used last where there are too many, and says so', async () => {
  const versions = Array.from({ length: 5_000 }, (_, version) => of(fact(`${version}`), version / 250));
  const page = await pageOf(versions);
  expect(page.after('prompts')[1]?.[0]).toBe('support @ 4999 hash-of-');
  expect(page.text).toContain('There were too many versions of prompts');
});

test('tells how many there were beside those that are kept', async () => {
  const versions = Array.from({ length: 201 }, (_, version) => of(fact(`${version}`), version / 250));
  const { text } = await pageOf(versions);
  expect(text).toContain('201 versions; the one that was used last comes first.');
  expect(text).toContain('The 30 versions that were used last, of 201');
  const many = Array.from({ length: 11_000 }, (_, version) => of(fact(`${version}`), version / 1_000));
  expect((await pageOf(many)).text).toMatch(/More than 10,\d00 versions; .* of more than 10,\d00 version/);
});

test('marks a version that was left out and came again: it had more calls, and may have been used before', async () => {
  const others = Array.from({ length: 200 }, (_, version) => of(fact(`other ${version}`), 1 + version / 250));
  const page = await pageOf([of(fact('old'), 0), of(fact('old'), 0.5), ...others, of(fact('old'), 3)]);
  const [, old, other] = page.after('prompts');
  expect([old?.[0], old?.[1], old?.[7]]).toEqual(['support @ old hash-of-', '≥ 1', '≤ 4 Nov 2026, 00:00']);
  expect([other?.[0], other?.[1], other?.[7]]).toEqual([
    'support @ other 199 hash-of-',
    '1',
    '2 Nov 2026, 19:06',
  ]);
  expect(page.text).toContain(
    'Of those marked with ≥ that were used again since, earlier calls are not counted.',
  );
});

test('tells no mean cost of calls that failed for nothing beside others of unknown price', async () => {
  const page = await pageOf([
    of(fact('1'), 0, { costNanoUsd: 0, outcome: 'failed' }),
    of(fact('1'), 1, { costNanoUsd: undefined }),
    of(fact('1'), 2, { costNanoUsd: undefined }),
  ]);
  expect(page.after('prompts')[1]?.[3]).toBe('unknown (2 calls)');
});

test('shows a few labels of a version, however many it had', async () => {
  const labelled = Array.from({ length: 20 }, (_, label) => of(fact('1', { label: `label-${label}` }), 0));
  const [, row] = (await pageOf(labelled)).after('prompts');
  expect(row?.[0]).toBe('support @ 1 hash-of- label-0 label-1 label-2 label-3');
});
