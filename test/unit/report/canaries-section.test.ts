import { ManagedLLMError, memoryState, type CanaryStatus, type State } from 'managed-llm';
import { renderReport } from 'managed-llm/report';
import { manualClock } from 'managed-llm/testing';
import { expect, test } from 'vitest';
import { readPage } from '../../../prove/report/read-page.ts';
import { receipt } from '../interceptors/receipts/receipts.ts';
import { ramping } from './measured.ts';

const clock = manualClock(Date.UTC(2026, 10, 30, 12));
const htmlOf = (canaries: readonly CanaryStatus[]) => renderReport({ receipts: [], canaries, clock });
const pageOf = async (...canaries: readonly CanaryStatus[]) => readPage(await htmlOf(canaries));

test('tells how far a canary is, what it waits for, and what was seen of both arms', async () => {
  const page = await pageOf(ramping('v4'));
  expect(page.text).toContain(
    'v4 Ramping up: 25% of subjects get it since 20 Nov 2026, 10:00. It began on 19 Nov 2026, 10:00. Waits for: waits v4',
  );
  expect(page.text).toContain('Step 2 of 3: 5%, 25%, 50%, then all');
  expect(page.below('<bdi>v4</bdi>')).toEqual([
    ['arm', 'Calls', 'Subjects', 'Errors', 'p95', 'Mean cost', 'Score'],
    ['stable', '4,000', '800', '2.0%', '3.1 s', '$0.0042', '–'],
    ['canary', '210', '91', '3.3%', '3.1 s', '$0.0042', '0.500'],
  ]);
});

test('tells of each guard what is shown, and of each change when, by whom and why', async () => {
  const { text } = await pageOf(ramping('v4'));
  expect(text).toContain('errorRate open 12.0% 31.0% shown v4 p95LatencyMs held 0% 100% below 4 s');
  expect(text).toContain('20 Nov 2026, 10:00 to 25% v4 reason v4 20 Nov 2026, 09:00 to 5% itself it began');
});

test('tells how it ended', async () => {
  const promoted = ramping('new', { phase: 'promoted', percent: 100, step: 2, waitsFor: '' });
  const back = ramping('old', {
    phase: 'rolled-back',
    percent: 0,
    waitsFor: '',
    history: [
      { at: 0, by: 'alice', from: 'ramping', to: 'promoted', percent: 100, reason: 'all is well' },
      { at: 1, by: 'bob', from: 'promoted', to: 'rolled-back', percent: 0, reason: 'it was not' },
    ],
  });
  const { text } = await pageOf(promoted, back);
  expect(text).toContain('new Promoted: all get it since 20 Nov 2026, 10:00.');
  expect(text).toContain('old Rolled back: nobody gets it since 20 Nov 2026, 10:00.');
  expect(text).toContain('rolled back bob it was not 1 Jan 1970, 00:00 promoted alice all is well');
  expect(text).not.toContain('Waits for');
});

test('draws the steps that it has come to, those before it was rolled back faded', async () => {
  const colours = async (said: Partial<CanaryStatus>) =>
    [
      ...(await htmlOf([ramping('x', said)])).matchAll(
        /<path class="(f\d(?: reserved)?|rest)" d="M[\d.]+ 0H/g,
      ),
    ].map(([, colour]) => colour);
  expect(await colours({})).toEqual(['f1', 'f1', 'rest', 'rest']);
  expect(await colours({ phase: 'promoted', percent: 100 })).toEqual(['f3', 'f3', 'f3', 'f3']);
  expect(await colours({ phase: 'rolled-back', percent: 0 })).toEqual([
    'f6 reserved',
    'f6 reserved',
    'rest',
    'rest',
  ]);
});

test('shows a dozen, and the latest changes of a long history', async () => {
  const history = Array.from(
    { length: 50 },
    (_, at) =>
      ({
        at,
        by: undefined,
        from: 'ramping',
        to: 'ramping',
        percent: 25,
        reason: `change ${at}`,
      }) as const,
  );
  const many = Array.from({ length: 14 }, (_, index) => ramping(`canary-${index}`, { history }));
  const { text } = await pageOf(...many);
  expect(text.match(/The latest 10 changes/g)).toHaveLength(12);
  expect(text).not.toContain('change 39 ');
  expect(text).toContain('And 2 more.');
});

test('tells apart those of one name by when they began', async () => {
  const { text } = await pageOf(ramping('v4'), ramping('v4', { startedAt: 0 }), ramping('v5'));
  expect(text).toContain('v4 begun on 19 Nov 2026, 10:00 Ramping up');
  expect(text).toContain('v4 begun on 1 Jan 1970, 00:00 Ramping up');
  expect(text).not.toContain('v5 begun on');
});

test('tells no mean cost of an arm whose calls have no known price, as receipts tell', async () => {
  const status = ramping('v4');
  const arms = { ...status.arms, canary: { ...status.arms.canary, costUsd: 0 } };
  const of = (arm: 'stable' | 'canary') =>
    receipt({
      facts: { canaries: [{ canary: 'v4', definition: '1', arm, percent: 5, by: 'user' }] },
      costNanoUsd: undefined,
    });
  const receipts = [of('stable'), of('canary'), of('canary')];
  const page = readPage(await renderReport({ receipts, canaries: [{ ...status, arms }], clock }));
  const costs = page.below('<bdi>v4</bdi>').map((row) => row[5]);
  expect(costs).toEqual(['Mean cost', '$0.0042 (1 call unknown)', 'unknown (2 calls)']);
});

test('says that it cannot be read, and why, while all else is told', async () => {
  const render = async (thrown: unknown) => {
    const state = memoryState({ clock });
    const documents = { ...state.documents, read: () => Promise.reject(thrown) };
    return readPage(await renderReport({ state: { ...state, documents } as State, clock }));
  };
  const gone = new ManagedLLMError({ code: 'state-unreachable', message: 'It is <gone>.' });
  const { text } = await render(gone);
  expect(text).toContain('Canaries Where canaries stand could not be read from the state: It is <gone>.');
  expect(text).toContain('What was counted of experiments could not be read from the state: It is <gone>.');
  expect(text).toContain('No call of this time is kept.');
  // Of others, no words: they may tell what nobody is to read.
  expect((await render(new TypeError('a secret'))).text).toContain('from the state: TypeError');
});

test('is not there where there is no canary', async () => {
  expect((await pageOf()).text).not.toContain('Canaries');
});

test('tells the arms of one whose status is not at hand from receipts alone, and of no other', async () => {
  const divided = (canary: string, arm: 'stable' | 'canary') =>
    receipt({
      facts: { canaries: [{ canary, definition: '1', arm, percent: 5, by: 'user' }] },
      durationMs: 2_000,
    });
  const receipts = [
    divided('v5', 'stable'),
    divided('v5', 'stable'),
    divided('v5', 'canary'),
    divided('v4', 'canary'),
  ];
  const page = readPage(await renderReport({ receipts, canaries: [ramping('v4')], clock }));
  expect(page.text).toContain('v5 From receipts alone, since where it stands is not at hand.');
  expect(page.below('<bdi>v5</bdi>').slice(1)).toEqual([
    ['canary', '1', '33.3%', '0%', '$0.000001', '2.0 s', '2.0 s'],
    ['stable', '2', '66.7%', '0%', '$0.000001', '2.0 s', '2.0 s'],
  ]);
  expect(page.text).toContain('v4 Ramping up');
  expect(page.text).not.toContain('v4 From receipts alone');
});
