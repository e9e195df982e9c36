import { memoryState, type Receipt, type State } from 'managed-llm';
import { renderReport, type ReportOptions } from 'managed-llm/report';
import { manualClock } from 'managed-llm/testing';
import { describe, expect, test } from 'vitest';
import { experimentListing, type ExperimentDefinition } from '../../../src/experiments/definition.ts';
import { resultsOf } from '../../../src/experiments/results.ts';
import { receipt } from '../interceptors/receipts/receipts.ts';
import { readPage } from '../../../prove/report/read-page.ts';
import { decided, definition, ones, ramping, setsWon, sumsOf, zeros } from './measured.ts';

const now = Date.UTC(2026, 10, 30, 12);
const dayMs = 86_400_000;
const clock = manualClock(now);

async function pageOf(options: Partial<ReportOptions>) {
  const source = options.state === undefined ? { receipts: [] } : {};
  return readPage(await renderReport({ ...source, clock, ...options }));
}

async function listed(
  state: State,
  entry: ExperimentDefinition,
  at: number,
  sums: Readonly<Record<string, number>> = { 'control/calls': 1 },
): Promise<void> {
  const { documents, tallies } = state;
  if (documents === undefined || tallies === undefined) expect.fail('memory keeps both');
  await experimentListing(documents).add(entry, at);
  await tallies.add(entry.key, sums);
}

const inArm = (experiment: string, arm: string, said: Partial<Receipt> = {}) =>
  receipt({ facts: { experiments: [{ experiment, definition: '1', arm, by: 'user' }] }, ...said });

describe('results', () => {
  test('say in words what to do, and tell arms and how they compare', async () => {
    const page = await pageOf({ experiments: [decided('tone')] });
    expect(page.text).toContain('By the results that this page was given.');
    expect(page.text).toContain('tone Take tone-2 : it fails less often than tone .');
    expect(page.below('<bdi>tone</bdi>')).toEqual([
      ['arm', 'Calls', 'Share', 'Errors', 'Mean time', 'Mean cost', 'Score'],
      ['tone control', '2', '2.0%', '20.0%', '–', '–', '3.50'],
      ['tone-2', '100', '98.0%', '0%', '–', '–', '–'],
    ]);
    const compared = page.text.slice(page.text.indexOf('Compared with tone'));
    expect(compared).toMatch(
      /^Compared with tone arm Verdict Difference Between Evidence of 20 tone-2 better −20\.0 pp −[\d.]+ pp to [−+][\d.]+ pp [\d,.]+K? By everything/,
    );
  });

  test('say why bounds may contain 0 where the verdict is known', async () => {
    const { text } = await pageOf({ experiments: [decided('tone')] });
    expect(text).toContain('Evidence alone decides: “between” holds at all times');
  });

  test('of one name are numbered as they were given', async () => {
    const { text } = await pageOf({ experiments: [decided('tone'), decided('length'), decided('tone')] });
    for (const heading of ['tone 1 of 2 Take', 'tone 2 of 2 Take', 'length Take'])
      expect(text).toContain(heading);
  });

  test('tell of how many answers the cost is not known', async () => {
    const results = resultsOf(definition({ decideBy: 'costUsd' }), {
      ...sumsOf('control', 'error', zeros(300)),
      ...sumsOf('control', 'latencyMs', ones(300)),
      ...sumsOf('control', 'costUsd', ones(300)),
      ...sumsOf('warm', 'error', [...ones(5), ...zeros(295)]),
      ...sumsOf('warm', 'latencyMs', ones(295)),
    });
    const page = await pageOf({ experiments: [results] });
    expect(page.below('<bdi>tone</bdi>').map((row) => row[5])).toEqual([
      'Mean cost',
      '$1.00',
      'unknown (295 calls)',
    ]);
    expect(page.text).toContain('What 295 calls cost is not known, and not compared.');
  });

  test('are the same after they were written as JSON', async () => {
    const [results, canary] = [decided('tone'), ramping('calm')];
    const given = { experiments: [results], canaries: [canary] };
    const written: typeof given = JSON.parse(JSON.stringify(given));
    expect((await pageOf(written)).text).toBe((await pageOf(given)).text);
  });

  test('say which arm to keep where all others are worse', async () => {
    const rules = definition({ arms: ['a', 'b'], control: 'a' });
    const results = resultsOf(rules, {
      ...sumsOf('a', 'error', zeros(100)),
      ...sumsOf('b', 'error', [...ones(20), ...zeros(80)]),
      'b/error/sets/1:1:1': 20,
    });
    const { text } = await pageOf({ experiments: [results] });
    expect(text).toContain('tone Keep a : b fails more often.');
  });

  test('say that nothing is known yet, and what is wanted', async () => {
    const rules = definition();
    const some = { ...sumsOf('control', 'error', zeros(9)), ...sumsOf('warm', 'error', [1, ...zeros(8)]) };
    const cost = { ...sumsOf('control', 'costUsd', [0.5]), ...sumsOf('warm', 'costUsd', [0.25]) };
    const text = async (sums: Readonly<Record<string, number>>, decideBy: 'error' | 'costUsd') =>
      (await pageOf({ experiments: [resultsOf({ ...rules, decideBy }, sums)] })).text;
    expect(await text({}, 'error')).toContain(
      'Not known yet, going by errors. Nothing can be compared so far.',
    );
    expect(await text(some, 'error')).toContain(
      'Not known yet, going by errors. The most evidence on an open arm is 1.0, of the 20 that are needed.',
    );
    expect(await text(cost, 'costUsd')).toContain(
      'Not known yet, going by what calls cost. Means are compared from 200 subjects of each arm on.',
    );
    expect(await text(cost, 'costUsd')).toContain('warm open −$0.25 – 1.0');
  });

  test('tell of an arm that is known to be worse while others are open', async () => {
    const rules = definition({ arms: ['control', 'warm', 'cold'] });
    const { text } = await pageOf({
      experiments: [
        resultsOf(rules, {
          ...sumsOf('control', 'error', [...ones(20), ...zeros(80)]),
          ...sumsOf('warm', 'error', ones(100)),
          ...sumsOf('cold', 'error', [...ones(19), ...zeros(81)]),
          'warm/error/sets/1:1:1': 30,
        }),
      ],
    });
    expect(text).toContain('The most evidence on an open arm is 1.0, of the 40 that are needed.');
    expect(text).toContain('warm worse +80.0 pp');
    expect(text).toContain('cold open −1.0 pp');
  });
});

