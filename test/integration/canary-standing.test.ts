import { canaryStatuses, memoryState, type Documents, type State } from 'managed-llm';
import { describe, expect, test } from 'vitest';
import { endCanary } from '../../src/canaries/end-canary.ts';
import { armsOf, ask, world, type World } from './canaries.ts';
import { openai, rejection } from './governed.ts';

const keyOf = async (all: World): Promise<string> =>
  `canary:short:${(await all.rollout.status()).definition}`;

/** A state whose documents are asked through functions that can be replaced. */
function replaceable(kept: State = memoryState()) {
  const held = kept.documents ?? expect.fail();
  const own = {
    read: async (key: string) => held.read(key),
    write: async (...given: Parameters<Documents['write']>) => held.write(...given),
  };
  const documents: Documents = {
    read: (key) => own.read(key),
    write: (...given) => own.write(...given),
  };
  return { own, held, state: { ...kept, documents } };
}

/** Puts a text where a canary stands. */
async function put({ documents }: State, key: string, text: string): Promise<void> {
  const found = await documents?.read(key);
  expect(await documents?.write(key, text, found?.version)).toMatchObject({ ok: true });
}

describe('the first calls of a process', () => {
  test('wait for where the canary stands, so that all get one that is promoted', async () => {
    const { state } = replaceable();
    await world({}, { state }).rollout.promote({ by: 'alice' });
    const all = world({}, { state });
    await Promise.all(Array.from({ length: 19 }, () => openai.create(all.llm)));
    await all.llm.idle();
    expect(armsOf(all)).toEqual(Array.from({ length: 19 }, () => 'canary'));
  });

  test('wait a quarter of a second at most, all of them together, and are stable then', async () => {
    const { own, state } = replaceable();
    own.read = () => new Promise(() => {});
    const all = world({ percent: 99.9 }, { state });
    let answered = 0;
    const asked = Promise.all([1, 2].map(() => openai.create(all.llm).then(() => answered++)));
    await all.clock.advance(249);
    expect(answered).toBe(0);
    await all.clock.advance(1);
    await asked;
    // Nobody else waits.
    await openai.create(all.llm);
    expect(armsOf(all)).toEqual([undefined, undefined, undefined]);
  });
});

test('a clock that is set back makes no process deaf: its next call hears what others have made of it', async () => {
  const { state } = replaceable();
  const other = world({ percent: 99.9 }, { state });
  let aheadMs = 3_600_000;
  const clock = { ...other.clock, now: () => other.clock.now() + aheadMs };
  const all = world({ percent: 99.9 }, { state }, { ...other, clock });
  await ask(all, 0, 1);
  await other.rollout.abort({ by: 'alice' });
  aheadMs = 0;
  await ask(all, 1, 2);
  expect(armsOf(all)).toEqual(['canary', 'stable']);
});

test('a read that was begun before a step was taken does not undo it, however late it is answered', async () => {
  const { own, held, state } = replaceable();
  const all = world({ percent: 99.9 }, { state });
  await ask(all, 0, 1);
  const read = own.read;
  const late = Promise.withResolvers<void>();
  own.read = async (key) => {
    own.read = read;
    const found = await held.read(key);
    await late.promise;
    return found;
  };
  await all.clock.advance(1_500);
  // Asks behind its back.
  await openai.create(all.llm.with({ user: 'user-0' }));
  await all.rollout.abort({ by: 'alice' });
  late.resolve();
  await ask(all, 0, 2);
  expect(armsOf(all)).toEqual(['canary', 'canary', 'stable', 'stable']);
});

describe('a document that is none', () => {
  const some = { definition: { name: 'short' }, phase: 'ramping', step: 0 };
  test.each(['', 'not json', 'null', '{}', '[]', '{"history":[]}', JSON.stringify(some)])(
    'leaves calls stable and is reported, and by hand it is written anew: %s',
    async (text) => {
      const { state } = replaceable();
      const key = await keyOf(world({ percent: 99.9 }, { state }));
      await put(state, key, text);
      const all = world({ percent: 99.9 }, { state });
      await ask(all, 0, 3);
      expect(armsOf(all)).toEqual([undefined, undefined, undefined]);
      expect(all.receipts.map(({ outcome }) => outcome)).toEqual(['finished', 'finished', 'finished']);
      expect(all.errors.map(({ code }) => code)).toEqual(['state-incompatible']);
      expect(await rejection(all.rollout.status())).toMatchObject({
        code: 'state-incompatible',
        message: expect.stringContaining(key),
      });
      expect(await canaryStatuses(state)).toEqual([]);
      await all.rollout.abort({ by: 'alice' });
      expect(await all.rollout.status()).toMatchObject({ phase: 'rolled-back', history: [{ by: 'alice' }] });
      expect(await canaryStatuses(state)).toHaveLength(1);
    },
  );

  test('that comes while it is rolled back leaves it so, and it can be aborted again', async () => {
    const { state } = replaceable();
    const all = world({ percent: 99.9 }, { state });
    await all.rollout.abort({ by: 'alice' });
    const key = await keyOf(all);
    await put(state, key, '{}');
    await all.clock.advance(3_000);
    await ask(all, 0, 2);
    expect(armsOf(all)).toEqual(['stable', 'stable']);
    await all.rollout.abort({ by: 'bob' });
    expect(await all.rollout.status()).toMatchObject({ phase: 'rolled-back', history: [{ by: 'alice' }] });
  });

  test('is not written anew by a step that a canary takes by itself', async () => {
    const { state } = replaceable();
    const all = world({ steps: [50, 90], minSamples: 5 }, { state });
    const key = await keyOf(all);
    await put(state, key, '{}');
    await ask(all, 0, 60);
    expect(all.changes).toEqual([]);
    expect(await state.documents?.read(key)).toMatchObject({ text: '{}' });
  });

  test('hurts no other canary of a list', async () => {
    const { state } = replaceable();
    const [one, other] = [world({}, { state }), world({ salt: '2' }, { state })];
    const [broken, whole] = [await keyOf(one), await other.rollout.status()];
    await put(state, broken, 'null');
    expect(await canaryStatuses(state)).toEqual([whole]);
  });
});

