import {
  canary,
  canaryStatuses,
  memoryState,
  receipts as receiptsOf,
  type CanaryOptions,
  type State,
} from 'managed-llm';
import { describe, expect, test } from 'vitest';
import { armsOf, ask, failing, short, world } from './canaries.ts';
import { governed, openai, readAll, rejection, sdks } from './governed.ts';

describe.each(sdks)('calls through the client of $name', (sdk) => {
  test.each([false, true])('get what their arm asks, and tell it (stream: %s)', async (stream) => {
    const all = world({ percent: 99.9, by: 'call' });
    if (stream) await readAll(await sdk.stream(all.llm));
    else await sdk.create(all.llm);
    await all.llm.idle();
    const limit = sdk.name === 'openai' ? 'max_completion_tokens' : 'max_tokens';
    expect(all.provider.requests.map(({ body }) => body)).toMatchObject([{ [limit]: 50 }]);
    const { definition } = await all.rollout.status();
    expect(all.receipts.map(({ facts }) => facts.canaries)).toEqual([
      [{ canary: 'short', definition, arm: 'canary', percent: 99.9, by: 'call' }],
    ]);
    expect(await all.rollout.status()).toMatchObject({
      phase: 'ramping',
      percent: 99.9,
      arms: { canary: { calls: 1, subjects: 1, errorRate: 0, costUsd: all.receipts[0]?.costUsd } },
    });
  });
});

describe('who gets it', () => {
  test('keeps it as it grows, and gets it with all others once it is promoted', async () => {
    const all = world({ steps: [20, 60], guard: { errorRate: 0.9 }, minSamples: 10 });
    const armsNow = async (): Promise<ReadonlyMap<string, string>> => {
      const before = all.receipts.length;
      for (let user = 0; user < 100; user++) await openai.create(all.llm.with({ user: `user-${user}` }));
      return new Map(
        all.receipts
          .slice(before)
          .map(({ caller, facts }) => [caller.user ?? '', facts.canaries?.[0]?.arm ?? '']),
      );
    };
    const [first, second] = [await armsNow(), (await all.llm.idle(), await armsNow())];
    const inCanary = (arms: ReadonlyMap<string, string>): string[] =>
      [...arms].flatMap(([user, arm]) => (arm === 'canary' ? [user] : []));
    expect(all.changes.map(({ percent }) => percent)).toEqual([60]);
    expect(inCanary(first).length).toBeGreaterThan(10);
    expect(inCanary(second).length).toBeGreaterThan(inCanary(first).length);
    expect(inCanary(second)).toEqual(expect.arrayContaining(inCanary(first)));
    await all.llm.idle();
    expect(all.changes.map(({ to }) => to)).toEqual(['ramping', 'promoted']);
    expect(inCanary(await armsNow())).toHaveLength(100);
  });

  test('is none without a subject, until it is promoted', async () => {
    const all = world({ percent: 99.9 });
    await openai.create(all.llm);
    await all.rollout.promote({ by: 'alice' });
    await openai.create(all.llm);
    await all.llm.idle();
    const { definition } = await all.rollout.status();
    expect(all.receipts.map(({ facts }) => facts.canaries)).toEqual([
      [{ canary: 'short', definition, arm: 'stable', percent: 99.9, by: 'user' }],
      [{ canary: 'short', definition, arm: 'canary', percent: 100, by: 'user' }],
    ]);
    expect((await all.rollout.status()).arms).toMatchObject({ stable: { calls: 0 }, canary: { calls: 0 } });
  });

  test('is told of calls without a subject, which it waits for in vain', async () => {
    const all = world({ steps: [40, 90] });
    await openai.create(all.llm);
    await openai.create(all.llm);
    expect(await all.rollout.status()).toMatchObject({
      withoutSubject: 2,
      waitsFor: '100 more subjects of the canary. 2 calls had no `user`',
    });
    await all.rollout.promote({ by: 'alice' });
    await openai.create(all.llm);
    expect(await all.rollout.status()).toMatchObject({ withoutSubject: 2, waitsFor: '' });
  });

  test('is asked only of calls that are meant, and a function that throws hurts none', async () => {
    const meant = world({ where: { tenant: 'acme' }, by: 'call' });
    await openai.create(meant.llm.with({ tenant: 'acme' }));
    await openai.create(meant.llm.with({ tenant: 'globex' }));
    await meant.llm.idle();
    expect(armsOf(meant)).toEqual([expect.any(String), undefined]);
    const thrown = world({
      by: () => {
        throw new Error('no such header');
      },
    });
    await openai.create(thrown.llm);
    await thrown.llm.idle();
    await openai.create(thrown.llm);
    await thrown.llm.idle();
    expect(armsOf(thrown)).toEqual([undefined, undefined]);
    expect(thrown.errors).toMatchObject([
      { code: 'interceptor-fault', message: expect.stringContaining('the canary `short`') as unknown },
    ]);
  });
});

