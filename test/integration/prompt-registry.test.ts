import { definePrompt, experiment, memoryState, type ManagedLLMError } from 'managed-llm';
import { promptRegistry, type PromptRegistryOptions } from 'managed-llm/prompts';
import { describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { governed } from './governed.ts';
import { by, codes, down, emptied, freshName, hangs, switchable, version, world } from './registry-world.ts';

describe('versions', () => {
  test('are asked for once, however many want them, and then given at once while they are new', async () => {
    const { registry, name, asked } = world();
    const got = await Promise.all(Array.from({ length: 50 }, () => registry.get(name)));
    expect(new Set(got)).toHaveProperty('size', 1);
    expect(got[0]).toMatchObject({ name, version: '2', label: undefined });
    expect(await registry.get(name, { version: '1' })).toMatchObject({ version: '1' });
    expect(asked).toHaveLength(1);
  });

  test('are given as they are when they are not new any more, and asked for once in the background', async () => {
    const all = world();
    const { registry, name, clock, asked } = all;
    await registry.get(name);
    await clock.advance(60_000);
    let answer = (_versions: unknown): void => {};
    all.serve = () => new Promise((resolve) => (answer = resolve));
    for (let call = 0; call < 20; call += 1) expect(await registry.get(name)).toMatchObject({ version: '2' });
    expect(asked).toHaveLength(2);
    answer([version(name, '2'), version(name, '3')]);
    await clock.advance(0);
    expect(await registry.get(name)).toMatchObject({ version: '3' });
    expect(await registry.get(name, { version: '1' })).toMatchObject({ version: '1' });
  });

  test('stay in use when the source is down, which is told once a minute, and it is asked less and less often', async () => {
    const all = world();
    const { registry, name, clock, asked, errors } = all;
    await registry.get(name);
    all.serve = down;
    await clock.advance(60_000);
    for (let second = 0; second < 300; second += 1) {
      expect(await registry.get(name)).toMatchObject({ version: '2' });
      await clock.advance(1_000);
    }
    // After 1, 2, 4, 8, 16, 32, and then every 60 seconds.
    expect(asked).toHaveLength(1 + 10);
    expect(codes(errors)).toEqual(Array.from({ length: 5 }, () => 'prompt-source-failed'));
    expect(errors[0]?.cause).toMatchObject({ message: 'The source is down.' });
    all.serve = () => [version(name, '3')];
    await clock.advance(60_000);
    await registry.get(name);
    await clock.advance(0);
    expect(await registry.get(name)).toMatchObject({ version: '3' });
  });

  test('that hang are given up after the limit, their signal is aborted, and only the first call waits', async () => {
    const all = world({ loadTimeoutMs: 2_000 });
    const { registry, name, clock } = all;
    const signals: AbortSignal[] = [];
    all.serve = ({ signal }) => {
      signals.push(signal);
      return hangs();
    };
    const first = registry.get(name);
    const failed = expect(first).rejects.toMatchObject({
      code: 'prompt-source-failed',
      message: expect.stringContaining('did not answer within 2000 ms'),
    });
    await clock.advance(1_999);
    expect(signals[0]?.aborted).toBe(false);
    await clock.advance(1);
    await failed;
    expect(signals[0]?.aborted).toBe(true);
    // Until it is tried again, nobody waits.
    await expect(registry.get(name)).rejects.toMatchObject({ code: 'prompt-source-failed' });
    expect(signals).toHaveLength(1);
    all.serve = () => [version(name, '1')];
    await clock.advance(1_000);
    expect(await registry.get(name)).toMatchObject({ version: '1' });
  });

  test('that are nonsense are told, and hide no good ones', async () => {
    const all = world();
    const { registry, name, errors } = all;
    all.serve = () => [
      null,
      7,
      'text',
      [],
      { name },
      version(name, '1'),
      version('another', '2'),
      { ...version(name, '3'), template: '{{' },
      { ...version(name, '4'), modle: 'x' },
      new Proxy({}, { ownKeys: down }),
      version(name, '5'),
      version(name, '5'),
    ];
    expect(await registry.get(name)).toMatchObject({ version: '5' });
    expect((await registry.versions(name)).map(({ version }) => version)).toEqual(['1', '5']);
    expect(new Set(codes(errors))).toEqual(new Set(['prompt-invalid']));
    expect(errors.map(({ message }) => message)).toContainEqual(
      `Version \`4\` of prompt \`${name}\`, as the source serves it, is wrong: \`definePrompt\` has no option \`modle\`. Did you mean \`model\`?`,
    );
    await expect(registry.get(name, { version: '3' })).rejects.toMatchObject({ code: 'prompt-invalid' });
  });

  test.each([
    ['no list', () => 7],
    ['nothing', () => undefined],
    ['a rejection without a reason', () => Promise.reject()],
    ['nothing that is right', () => [{}]],
  ])(
    'where the source gives %s, fail by their code, and only while nothing is known',
    async (_what, serve) => {
      const all = world();
      const { registry, name, clock } = all;
      all.serve = serve;
      await expect(registry.get(name)).rejects.toMatchObject({
        code: expect.stringMatching(/^prompt-(source-failed|invalid)$/),
      });
      all.serve = () => [version(name, '1')];
      await clock.advance(1_000);
      await registry.get(name);
      all.serve = serve;
      await expect(registry.refresh(name)).rejects.toMatchObject({ code: expect.stringMatching(/^prompt-/) });
      expect(await registry.get(name)).toMatchObject({ version: '1' });
    },
  );

  test('do not go when the source serves none any more', async () => {
    const all = world();
    const { registry, name, errors } = all;
    await registry.get(name);
    all.serve = () => [];
    await expect(registry.refresh(name)).rejects.toThrow('serves no version of it any more');
    expect(await registry.get(name)).toMatchObject({ version: '2' });
    expect(codes(errors)).toEqual(['prompt-source-failed']);
  });

  test('that there are not are refused with those that there are, and do not ask the source each time', async () => {
    const all = world();
    const { registry, name, asked } = all;
    for (let time = 0; time < 10; time += 1)
      await expect(registry.get(name, { version: '7' })).rejects.toThrow(
        `There is no version \`7\` of prompt \`${name}\`. Known: \`1\`, \`2\`.`,
      );
    expect(asked).toEqual([{ name }, { name, version: '7' }]);
    all.serve = () => [];
    for (let time = 0; time < 10; time += 1)
      await expect(registry.get('nope')).rejects.toMatchObject({ code: 'prompt-unknown' });
    expect(asked).toHaveLength(3);
    expect(all.errors).toEqual([]);
  });

  test('that are wanted by name are asked for by it', async () => {
    const all = world();
    const { registry, name } = all;
    await registry.get(name);
    all.serve = (wanted) => [version(name, wanted.version ?? '2')];
    expect(await registry.get(name, { version: '9' })).toMatchObject({ version: '9' });
    expect(await registry.get(name)).toMatchObject({ version: '2' });
  });
});

describe('a version that is served with other content', () => {
  test('stays as it was first seen, which is told', async () => {
    const all = world();
    const { registry, name, errors } = all;
    const { hash } = await registry.get(name);
    all.serve = () => [version(name, '1'), version(name, '2', 'changed {{it}}'), version(name, '3')];
    await registry.refresh(name);
    expect(await registry.get(name, { version: '2' })).toMatchObject({ hash });
    expect(await registry.get(name)).toMatchObject({ version: '3' });
    expect(codes(errors)).toEqual(['prompt-changed']);
    expect(errors[0]?.details).toMatchObject({ prompt: name, version: '2', known: hash });
  });

  test('is as the state knows it, also for a process that has never seen it', async () => {
    const state = memoryState();
    const all = world({ state });
    const { name } = all;
    const { hash } = await all.registry.get(name);
    await all.registry.close();
    all.serve = () => [version(name, '1'), version(name, '2', 'changed {{it}}')];
    const next = all.open();
    expect(await next.get(name)).toMatchObject({ version: '2', hash });
    expect(codes(all.errors)).toEqual(['prompt-changed']);
  });

  test('is refused where it is too long for the state to have kept it', async () => {
    const state = memoryState();
    const all = world({ state });
    const { name } = all;
    all.serve = () => [version(name, '1'), version(name, '2', 'long '.repeat(20_000))];
    await all.registry.get(name);
    await all.registry.close();
    all.serve = () => [version(name, '1'), version(name, '2', 'other '.repeat(20_000))];
    const next = all.open();
    expect(await next.get(name)).toMatchObject({ version: '1' });
    await expect(next.get(name, { version: '2' })).rejects.toMatchObject({ code: 'prompt-changed' });
  });

  test('is the same where only its hash is made in another way', async () => {
    const state = memoryState();
    const all = world({ state });
    const { name } = all;
    await all.registry.get(name);
    await all.registry.versions(name);
    const { documents } = state;
    for (const key of [`prompts:version:${name}:2`, `prompts:versions:${name}`]) {
      const found = await documents?.read(key);
      await documents?.write(
        key,
        found?.text.replaceAll(/"hash":"[^"]*"/g, '"hash":"another"').replace('"hashing":1', '"hashing":0') ??
          '',
        found?.version,
      );
    }
    expect(await all.open().get(name)).toMatchObject({ version: '2' });
    expect(all.errors).toEqual([]);
  });
});

describe('labels', () => {
  test('name versions, and receipts tell them', async () => {
    const { registry, name } = world();
    await registry.label(name, 'production', '1', by);
    const live = await registry.get(name, { label: 'production' });
    expect(live).toMatchObject({ version: '1', label: 'production' });
    expect(await registry.get(name, { label: 'production' })).toBe(live);
    const { llm, receipts, provider } = governed({});
    await llm.chat({ prompt: live, variables: { it: 'this' }, model: 'openai/gpt' });
    await llm.clients.openai.chat.completions.create(...live.openai({ it: 'that' }, { model: 'gpt' }));
    await llm.idle();
    expect(receipts.map(({ facts }) => facts.prompt)).toEqual(
      Array.from({ length: 2 }, () => ({ name, version: '1', hash: live.hash, label: 'production' })),
    );
    expect(provider.requests.map(({ bodyText }) => bodyText.includes('version 1 of th'))).toEqual([
      true,
      true,
    ]);
  });

  test('are arms of experiments', async () => {
    const { registry, name } = world();
    await registry.label(name, 'warm', '2', by);
    const [control, warm] = [
      await registry.get(name, { version: '1' }),
      await registry.get(name, { label: 'warm' }),
    ];
    const tone = experiment({
      name: 'tone',
      arms: { control: {}, warm: { prompt: warm } },
      weights: { control: 0 },
      by: 'call',
    });
    const { llm, receipts } = governed({ interceptors: [tone] });
    await llm.chat({ prompt: control, variables: { it: 'x' }, model: 'openai/gpt' });
    await llm.idle();
    expect(receipts[0]?.facts.prompt).toMatchObject({ version: '2', label: 'warm' });
  });

  test('move, go back one version after another, and tell who did it', async () => {
    const all = world();
    const { registry, name, clock } = all;
    all.serve = () => ['1', '2', '3'].map((which) => version(name, which));
    for (const which of ['1', '2', '3'])
      await registry.label(name, 'production', which, { ...by, note: which });
    const now = async () => (await registry.get(name, { label: 'production' })).version;
    expect(await now()).toBe('3');
    await clock.advance(10);
    expect(await registry.rollback(name, 'production', { by: 'bob' })).toBe('2');
    expect(await now()).toBe('2');
    expect(await registry.rollback(name, 'production', by)).toBe('1');
    expect(await now()).toBe('1');
    await expect(registry.rollback(name, 'production', by)).rejects.toThrow('there is nothing to go back to');
    const { changes, dropped } = await registry.history(name);
    expect(dropped).toBe(0);
    expect(changes.slice(-3)).toEqual([
      { at: 1_000_000, by: 'alice', kind: 'label', label: 'production', from: '2', to: '3', note: '3' },
      { at: 1_000_010, by: 'bob', kind: 'rollback', label: 'production', from: '3', to: '2' },
      { at: 1_000_010, by: 'alice', kind: 'rollback', label: 'production', from: '2', to: '1' },
    ]);
    expect(await registry.labels(name)).toEqual({ production: '1' });
    expect((await registry.versions(name))[0]).toMatchObject({
      version: '1',
      recordedAt: 1_000_000,
      labels: ['production'],
    });
    await registry.unlabel(name, 'production', by);
    await expect(registry.get(name, { label: 'production' })).rejects.toMatchObject({
      code: 'prompt-unknown',
    });
  });

  test('of what nobody knows, of drafts, and by nobody are refused', async () => {
    const { registry, name } = world();
    await registry.label(name, 'staging', '2', by);
    await expect(registry.label(name, 'production', '3', by)).rejects.toThrow('Known: `1`, `2`.');
    await expect(registry.label(name, 'production', 'draft-x', by)).rejects.toThrow(
      'a draft: give it a version',
    );
    await expect(registry.label(name, 'production', '1', {} as never)).rejects.toThrow(
      '`options.by` is missing',
    );
    await expect(registry.label(name, '__proto__', '1', by)).rejects.toThrow('must begin with a letter');
    await expect(registry.rollback(name, 'nope', by)).rejects.toThrow(
      'It has `staging`: set it with `label`.',
    );
    await expect(registry.unlabel(name, 'nope', by)).rejects.toMatchObject({ code: 'prompt-unknown' });
    await expect(registry.get(name, { label: 'toString' })).rejects.toThrow('has no label `toString`');
    expect(await registry.labels(name)).toEqual({ staging: '2' });
  });

  test('take a version that the source has only just got', async () => {
    const all = world();
    const { registry, name } = all;
    await expect(registry.label(name, 'production', '3', by)).rejects.toMatchObject({
      code: 'prompt-unknown',
    });
    all.serve = () => [version(name, '3')];
    await registry.label(name, 'production', '3', by);
    expect(await registry.get(name, { label: 'production' })).toMatchObject({ version: '3' });
  });

  test('that others move arrive when they are not new any more, and nobody waits for them', async () => {
    const state = memoryState();
    const all = world({ state });
    const { registry, name, clock } = all;
    const other = all.open();
    await registry.label(name, 'production', '1', by);
    expect(await other.get(name, { label: 'production' })).toMatchObject({ version: '1' });
    await registry.label(name, 'production', '2', by);
    await clock.advance(4_999);
    expect(await other.get(name, { label: 'production' })).toMatchObject({ version: '1' });
    await clock.advance(1);
    expect(await other.get(name, { label: 'production' })).toMatchObject({ version: '1' });
    await clock.advance(0);
    expect(await other.get(name, { label: 'production' })).toMatchObject({ version: '2' });
  });

  test('that name a version which a process has not seen give what they named before until it has', async () => {
    const state = memoryState();
    const all = world({ state });
    const { registry, name, clock } = all;
    await registry.label(name, 'production', '1', by);
    const late = all.open({ source: () => [version(name, '1')] });
    expect(await late.get(name, { label: 'production' })).toMatchObject({ version: '1' });
    await registry.label(name, 'production', '2', by);
    await clock.advance(5_000);
    await late.get(name, { label: 'production' });
    await clock.advance(0);
    expect(await late.get(name, { label: 'production' })).toMatchObject({ version: '1' });
    await clock.advance(0);
    // Its source has never served it: the state has.
    expect(await late.get(name, { label: 'production' })).toMatchObject({
      version: '2',
      label: 'production',
    });
    expect(all.errors).toEqual([]);
  });
});

describe('where the state does not answer', () => {
  test.each(['down', 'hangs'] as const)('labels stay as they were last known (%s)', async (how) => {
    const state = switchable();
    const all = world({ state });
    const { registry, name, clock, errors } = all;
    await registry.label(name, 'production', '1', by);
    state.how = how;
    for (let second = 0; second < 100; second += 1) {
      await clock.advance(1_000);
      expect(await registry.get(name, { label: 'production' })).toMatchObject({ version: '1' });
    }
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.length).toBeLessThan(5);
  });

  test.each(['down', 'hangs'] as const)('versions come from the source all the same (%s)', async (how) => {
    const state = switchable();
    state.how = how;
    const all = world({ state });
    const { registry, name, clock } = all;
    const getting = registry.get(name);
    await clock.advance(5_000);
    expect(await getting).toMatchObject({ version: '2' });
    const labelled = expect(registry.get(name, { label: 'production' })).rejects.toThrow();
    await clock.advance(10_000);
    await labelled;
    state.how = 'up';
    await clock.advance(60_000);
    await registry.label(name, 'production', '1', by);
    expect(await registry.get(name, { label: 'production' })).toMatchObject({ version: '1' });
  });
});