test('a canary that could not be listed is listed later', async () => {
  const { own, held, state } = replaceable();
  const { write } = own;
  own.write = async (key, ...given) => {
    if (key === 'canaries') throw new Error('down');
    return held.write(key, ...given);
  };
  const all = world({}, { state });
  await ask(all, 0, 1);
  expect(await canaryStatuses(state)).toEqual([]);
  own.write = write;
  await all.clock.advance(60_000);
  await ask(all, 1, 2);
  expect(await canaryStatuses(state)).toMatchObject([{ canary: 'short' }]);
});

describe('a state that was emptied', () => {
  test('lists the canary again, and counts subjects again that were counted before', async () => {
    let kept = memoryState();
    const state: State = {
      ...memoryState(),
      documents: {
        read: (key) => kept.documents?.read(key),
        write: (...given) => kept.documents?.write(...given) ?? expect.fail(),
      },
      tallies: {
        read: (keys) => kept.tallies?.read(keys) ?? expect.fail(),
        add: (...given) => kept.tallies?.add(...given) ?? expect.fail(),
      },
    };
    const all = world({ percent: 50 }, { state });
    const subjects = async (): Promise<number> => {
      const { stable, canary: own } = (await all.rollout.status()).arms;
      return stable.subjects + own.subjects;
    };
    await ask(all, 0, 10);
    expect(await subjects()).toBe(10);
    kept = memoryState();
    await all.clock.advance(1_500);
    await ask(all, 0, 1);
    await ask(all, 1, 10);
    expect(await subjects()).toBe(10);
    expect(await canaryStatuses(state)).toHaveLength(1);
  });

  test('has where it stands again once somebody takes a step by hand, though there is none to take', async () => {
    const own = replaceable();
    let kept = own.state;
    const state: State = {
      ...memoryState(),
      documents: {
        read: (key) => kept.documents?.read(key),
        write: (...given) => kept.documents?.write(...given) ?? expect.fail(),
      },
    };
    const all = world({ percent: 99.9 }, { state });
    await all.rollout.abort({ by: 'alice' });
    kept = replaceable().state;
    await all.rollout.abort({ by: 'bob' });
    const later = world({ percent: 99.9 }, { state });
    expect(await later.rollout.status()).toMatchObject({ phase: 'rolled-back', history: [{ by: 'alice' }] });
  });
});

describe('steps are told once, in their order', () => {
  const atTold = ({ changes }: World): string[] => changes.map(({ to, by }) => `${to} by ${by}`);

  /** The next thing that is written of a canary is, though nobody hears of it. */
  function loseAnswer({ own, held }: ReturnType<typeof replaceable>): void {
    let isLost = false;
    own.write = async (key, ...given) => {
      const written = await held.write(key, ...given);
      if (isLost || !key.startsWith('canary:')) return written;
      isLost = true;
      throw new Error('reset');
    };
  }

  /** As from a shell. */
  async function endOutside(all: World, { documents }: State, to: 'promoted' | 'rolled-back'): Promise<void> {
    const status = await all.rollout.status();
    await endCanary(documents ?? expect.fail(), status, { to, by: 'shell', reason: 'odd' }, 1);
  }

  test('also where the state does not say that one was written', async () => {
    const whole = replaceable();
    const all = world({ percent: 99.9 }, { state: whole.state });
    await ask(all, 0, 1);
    loseAnswer(whole);
    expect(await rejection(all.rollout.abort({ by: 'alice' }))).toMatchObject({ message: 'reset' });
    expect(atTold(all)).toEqual([]);
    await all.rollout.status();
    await all.rollout.status();
    expect(atTold(all)).toEqual(['rolled-back by alice']);
  });

  test('also where it does not say so of one that was taken outside', async () => {
    const whole = replaceable();
    const all = world({ percent: 99.9 }, { state: whole.state });
    await endOutside(all, whole.state, 'rolled-back');
    loseAnswer(whole);
    await all.rollout.status();
    await all.rollout.status();
    expect(atTold(all)).toEqual(['rolled-back by shell']);
  });

  test('one from outside before that which follows it', async () => {
    const { state } = replaceable();
    const all = world({ percent: 99.9 }, { state });
    await endOutside(all, state, 'rolled-back');
    await all.rollout.promote({ by: 'alice' });
    await all.llm.idle();
    expect(atTold(all)).toEqual(['rolled-back by shell', 'promoted by alice']);
  });
});