describe('of its own accord', () => {
  test('it is rolled back within a few calls where all of them fail, and that is told once', async () => {
    const all = failing(world({ percent: 20 }));
    for (let user = 0; user < 200 && all.changes.length === 0; user += 5) await ask(all, user, user + 5);
    const { arms, phase, percent, history, guards } = await all.rollout.status();
    expect([phase, percent]).toEqual(['rolled-back', 0]);
    expect(arms.canary.calls).toBeLessThan(20);
    expect(arms).toMatchObject({ canary: { errorRate: 1 }, stable: { errorRate: 0 } });
    expect(guards).toMatchObject([{ guard: 'errorRate', verdict: 'breached', towardsBreach: 1 }]);
    expect(all.changes).toMatchObject([
      {
        canary: 'short',
        from: 'ramping',
        to: 'rolled-back',
        percent: 0,
        by: undefined,
        reason: expect.stringMatching(/^errorRate: error rate 100\.0 % of \d+ calls \(canary\).*worse than/),
        guards: [{ guard: 'errorRate', verdict: 'breached' }],
      },
    ]);
    const { canary: _canary, guards: _guards, ...step } = all.changes[0] ?? expect.fail();
    expect(history).toEqual([step]);
    const before = all.receipts.length;
    await ask(all, 0, 50);
    expect(new Set(armsOf(all).slice(before))).toEqual(new Set(['stable']));
    expect(all.changes).toHaveLength(1);
  });

  test('a step is left with its samples, and the last one when every guard is held', async () => {
    const all = world({ steps: [50, 90], guard: { errorRate: 0.2, costUsd: 1 }, minSamples: 10 });
    await ask(all, 0, 30);
    expect(all.changes).toMatchObject([{ from: 'ramping', to: 'ramping', percent: 90 }]);
    expect(all.changes[0]?.reason).toMatch(/^\d\d subjects answered at 50 % without a breach$/);
    await ask(all, 30, 90);
    const waiting = await all.rollout.status();
    expect(waiting).toMatchObject({ phase: 'ramping', step: 1, percent: 90, steps: [50, 90] });
    expect(waiting.guards.map(({ verdict }) => verdict)).toEqual(['held', 'open']);
    expect(waiting.waitsFor).toMatch(/^costUsd: mean cost .* USD of \d+ calls \(canary\)/);
    // Means are judged from 200 subjects on.
    await ask(all, 90, 320);
    expect(await all.rollout.status()).toMatchObject({ phase: 'promoted', percent: 100, waitsFor: '' });
    expect(all.changes.map(({ to }) => to)).toEqual(['ramping', 'promoted']);
  });

  test('it goes no further than its samples allow, and says how many are missing', async () => {
    const all = world({ steps: [50, 90], minSamples: 100 });
    await ask(all, 0, 40);
    const { arms, waitsFor } = await all.rollout.status();
    expect(waitsFor).toBe(`${100 - arms.canary.subjects} more subjects of the canary`);
    expect(all.changes).toEqual([]);
  });

  test('each subject counts once at each step, however often it comes', async () => {
    const all = world({ percent: 50, minSamples: 1_000 });
    for (let times = 0; times < 3; times++) await ask(all, 0, 20);
    const { canary: own, stable } = (await all.rollout.status()).arms;
    expect(own.calls + stable.calls).toBe(60);
    expect(own.subjects + stable.subjects).toBe(20);
  });

  test('calls that take too long, and answers that are liked less, roll it back too', async () => {
    const slow = world({ percent: 90, guard: { errorRate: false, p95LatencyMs: 100 } });
    slow.provider.always({ latencyMs: 200 });
    for (let user = 0; user < 60; user++) {
      const asked = openai.create(slow.llm.with({ user: `user-${user}` }));
      await slow.clock.advance(300);
      await asked;
    }
    await slow.llm.idle();
    expect(slow.changes).toMatchObject([{ to: 'rolled-back' }]);
    expect(slow.changes[0]?.reason).toMatch(
      /^p95LatencyMs: 95th percentile of latency 2\d\d ms .* above 100 ms$/,
    );

    const disliked = world({ percent: 50, guard: { score: { harmful: 0.1 } } });
    for (let user = 0; user < 600; user++) {
      await openai.create(disliked.llm.with({ user: `user-${user}` }));
      const { callId, facts } = disliked.receipts[user] ?? expect.fail();
      const isCanary = facts.canaries?.[0]?.arm === 'canary';
      await disliked.llm.feedback(callId, { score: user % 10 < (isCanary ? 3 : 7) ? 1 : 0 });
    }
    expect(disliked.changes).toMatchObject([{ to: 'rolled-back' }]);
    expect(disliked.changes[0]?.reason).toMatch(/^score: mean score 0\.\d+ of \d+ calls \(canary\)/);
  });
});