describe('a state that comes back empty', () => {
  test('gets labels and versions back from a process that knows them, and no call fails', async () => {
    const { state, empty } = emptied();
    const all = world({ state });
    const { registry, name, clock } = all;
    await registry.label(name, 'staging', '2', by);
    await registry.label(name, 'production', '2', by);
    await registry.label(name, 'production', '1', by);
    empty();
    for (let second = 0; second < 10; second += 1) {
      await clock.advance(1_000);
      expect(await registry.get(name, { label: 'production' })).toMatchObject({ version: '1' });
    }
    expect(codes(all.errors)).toEqual(['state-not-durable']);
    await clock.advance(0);
    // Another one, which starts while the source is down.
    all.serve = down;
    const late = all.open();
    expect(await late.get(name, { label: 'production' })).toMatchObject({ version: '1' });
    expect(await late.labels(name)).toEqual({ staging: '2', production: '1' });
    expect(await late.rollback(name, 'production', by)).toBe('2');
    expect(await late.get(name)).toMatchObject({ version: '2' });
    expect((await late.history(name)).changes).toHaveLength(4);
  });

  test('keeps all labels when one of them is moved at once', async () => {
    const { state, empty } = emptied();
    const all = world({ state });
    const { registry, name, clock } = all;
    await registry.label(name, 'staging', '2', by);
    empty();
    await registry.label(name, 'production', '1', by);
    expect(await registry.labels(name)).toEqual({ staging: '2', production: '1' });
    await clock.advance(0);
    all.serve = down;
    expect(await all.open().get(name, { label: 'staging' })).toMatchObject({ version: '2' });
    expect(codes(all.errors)).toContain('state-not-durable');
  });

  test('does not get back a label that was taken away', async () => {
    const { registry, name } = world();
    await registry.label(name, 'staging', '2', by);
    await registry.unlabel(name, 'staging', by);
    expect(await registry.labels(name)).toEqual({});
    await expect(registry.get(name, { label: 'staging' })).rejects.toMatchObject({ code: 'prompt-unknown' });
  });
});

