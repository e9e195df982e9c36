import { manualClock } from 'managed-llm/testing';
import { expect, test } from 'vitest';
import type { CacheStore } from '../../../../src/core/cache-store.ts';
import { GivenStore } from '../../../../src/interceptors/cache/given-store.ts';

/** A store that answers what it is told to, over a clock that is driven. */
function given(answers: Partial<CacheStore> & { on?: unknown }) {
  const clock = manualClock();
  let asked = 0;
  const counted =
    <A extends unknown[], T>(answer: (...args: A) => T) =>
    (...args: A): T => {
      asked += 1;
      return answer(...args);
    };
  const all = {
    ...answers,
    get: counted(answers.get ?? (() => undefined)),
    set: counted(answers.set ?? (() => {})),
    delete: counted(answers.delete ?? (() => false)),
  };
  return { clock, all, store: new GivenStore(all, clock), asked: () => asked };
}

const message = (question: Promise<unknown>): Promise<string> =>
  question.then(
    () => 'answered',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

test('what is not answered within a second has failed, and nothing waits for the next half of one', async () => {
  let hangs = true;
  const get = () => (hangs ? new Promise<string>(() => {}) : 'kept');
  const { clock, store, asked } = given({ get });
  const first = message(store.get('key'));
  await clock.advance(999);
  expect(await Promise.race([first, 'waits'])).toBe('waits');
  await clock.advance(1);
  expect(await first).toBe('The store has not answered within 1000 ms.');
  await clock.advance(499);
  expect(await message(store.set('key', 'value', 1))).toMatch(/is asked again soon/);
  expect(asked()).toBe(1);
  await clock.advance(1);
  const probe = message(store.get('key'));
  expect(await message(store.get('key'))).toMatch(/is asked again soon/);
  expect(asked()).toBe(2);
  await clock.advance(1_000);
  await probe;
  hangs = false;
  await clock.advance(500);
  expect(await store.get('key')).toBe('kept');
  expect(await Promise.all([store.get('key'), store.get('key')])).toEqual(['kept', 'kept']);
});

test('what fails at once says nothing of other questions', async () => {
  const set = () => {
    throw new Error('full');
  };
  const { store } = given({ get: () => 'kept', set, delete: () => Promise.reject(new Error('read only')) });
  expect(await message(store.set('key', 'value', 1))).toBe('full');
  expect(await message(store.delete('key'))).toBe('read only');
  expect(await store.get('key')).toBe('kept');
});

test('a store that tells of an error has not answered that there is nothing', async () => {
  let tell = (): void => {};
  let listeners = 0;
  let fails = true;
  const on = (_event: string, listener: () => void): void => {
    listeners += 1;
    tell = listener;
  };
  const get = (): undefined => void (fails && tell());
  const { clock, all, store } = given({ get, on });
  // Given twice, it is listened to once.
  const again = new GivenStore(all, clock);
  expect(listeners).toBe(1);
  for (const each of [store, again])
    expect(await message(each.get('key'))).toBe('The store has told of an error.');
  fails = false;
  expect(await store.get('key')).toBeUndefined();
});

test('what is no text is damaged, and what was not taken has failed', async () => {
  const odd = { get: () => ({ a: 1 }), set: () => false } as unknown as Partial<CacheStore>;
  const { store } = given(odd);
  expect(await store.get('key')).toBe('');
  expect(await message(store.set('key', 'value', 1))).toBe('The store has not taken it.');
});

test('what is to be pinned is, or kept where the store pins nothing', async () => {
  const told: unknown[][] = [];
  const tells =
    (name: string) =>
    (...args: unknown[]): void =>
      void told.push([name, ...args]);
  const set = tells('set');
  await given({ set }).store.pin('key', 'value', 1);
  await given({ set, pin: tells('pin') }).store.pin('key', 'value', 1);
  expect(told).toEqual([
    ['set', 'key', 'value', 1],
    ['pin', 'key', 'value', 1],
  ]);
  expect(
    await message(given({ pin: () => Promise.reject(new Error('full')) }).store.pin('key', 'value', 1)),
  ).toBe('full');
});