describe('by hand', () => {
  test('it is promoted and aborted from wherever it is, and who did so is told and kept', async () => {
    const all = world();
    await all.rollout.abort({ by: 'alice', reason: 'answers in French' });
    await all.rollout.promote({ by: 'bob' });
    await all.rollout.promote({ by: 'carol' });
    await all.rollout.abort({ by: 'dora' });
    const told = [
      { by: 'alice', from: 'ramping', to: 'rolled-back', percent: 0, reason: 'answers in French' },
      { by: 'bob', from: 'rolled-back', to: 'promoted', percent: 100, reason: 'by hand' },
      { by: 'dora', from: 'promoted', to: 'rolled-back', percent: 0, reason: 'by hand' },
    ];
    expect(all.changes).toMatchObject(told);
    expect((await all.rollout.status()).history).toMatchObject(told);
  });

  test('an end says nothing of what would be wanted yet, and what each arm does is told', async () => {
    const all = world({ percent: 50, canary: { model: 'openai/gpt-5-mini', ...short } });
    await ask(all, 0, 20);
    const { guards, changes } = await all.rollout.status();
    expect(guards[0]?.shown).toContain('of what is needed');
    expect(changes).toEqual({ stable: {}, canary: { model: 'openai/gpt-5-mini', ...short } });
    await all.rollout.abort({ by: 'alice' });
    const after = await all.rollout.status();
    expect(after.guards[0]?.shown).toMatch(/^error rate .* \(stable\)$/);
    expect(after.changes).toEqual(changes);
  });

  test('an end is the last word: what comes to be known later changes nothing', async () => {
    const all = failing(world({ percent: 50 }));
    const pending = ask(all, 0, 30);
    await all.rollout.promote({ by: 'alice' });
    await pending;
    await ask(all, 30, 60);
    expect(all.changes.map(({ by }) => by)).toEqual(['alice']);
    expect((await all.rollout.status()).phase).toBe('promoted');
  });

  test('it needs somebody who does so, and a ManagedLLM', async () => {
    const { rollout } = world();
    expect(await rejection(rollout.abort({} as { by: string }))).toMatchObject({
      message: '`abort.by` is missing: it must be a string.',
    });
    expect(await rejection(rollout.promote({ by: '' }))).toMatchObject({ details: { path: 'promote.by' } });
    for (const wrong of [
      {},
      { by: '' },
      { by: 'a'.repeat(129) },
      { by: 'a', reason: '' },
      { by: 'a', why: 'b' },
    ])
      expect(await rejection(rollout.abort(wrong as { by: string }))).toMatchObject({
        code: 'invalid-options',
      });
    const alone = canary({ name: 'short', canary: short });
    expect(await rejection(alone.status())).toMatchObject({ code: 'invalid-options' });
    expect(await rejection(alone.promote({ by: 'alice' }))).toMatchObject({ code: 'invalid-options' });
  });

  test('many steps leave a history that a document has room for', async () => {
    const all = world();
    const reason = '\u00fc'.repeat(512);
    for (let times = 0; times < 60; times++) {
      await all.rollout.promote({ by: 'alice', reason });
      await all.rollout.abort({ by: 'bob', reason });
    }
    const { history } = await all.rollout.status();
    expect(history.length).toBeGreaterThan(20);
    expect(history.length).toBeLessThan(60);
    expect(history.at(-1)).toMatchObject({ by: 'bob', to: 'rolled-back' });
  });
});