test('where the state hangs, nobody waits to hear again that a label is not set', async () => {
  const state = switchable();
  const all = world({ state });
  const { registry, name, clock } = all;
  const prompt = definePrompt({ name, version: '0', template: 'zero of {{it}}' });
  expect(await registry.get(prompt, { label: 'production' })).toBe(prompt);
  await clock.advance(5_000);
  state.how = 'hangs';
  for (let call = 0; call < 3; call += 1) {
    expect(await registry.get(prompt, { label: 'production' })).toBe(prompt);
    await expect(registry.get(name, { label: 'production' })).rejects.toMatchObject({
      code: 'prompt-unknown',
    });
  }
});

test('of thousands of versions all are served, and the state lists as many of the newest as fit', async () => {
  const state = memoryState();
  const all = world({ state });
  const { registry, name } = all;
  const count = 3_000;
  all.serve = () => Array.from({ length: count }, (_, index) => version(name, `${index}`));
  expect(await registry.get(name)).toMatchObject({ version: `${count - 1}` });
  expect(await registry.versions(name)).toHaveLength(count);
  await registry.close();
  all.serve = down;
  const next = all.open();
  expect(await next.get(name)).toMatchObject({ version: `${count - 1}` });
  expect(await next.get(name, { version: '0' })).toMatchObject({ version: '0' });
  expect((await next.versions(name)).length).toBeGreaterThan(500);
  all.serve = () => Array.from({ length: count + 1 }, (_, index) => version(name, `${index}`));
  await next.refresh(name);
  const listed = JSON.parse(
    (await state.documents?.read(`prompts:versions:${name}`))?.text ?? '[]',
  ) as unknown[];
  expect(listed.at(-1)).toMatchObject({ version: `${count}` });
});

