import {
  canary,
  experiment,
  memoryState,
  ManagedLLMError,
  receipts as receiptsOf,
  type Documents,
  type State,
} from 'managed-llm';
import { renderReport, type ReportOptions } from 'managed-llm/report';
import { manualClock, type ManualClock } from 'managed-llm/testing';
import { expect, test } from 'vitest';
import { readPage } from '../../prove/report/read-page.ts';
import { governed, openai } from './governed.ts';

const dayMs = 86_400_000;
const start = Date.UTC(2026, 10, 10);
const short = { parameters: { maxOutputTokens: 50 } };

function world(clock: ManualClock, state: State) {
  const length = experiment({ name: 'length', arms: { control: {}, short }, by: 'call' });
  const calm = canary({ name: 'calm', canary: { parameters: { temperature: 0 } }, by: 'call' });
  const all = governed(
    { state, interceptors: [length, calm, receiptsOf()] },
    {},
    { provider: governed().provider, clock },
  );
  const pageOf = async (options: Partial<ReportOptions> = {}) => {
    await all.llm.idle();
    return readPage(await renderReport({ state, clock, ...options }));
  };
  return { ...all, length, calm, pageOf };
}

function open() {
  const clock = manualClock(start);
  const state = memoryState({ clock });
  return { clock, state };
}

test('a page finds what is tried out in a state by itself, as it stands', async () => {
  const { clock, state } = open();
  const { llm, calm, pageOf } = world(clock, state);
  expect((await pageOf()).text).not.toContain('Experiments');
  for (let call = 0; call < 20; call++) await openai.create(llm);
  const page = await pageOf();
  expect(
    page
      .below('<bdi>length</bdi>')
      .slice(1)
      .reduce((sum, [, calls]) => sum + Number(calls), 0),
  ).toBe(20);
  expect(
    page
      .below('<bdi>calm</bdi>')
      .slice(1)
      .reduce((sum, [, calls]) => sum + Number(calls), 0),
  ).toBe(20);
  expect(page.text).toContain('length Not known yet, going by errors.');
  expect(page.text).toContain('calm Ramping up: 5% of subjects get it since 10 Nov 2026, 00:00.');
  await calm.promote({ by: 'alice', reason: 'we are sure' });
  expect((await pageOf()).text).toContain('promoted alice we are sure');
});

test('a page of another time leaves out what was tried out before or after it', async () => {
  const { clock, state } = open();
  const { llm, calm, pageOf } = world(clock, state);
  await openai.create(llm);
  await llm.idle();
  await clock.advance(3 * dayMs);
  await openai.create(llm);
  await calm.abort({ by: 'alice' });
  await clock.advance(10 * dayMs);
  const told = async (from: string, to: string) => {
    const { text } = await pageOf({ from, to });
    return [text.includes('length Not known yet'), text.includes('calm Rolled back')];
  };
  expect(await told('2026-11-01', '2026-11-09')).toEqual([false, false]);
  expect(await told('2026-11-01', '2026-11-11')).toEqual([true, true]);
  expect(await told('2026-11-12', '2026-11-13')).toEqual([true, true]);
  expect(await told('2026-11-20', '2026-11-22')).toEqual([false, false]);
});

test('a canary that was promoted long ago is told as long as it divides calls', async () => {
  const { clock, state } = open();
  const { llm, calm, pageOf } = world(clock, state);
  await openai.create(llm);
  await calm.promote({ by: 'alice' });
  await clock.advance(5 * dayMs);
  expect((await pageOf({ from: '2026-11-14' })).text).not.toContain('calm Promoted');
  await openai.create(llm);
  const { text } = await pageOf({ from: '2026-11-14' });
  expect(text).toContain('calm Promoted: all get it since 10 Nov 2026, 00:00.');
  expect(text).not.toContain('From receipts alone');
});

test('what could not be listed is listed a minute later, and no call is hurt', async () => {
  const { clock, state } = open();
  const documents = state.documents ?? expect.fail();
  let isDown = true;
  const gone = () =>
    Promise.reject(new ManagedLLMError({ code: 'state-unreachable', message: 'The state is gone.' }));
  const flaky: Documents = {
    read: (key) => (isDown ? gone() : documents.read(key)),
    write: (...all) => (isDown ? gone() : documents.write(...all)),
  };
  const { llm, pageOf, receipts, errors } = world(clock, { ...state, documents: flaky });
  await openai.create(llm);
  await openai.create(llm);
  await llm.idle();
  expect(receipts.map(({ outcome }) => outcome)).toEqual(['finished', 'finished']);
  expect(errors.every(({ code }) => code === 'state-unreachable')).toBe(true);
  expect((await pageOf()).text).toContain('could not be read from the state: The state is gone.');
  isDown = false;
  await openai.create(llm);
  expect((await pageOf()).text).not.toContain('length Not known yet');
  await clock.advance(60_000);
  await openai.create(llm);
  const page = await pageOf();
  expect(page.text).toContain('length Not known yet');
  expect(
    page
      .below('<bdi>length</bdi>')
      .slice(1)
      .reduce((sum, [, calls]) => sum + Number(calls), 0),
  ).toBe(4);
});

test('a store that keeps neither documents nor tallies has a page all the same', async () => {
  const { clock, state } = open();
  const { documents: _documents, tallies: _tallies, ...bare } = state;
  const { text } = readPage(await renderReport({ state: bare, clock }));
  expect(text).toContain('No call of this time is kept.');
});