describe('a state', () => {
  /** A state that can be taken away. */
  function breakable(kept: State = memoryState()) {
    let isDown = false;
    const through = <T extends object>(inner: T): T =>
      new Proxy(inner, {
        get: (target, name: keyof T & string) => {
          const own = target[name];
          return typeof own !== 'function'
            ? own
            : async (...given: unknown[]) => {
                if (isDown) throw new Error('down');
                return own.apply(target, given);
              };
        },
      });
    return {
      state: {
        ...kept,
        documents: through(kept.documents ?? expect.fail()),
        tallies: through(kept.tallies ?? expect.fail()),
      },
      set down(down: boolean) {
        isDown = down;
      },
    };
  }

  test('that has never answered leaves all calls stable, told once, and uncounted', async () => {
    const broken = breakable();
    broken.down = true;
    const all = world(
      { percent: 99.9, stable: { parameters: { maxOutputTokens: 70 } } },
      { state: broken.state },
    );
    await ask(all, 0, 20);
    expect(armsOf(all)).toEqual(Array.from({ length: 20 }, () => undefined));
    expect(all.provider.requests.every(({ body }) => JSON.stringify(body).includes('70'))).toBe(true);
    expect(all.errors.map(({ code }) => code)).toEqual(['state-unreachable']);
    expect(await rejection(all.rollout.promote({ by: 'alice' }))).toBeDefined();
    // It is asked again as soon as it may be.
    broken.down = false;
    await all.clock.advance(1_000);
    await ask(all, 20, 21);
    await ask(all, 21, 22);
    expect(armsOf(all).at(-1)).toBe('canary');
  });

  test('that no longer answers leaves calls at the last step, and never a step further', async () => {
    const broken = breakable();
    const all = world({ steps: [50, 90], minSamples: 10 }, { state: broken.state });
    await ask(all, 0, 5);
    const before = armsOf(all);
    broken.down = true;
    for (let times = 0; times < 5; times++) {
      await all.clock.advance(1_500);
      await ask(all, 0, 40);
    }
    expect(all.changes).toEqual([]);
    expect(new Set(all.receipts.flatMap(({ facts }) => facts.canaries?.[0]?.percent ?? []))).toEqual(
      new Set([50]),
    );
    expect(armsOf(all).slice(-40, -35)).toEqual(before);
    expect(all.receipts.every(({ outcome }) => outcome === 'finished')).toBe(true);
  });

  test('that does not answer after a pause is waited for a quarter of a second, once', async () => {
    const kept = memoryState();
    const documents = kept.documents ?? expect.fail();
    let isSilent = false;
    const state = {
      ...kept,
      documents: {
        read: (key: string) => (isSilent ? new Promise<never>(() => {}) : documents.read(key)),
        write: documents.write.bind(documents),
      },
    };
    const all = world({ percent: 50, by: 'call' }, { state });
    await openai.create(all.llm);
    isSilent = true;
    await all.clock.advance(10_000);
    let answered = false;
    const asked = openai.create(all.llm).then(() => (answered = true));
    await all.clock.advance(249);
    expect(answered).toBe(false);
    await all.clock.advance(1);
    await asked;
    await openai.create(all.llm);
    expect(armsOf(all)).toEqual(Array.from({ length: 3 }, () => expect.any(String)));
  });

  test('tells a process that paused what others have made of it, before its next call', async () => {
    const { state } = breakable();
    const one = world({ percent: 99.9 }, { state });
    const other = world({ percent: 99.9 }, { state }, one);
    await ask(one, 0, 1);
    await ask(other, 1, 2);
    await one.rollout.abort({ by: 'alice' });
    await one.clock.advance(5_000);
    await ask(other, 2, 3);
    expect(armsOf(other)).toEqual(['canary', 'stable']);
    expect(other.changes).toEqual([]);
  });

  test('that has lost it is told again by a process that knows it', async () => {
    const kept = [memoryState(), memoryState()];
    let at = 0;
    const state = {
      ...memoryState(),
      documents: {
        read: (key: string) => kept[at]?.documents?.read(key),
        write: (...given: Parameters<NonNullable<State['documents']>['write']>) =>
          kept[at]?.documents?.write(...given) ?? expect.fail(),
      },
    };
    const all = world({ percent: 99.9 }, { state });
    await all.rollout.abort({ by: 'alice' });
    at = 1;
    await all.clock.advance(1_000);
    await ask(all, 0, 2);
    expect((await all.rollout.status()).phase).toBe('rolled-back');
    expect(armsOf(all)).toEqual(['stable', 'stable']);
  });

  test('whose document is none leaves calls stable', async () => {
    const kept = memoryState();
    const first = world({ percent: 99.9 }, { state: kept });
    await ask(first, 0, 1);
    const documents = kept.documents ?? expect.fail();
    const garbled = {
      ...documents,
      read: () => ({ text: '{', version: '1' }),
      write: documents.write.bind(documents),
    };
    const all = world({ percent: 99.9 }, { state: { ...kept, documents: garbled } });
    await ask(all, 0, 2);
    expect(armsOf(all)).toEqual([undefined, undefined]);
    expect(all.errors.length).toBeGreaterThan(0);
  });

  test('lists its canaries, the latest first, with where they stand', async () => {
    const state = memoryState();
    expect(await canaryStatuses(state)).toEqual([]);
    const all = world({}, { state });
    await all.llm.idle();
    const later = canary({ name: 'later', canary: short });
    const other = governed({ state, interceptors: [later] }, {}, all);
    await all.clock.advance(10);
    await other.llm.idle();
    await all.rollout.abort({ by: 'alice' });
    const found = await canaryStatuses(state);
    expect(found.map(({ canary: name, phase }) => [name, phase]).toSorted()).toEqual([
      ['later', 'ramping'],
      ['short', 'rolled-back'],
    ]);
    expect(found).toContainEqual(await all.rollout.status());
    expect(await canaryStatuses({})).toEqual([]);
  });

  test('that cannot count is refused at construction, as is a model that nobody knows', () => {
    const { documents: _documents, ...state } = memoryState();
    expect(() => world({}, { state })).toThrow(/`documents` and `tallies`/);
    expect(() => world({ canary: { model: 'opnai/gpt' } })).toThrow(/canary\.canary\.model.*Did you mean/);
    expect(() => world({ stable: { model: 'smrat' } })).toThrow(/canary\.stable\.model/);
    expect(() => world({ where: { tennant: 'acme' } as object })).toThrow(/canary\.where.*tenant/);
  });
});