describe('a process that starts while the source is down', () => {
  test.each([
    ['down', down],
    ['hanging', hangs],
  ])('uses what the state has kept (%s)', async (_how, serve) => {
    const state = memoryState();
    const all = world({ state });
    const { name, clock } = all;
    all.serve = () => [version(name, '1'), version(name, '2'), version(name, '10')];
    const { hash } = await all.registry.get(name);
    await all.registry.label(name, 'production', '1', by);
    await all.registry.close();
    all.serve = serve;
    const next = all.open();
    const getting = Promise.all([next.get(name), next.get(name, { label: 'production' })]);
    await clock.advance(10_000);
    expect(await getting).toMatchObject([
      { version: '10', hash },
      { version: '1', label: 'production' },
    ]);
    const asked = all.asked.length;
    for (let call = 0; call < 10; call += 1) expect(await next.get(name)).toMatchObject({ version: '10' });
    // In the background, and not by each.
    expect(all.asked.length).toBeLessThanOrEqual(asked + 1);
    all.serve = () => [version(name, '11')];
    await clock.advance(10_000);
    await next.get(name);
    await clock.advance(0);
    expect(await next.get(name)).toMatchObject({ version: '11' });
    expect((await next.versions(name)).map(({ version }) => version)).toEqual(['1', '2', '10', '11']);
  });

  test('and has nothing kept fails, and says why', async () => {
    const all = world();
    all.serve = down;
    await expect(all.registry.get(all.name)).rejects.toMatchObject({
      code: 'prompt-source-failed',
      retryable: true,
    });
  });
});