describe('experiments of a state', () => {
  test('are found by themselves, as they stand', async () => {
    const state = memoryState({ clock });
    await listed(state, definition(), now - dayMs, {
      ...sumsOf('control', 'error', [...ones(20), ...zeros(80)]),
      ...sumsOf('warm', 'error', zeros(100)),
      ...setsWon('warm', 'error', 20),
    });
    const { text } = await pageOf({ state });
    expect(text).toContain('As they stood on 30 Nov 2026, 12:00, whatever time this page is about.');
    expect(text).toContain('tone Take warm : it fails less often than control . Since 29 Nov 2026, 12:00.');
    expect(text).toContain('No call of this time is kept.');
  });

  test('are those that were in use at the time that is asked for', async () => {
    const state = memoryState({ clock });
    const at = { before: -40, across: -12, at: -5, after: 2 };
    for (const [name, day] of Object.entries(at))
      await listed(state, definition({ key: name, name }), now + day * dayMs);
    await listed(state, definition({ key: 'across', name: 'across' }), now - 2 * dayMs);
    const { text } = await pageOf({ state, from: '2026-11-20', to: '2026-11-30' });
    const section = text.slice(text.indexOf('Experiments'));
    for (const name of ['across', 'at']) expect(section).toContain(`${name} Not known yet`);
    for (const name of ['before', 'after']) expect(section).not.toContain(`${name} Not known yet`);
  });

  test('are told once of each name: the one that was in use last', async () => {
    const state = memoryState({ clock });
    await listed(state, definition({ key: 'first' }), now - 3 * dayMs, { 'control/calls': 11 });
    await listed(state, definition({ key: 'second' }), now - 2 * dayMs, { 'control/calls': 22 });
    await listed(state, definition({ key: 'first' }), now - dayMs);
    const page = await pageOf({ state });
    expect(page.below('<bdi>tone</bdi>')[1]?.slice(0, 2)).toEqual(['control', '12']);
    expect(page.text.match(/Not known yet/g)).toHaveLength(1);
  });

  test('are a dozen at most, those that were in use last, and the others are counted', async () => {
    const state = memoryState({ clock });
    for (let each = 0; each < 15; each++)
      await listed(state, definition({ key: `k${each}`, name: `n${each}` }), now - dayMs + each);
    const { text } = await pageOf({ state });
    expect(text.match(/Not known yet/g)).toHaveLength(12);
    expect(text).toContain('n14 Not known yet');
    expect(text).toContain('And 3 more.');
  });

  test('give way to results that are given', async () => {
    const state = memoryState({ clock });
    await listed(state, definition(), now);
    const { text } = await pageOf({ state, experiments: [decided('length')] });
    expect(text).not.toContain('tone Not known yet');
    expect(text).toContain('length Take length-2');
  });
});

describe('where only receipts are at hand', () => {
  const receipts = [
    inArm('tone', 'warm', { costNanoUsd: 3_000_000_000, durationMs: 1_000 }),
    inArm('tone', 'warm', { costNanoUsd: 1_000_000_000, durationMs: 3_000 }),
    inArm('tone', 'control', { outcome: 'failed', costNanoUsd: 0 }),
    inArm('tone', 'control', { costNanoUsd: undefined, origin: 'cache', attempts: [] }),
  ];

  test('arms are told by them, without evidence', async () => {
    const page = await pageOf({ receipts });
    expect(page.text).toContain('tone From receipts alone, since its counts are not at hand: without scores');
    expect(page.below('<bdi>tone</bdi>')).toEqual([
      ['arm', 'Calls', 'Share', 'Errors', 'Cost a call', 'p50', 'p95'],
      ['control', '2', '50.0%', '50.0%', 'unknown (1 call)', '–', '–'],
      ['warm', '2', '50.0%', '0%', '$2.00', '1.0 s', '3.0 s'],
    ]);
    expect(page.text).not.toMatch(/Evidence|evidence/);
  });

  test('those whose counts are at hand are not told a second time', async () => {
    const page = await pageOf({
      receipts: [...receipts, inArm('length', 'short')],
      experiments: [decided('tone')],
    });
    expect(page.text).toContain('tone Take tone-2');
    expect(page.text).not.toContain('tone From receipts alone');
    expect(page.text).toContain('length From receipts alone');
  });

  test('there is no section where there was no experiment', async () => {
    expect((await pageOf({ receipts: [receipt()] })).text).not.toContain('Experiments');
  });
});