describe('another definition', () => {
  test('begins anew, and the same one does not, whatever has become of it', async () => {
    const state = memoryState();
    const phaseOf = async (options: Partial<CanaryOptions>): Promise<string> =>
      (await world(options, { state }).rollout.status()).phase;
    await world({}, { state }).rollout.abort({ by: 'alice' });
    expect(await phaseOf({})).toBe('rolled-back');
    expect(await phaseOf({ feedbackDays: 1, where: { tenant: 'acme' } })).toBe('rolled-back');
    expect(await phaseOf({ stable: { parameters: {} } })).toBe('rolled-back');
    const both = { temperature: 0, topP: 1 };
    await world({ canary: { parameters: both } }, { state }).rollout.abort({ by: 'alice' });
    expect(await phaseOf({ canary: { parameters: { topP: 1, temperature: 0 } } })).toBe('rolled-back');
    for (const other of [
      { salt: '2' },
      { by: 'tenant' as const },
      { steps: [10] },
      { minSamples: 7 },
      { beta: 0.1 },
      { guard: { errorRate: 0.1 } },
      { canary: { parameters: { maxOutputTokens: 51 } } },
      { stable: { parameters: { seed: 1 } } },
    ])
      expect(await phaseOf(other)).toBe('ramping');
  });
});

test('a percentile that could never be shown to be held is refused', () => {
  const guarded = (tolerated: number, harmful: number) => () =>
    canary({ name: 'short', canary: short, guard: { p95LatencyMs: { tolerated, harmful } } });
  expect(guarded(1.2, 1.3)).toThrow(/canary\.guard\.p95LatencyMs\.harmful.*1\.15 times/);
  expect(guarded(1.2, 1.15 * 1.2)).not.toThrow();
});

test('receipts are added up by arm', async () => {
  const log = receiptsOf();
  const all = world({ percent: 99.9 }, { interceptors: [log] });
  await ask(all, 0, 1);
  expect(await log.query({ by: ['canary', 'canary:short'] })).toMatchObject([
    { canary: 'short:canary', 'canary:short': 'canary', calls: 1 },
  ]);
  expect(await log.query({ by: ['canary:other'] })).toMatchObject([{ 'canary:other': undefined }]);
});

test('feedback by receipt counts in the definition that divided the call, and in no other of its name', async () => {
  const state = memoryState();
  const [before, now] = [world({ percent: 99.9 }, { state }), world({ percent: 99.9, salt: '2' }, { state })];
  await ask(before, 0, 1);
  const receipt = before.receipts[0] ?? expect.fail();
  await now.llm.feedback(receipt, { score: 1 });
  expect((await now.rollout.status()).arms.canary.score).toBeUndefined();
  await before.llm.feedback(receipt, { score: 1 });
  expect((await before.rollout.status()).arms.canary.score).toBe(1);
});

test('feedback tells the canaries of a call, where its receipt is at hand', async () => {
  const all = world({ percent: 99.9 });
  await ask(all, 0, 1);
  const heard: unknown[] = [];
  all.llm.on('call:feedback', ({ canaries }) => heard.push(canaries));
  const receipt = all.receipts[0] ?? expect.fail();
  await all.llm.feedback(receipt, { score: 1 });
  await all.llm.feedback(receipt.callId, { score: 0 });
  expect(heard).toEqual([receipt.facts.canaries, undefined]);
  expect((await all.rollout.status()).arms.canary.score).toBe(1);
});