describe('a prompt of the code', () => {
  const code = (name: string) =>
    definePrompt({
      name,
      version: '1',
      template: 'Sort {{mail}}.',
      variables: z.object({ mail: z.string().transform((mail) => `<${mail}>`) }),
      output: z.object({ topic: z.string() }),
    });

  test('is served with its schemas, and the newest is the last of the list', async () => {
    const name = freshName();
    const first = code(name);
    const second = definePrompt({ name, version: '0', template: 'Sort {{mail}}, please.' });
    const registry = promptRegistry({ source: [first, second] });
    expect(await registry.get(name)).toBe(second);
    expect(await registry.get(name, { version: '1' })).toBe(first);
    expect(await registry.names()).toEqual([name]);
    await expect(registry.get('nope')).rejects.toThrow(`There is no prompt \`nope\`. Known: \`${name}\`.`);
  });

  test('is served itself where nothing is known, and source and state are down or hang', async () => {
    for (const how of ['down', 'hangs'] as const) {
      const state = switchable();
      state.how = how;
      const all = world({ state });
      const prompt = code(all.name);
      all.serve = how === 'down' ? down : hangs;
      const getting = Promise.all([
        all.registry.get(prompt),
        all.registry.get(prompt, { label: 'production' }),
      ]);
      await all.clock.advance(10_000);
      expect(await getting).toEqual([prompt, prompt]);
      // From then on nobody waits, however long it takes.
      for (let minute = 0; minute < 3; minute += 1) {
        expect(await all.registry.get(prompt, { label: 'production' })).toBe(prompt);
        expect(await all.registry.get(prompt)).toBe(prompt);
        await all.clock.advance(60_000);
      }
    }
  });

  test('is served where the label is not set, and where the source does not have it', async () => {
    const all = world();
    const prompt = code(all.name);
    all.serve = () => [];
    expect(await all.registry.get(prompt)).toBe(prompt);
    expect(await all.registry.get(prompt, { label: 'production' })).toBe(prompt);
    await expect(all.registry.get(prompt, { version: '2' })).rejects.toMatchObject({
      code: 'prompt-unknown',
    });
    expect(await all.registry.get(prompt, { version: '1' })).toBe(prompt);
  });

  test('gives its schemas to versions that were read from JSON', async () => {
    const all = world();
    const { name, registry } = all;
    const prompt = code(name);
    const { output } = prompt.toJSON();
    all.serve = () => [{ name, version: '2', template: 'Now sort {{mail}}.', output }];
    await registry.label(name, 'production', '2', by);
    const live = await registry.get(prompt, { label: 'production' });
    expect(live).toMatchObject({ version: '2', label: 'production', outputSchema: prompt.outputSchema });
    expect(await registry.get(prompt, { label: 'production' })).toBe(live);
    expect(live.render({ mail: 'x' }).messages).toEqual([{ role: 'user', content: 'Now sort <x>.' }]);
    const { llm, provider } = governed({});
    provider.next({ json: { topic: 7 } });
    await expect(
      llm.object({ prompt: live, variables: { mail: 'x' }, model: 'openai/gpt' }),
    ).rejects.toMatchObject({ code: 'invalid-output' });
  });

  test.each([
    [
      'a variable more',
      { template: 'Sort {{mail}} of {{who}}.' },
      'its variable `who` is text, and was none',
    ],
    ['one less', { template: 'Sort.' }, 'its variable `mail` is none, and was text'],
    ['another kind', { template: '{{image:mail}}' }, 'its variable `mail` is image, and was text'],
    [
      'another output',
      { template: '{{mail}}', output: { jsonSchema: { type: 'object' } } },
      'it asks for another output',
    ],
    ['no output', { template: '{{mail}}', output: undefined }, 'it asks for another output'],
  ])('is served in the place of one with %s, which is told once', async (_what, more, told) => {
    const all = world();
    const { name, registry, errors } = all;
    const prompt = code(name);
    const { output } = prompt.toJSON();
    const { output: other = output, ...rest } = more as { output?: unknown };
    all.serve = () => [
      {
        name,
        version: '2',
        ...rest,
        ...('output' in more && more.output === undefined ? {} : { output: other }),
      },
    ];
    for (let call = 0; call < 5; call += 1) expect(await registry.get(prompt)).toBe(prompt);
    expect(codes(errors)).toEqual(['prompt-misfit']);
    expect(errors[0]?.message).toContain(told);
    expect(await registry.get(name)).toMatchObject({ version: '2' });
  });

  test('with a model is served in the place of one without', async () => {
    const all = world();
    const prompt = definePrompt({ name: all.name, version: '0', model: 'gpt', template: 'of {{it}}' });
    expect(await all.registry.get(prompt)).toBe(prompt);
    expect(all.errors[0]?.message).toContain('it names no model');
  });
});

test('a version that was changed in the code is refused by its name, and given to the code that has it, which is told', async () => {
  const state = memoryState();
  const name = freshName();
  // As another process has recorded it, whose code was another.
  const recorded = { hash: 'another', prompt: version(name, '2', 'as it was {{it}}') };
  await state.documents?.write(`prompts:version:${name}:2`, JSON.stringify(recorded), undefined);
  const list = [{ version: '2', hash: 'another', at: 0 }];
  await state.documents?.write(`prompts:versions:${name}`, JSON.stringify(list), undefined);
  const errors: ManagedLLMError[] = [];
  const one = definePrompt({ name, version: '1', template: 'one of {{it}}' });
  const two = definePrompt({ name, version: '2', template: 'as it is now {{it}}' });
  const registry = promptRegistry({ source: [one, two], state, onError: (error) => void errors.push(error) });
  expect(await registry.get(name)).toBe(one);
  await expect(registry.get(name, { version: '2' })).rejects.toMatchObject({ code: 'prompt-changed' });
  await expect(registry.label(name, 'production', '2', by)).rejects.toMatchObject({ code: 'prompt-changed' });
  expect(await registry.get(two, { version: '2' })).toBe(two);
  expect(codes(errors)).toEqual(['prompt-changed']);
});

describe('a registry', () => {
  test('refuses what is wrong, and says what to do', async () => {
    const wrong: [object, string][] = [
      [{}, '`promptRegistry.source` must be a list of prompts, `promptFolder(…)`, a function'],
      [{ source: ['a'] }, '`promptRegistry.source` must be'],
      [{ source: [], freshMS: 1 }, 'Did you mean `freshMs`?'],
      [{ source: [], loadTimeoutMs: 0 }, '`promptRegistry.loadTimeoutMs` must be more than 0'],
      [{ source: [], state: {} }, '`promptRegistry.state` must be a state'],
      [
        { source: [], state: { name: 'poor', shared: false, ledger: {} } },
        '`promptRegistry.state` (`poor`) cannot keep labels: give one of this package, or one with `documents`.',
      ],
    ];
    for (const [options, message] of wrong)
      expect(() => promptRegistry(options as PromptRegistryOptions)).toThrow(message);
    const { registry, name } = world();
    await expect(registry.get(name, { label: 'a', version: '1' })).rejects.toThrow('give one of them');
    await expect(registry.get(name, { lable: 'a' } as never)).rejects.toThrow('Did you mean `label`?');
    await expect(registry.get(name, { label: 7 } as never)).rejects.toThrow('`get.label` must be a string');
    await expect(registry.get(name, { label: '' })).rejects.toThrow(
      '`get.label` must be a text that is not empty',
    );
    await expect(registry.get({} as never)).rejects.toThrow('must be the name of a prompt, or one that');
    await expect(registry.get('')).rejects.toThrow('`name` must be a text that is not empty');
  });

  test('tells what is different between two versions', async () => {
    const { registry, name } = world();
    const { text } = await registry.diff(name, '1', '2');
    expect(text).toContain('-version 1 of {{it}}\n+version 2 of {{it}}');
    await expect(registry.diff(name, '1', '3')).rejects.toMatchObject({ code: 'prompt-unknown' });
  });

  test('aborts what it has under way when it is closed, leaves no timer, and answers no more', async () => {
    const all = world();
    let signal: AbortSignal | undefined;
    all.serve = (asked) => {
      ({ signal } = asked);
      return hangs();
    };
    const getting = expect(all.registry.get(all.name)).rejects.toMatchObject({ code: 'closed' });
    await all.clock.advance(0);
    await all.registry.close();
    await getting;
    expect(signal?.aborted).toBe(true);
    expect(all.clock.pending).toBe(0);
    await expect(all.registry.get(all.name)).rejects.toMatchObject({ code: 'closed' });
    await expect(all.registry.labels(all.name)).rejects.toMatchObject({ code: 'closed' });
    await all.registry.close();
    expect(all.errors).toEqual([]);
  });

  test('lets go of its state when nobody else uses it', async () => {
    const dispose = vi.fn(async () => {});
    const state = { ...memoryState(), dispose };
    const [one, two] = [promptRegistry({ source: [], state }), promptRegistry({ source: [], state })];
    await one.close();
    expect(dispose).not.toHaveBeenCalled();
    await two.close();
    expect(dispose).toHaveBeenCalledOnce();
  });

  test('reads all anew when its source says so', async () => {
    const name = freshName();
    let changed = (): void => {};
    const stop = vi.fn();
    let served = [version(name, '1')];
    const registry = promptRegistry({
      source: {
        load: () => ({ versions: served }),
        watch: (told) => {
          changed = told;
          return stop;
        },
      },
      freshMs: 1e12,
      onError: () => {},
    });
    await registry.get(name);
    served = [version(name, '1'), version(name, '2')];
    changed();
    await vi.waitFor(async () => expect(await registry.get(name)).toMatchObject({ version: '2' }));
    await registry.close();
    expect(stop).toHaveBeenCalledOnce();
  });

  test('keeps few drafts, and none in the state', async () => {
    const state = memoryState();
    const all = world({ state });
    const { registry, name } = all;
    for (let save = 0; save < 50; save += 1) {
      all.serve = () => [version(name, '1'), version(name, `draft-${save}`)];
      await registry.refresh(name);
      expect(await registry.get(name)).toMatchObject({ version: `draft-${save}` });
    }
    expect((await registry.versions(name)).map(({ version }) => version)).toEqual(['1', 'draft-49']);
    expect((await state.documents?.read(`prompts:versions:${name}`))?.text).not.toContain('draft');
    await registry.get(name, { version: 'draft-40' });
    await expect(registry.get(name, { version: 'draft-3' })).rejects.toMatchObject({
      code: 'prompt-unknown',
    });
  });

  test('gives what is known in microseconds', async () => {
    const { registry, name } = world();
    await registry.label(name, 'production', '1', by);
    const times = 20_000;
    let fastest = Infinity;
    for (let round = 0; round < 5; round += 1) {
      const startedAt = performance.now();
      for (let time = 0; time < times; time += 1) await registry.get(name, { label: 'production' });
      fastest = Math.min(fastest, (performance.now() - startedAt) / times);
    }
    expect(fastest * 1_000).toBeLessThan(25);
  });
});
