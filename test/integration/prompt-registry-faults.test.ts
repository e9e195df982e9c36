import { setImmediate } from 'node:timers/promises';
import { definePrompt, ManagedLLMError, memoryState } from 'managed-llm';
import { describe, expect, test } from 'vitest';
import { by, codes, down, emptied, switchable, version, world } from './registry-world.ts';

describe('labels', () => {
  test('that the state has lost are all written again when one of them is set to what it names already', async () => {
    const { state, empty } = emptied();
    const all = world({ state });
    const { registry, name } = all;
    await registry.label(name, 'staging', '2', by);
    await registry.label(name, 'production', '1', by);
    empty();
    await registry.label(name, 'production', '1', by);
    expect(await registry.get(name, { label: 'production' })).toMatchObject({ version: '1' });
    expect(await all.open().labels(name)).toEqual({ staging: '2', production: '1' });
    expect(codes(all.errors)).toEqual(['state-not-durable']);
  });

  test('that nobody has asked for in a long while are waited for, so that what was rolled back is not used', async () => {
    const { state } = emptied();
    const all = world({ state });
    const { registry, name, clock } = all;
    await registry.label(name, 'production', '1', by);
    await registry.label(name, 'production', '2', by);
    const other = all.open();
    expect(await other.get(name, { label: 'production' })).toMatchObject({ version: '2' });
    await registry.rollback(name, 'production', by);
    await clock.advance(15_000);
    const got = await Promise.all(Array.from({ length: 10 }, () => other.get(name, { label: 'production' })));
    expect(got.map((prompt) => prompt.version)).toEqual(Array.from({ length: 10 }, () => '1'));
  });

  test('give what they named before, where what they name cannot be had', async () => {
    const state = memoryState();
    const all = world({ state });
    const { registry, name } = all;
    all.serve = () => [version(name, '1'), version(name, '2', 'long '.repeat(20_000))];
    await registry.label(name, 'production', '1', by);
    await registry.label(name, 'production', '2', by);
    await registry.close();
    all.serve = down;
    const late = all.open();
    expect(await late.get(name, { label: 'production' })).toMatchObject({
      version: '1',
      label: 'production',
    });
    expect(await late.get(name, { label: 'production' })).toMatchObject({ version: '1' });
    expect(codes(all.errors)).toContain('prompt-source-failed');
    all.serve = () => [version(name, '2', 'long '.repeat(20_000))];
    await late.refresh(name);
    expect(await late.get(name, { label: 'production' })).toMatchObject({ version: '2' });
  });

  test('that are misspelt are told to the code that asks by them, where others are set', async () => {
    const { registry, name, errors } = world();
    const prompt = definePrompt({ name, version: '0', template: 'zero of {{it}}' });
    expect(await registry.get(prompt, { label: 'prodction' })).toBe(prompt);
    expect(errors).toEqual([]);
    await registry.label(name, 'production', '1', by);
    for (let call = 0; call < 3; call += 1)
      expect(await registry.get(prompt, { label: 'prodction' })).toBe(prompt);
    expect(errors.map(({ message }) => message)).toEqual([
      `Prompt \`${name}\` has no label \`prodction\`. It has \`production\`: set it with \`label\`.`,
    ]);
  });

  test('are waited for a moment, once, where the state hangs', async () => {
    const state = switchable();
    const { registry, name, clock, errors } = world({ state });
    await registry.label(name, 'production', '1', by);
    state.how = 'hangs';
    await clock.advance(60_000);
    const got = Promise.all([1, 2].map(() => registry.get(name, { label: 'production' })));
    await clock.advance(250);
    expect(await got).toMatchObject([{ version: '1' }, { version: '1' }]);
    // Whoever comes later waits for nothing, whether it is under way or has failed.
    expect(await registry.get(name, { label: 'production' })).toMatchObject({ version: '1' });
    await clock.advance(60_000);
    expect(await registry.get(name, { label: 'production' })).toMatchObject({ version: '1' });
    expect(codes(errors)).toContain('state-unreachable');
  });
});

describe('versions', () => {
  test('of two processes that start together with other content end as what the state has kept', async () => {
    const state = memoryState();
    const all = world({ state });
    const { name } = all;
    const open = (template: string) => all.open({ source: () => [version(name, '1', template)] });
    const [one, other] = [open('one'), open('other')];
    await Promise.all([one.get(name), other.get(name)]);
    await Promise.all([one.versions(name), other.versions(name)]);
    const { hash } = await one.get(name);
    expect(await other.get(name)).toMatchObject({ hash });
    expect(await other.get(name, { version: '1' })).toMatchObject({ hash });
    await other.label(name, 'production', '1', by);
    expect(await other.versions(name)).toMatchObject([{ version: '1', hash }]);
    expect(codes(all.errors)).toEqual(['prompt-changed']);
  });

  test('that have made room in the list are held to their documents all the same', async () => {
    const state = memoryState();
    const all = world({ state });
    const { registry, name } = all;
    const { hash } = await registry.get(name, { version: '1' });
    await registry.close();
    const list = await state.documents?.read(`prompts:versions:${name}`);
    await state.documents?.write(`prompts:versions:${name}`, '[]', list?.version);
    all.serve = () => [version(name, '1', 'changed')];
    expect(await all.open().get(name)).toMatchObject({ version: '1', hash });
    expect(codes(all.errors)).toEqual(['prompt-changed']);
  });

  test('without labels are kept again by a state that has lost them', async () => {
    const { state, empty } = emptied();
    const all = world({ state });
    const { registry, name } = all;
    await registry.get(name);
    await registry.refresh(name);
    empty();
    await registry.refresh(name);
    await registry.refresh(name);
    all.serve = down;
    expect(await all.open().get(name)).toMatchObject({ version: '2' });
    expect(await all.open().get(name, { version: '1' })).toMatchObject({ version: '1' });
  });

  test('of two registries with nothing in common are nothing to each other', async () => {
    const { name, open, errors } = world();
    const tenant = (template: string) => open({ source: () => [version(name, '1', template)] });
    const [one, other] = await Promise.all(['one', 'other'].map((of) => tenant(of).get(name)));
    expect(one?.hash).not.toBe(other?.hash);
    expect(errors).toEqual([]);
  });

  test('that the code has with other content are told, and the code keeps its own', async () => {
    const all = world();
    const { registry, name, errors } = all;
    await registry.get(name);
    const prompt = definePrompt({ name, version: '2', template: 'other {{it}}' });
    for (let call = 0; call < 3; call += 1) expect(await registry.get(prompt)).toBe(prompt);
    expect(codes(errors)).toEqual(['prompt-changed']);
    expect(await registry.get(name)).not.toMatchObject({ hash: prompt.hash });
  });

  test('that were asked for by themselves are older than what is served', async () => {
    const state = memoryState();
    const all = world({ state });
    const { registry, name } = all;
    all.serve = (wanted) => [version(name, wanted.version ?? '4')];
    await registry.get(name);
    await registry.label(name, 'old', '1', by);
    expect((await registry.versions(name)).map((one) => one.version)).toEqual(['1', '4']);
    await registry.close();
    all.serve = down;
    expect(await all.open().get(name)).toMatchObject({ version: '4' });
  });

  test('keep their order when one of them is not served any more', async () => {
    const all = world();
    const { registry, name } = all;
    all.serve = () => ['1', '2', '15'].map((which) => version(name, which));
    await registry.versions(name);
    all.serve = () => ['1', '15', '16'].map((which) => version(name, which));
    await registry.refresh(name);
    expect((await registry.versions(name)).map((one) => one.version)).toEqual(['1', '2', '15', '16']);
  });

  test('whose copy was changed in the state are not served from it', async () => {
    const state = memoryState();
    const all = world({ state });
    const { registry, name } = all;
    await registry.versions(name);
    await registry.close();
    const key = `prompts:version:${name}:2`;
    const found = await state.documents?.read(key);
    await state.documents?.write(key, found?.text.replace('version 2', 'evil') ?? '', found?.version);
    all.serve = down;
    const late = all.open();
    await expect(late.get(name, { version: '2' })).rejects.toMatchObject({ code: 'prompt-source-failed' });
    expect(codes(all.errors)).toContain('state-incompatible');
  });

  test.each([undefined, null, {}, 7, 'text', { versions: 7 }, { versions: [], problems: ['x'] }])(
    'of a source that gives %j fail by their code',
    async (given) => {
      const { name, open } = world();
      for (const source of [{ load: () => given as never }, () => given as never])
        await expect(open({ source }).get(name)).rejects.toMatchObject({ code: 'prompt-source-failed' });
    },
  );

  test('of which a member throws hide no other, and a list that throws is a failure of the source', async () => {
    const { name, open, errors } = world();
    const hostile = Object.defineProperty({ name }, 'version', { enumerable: true, get: down });
    expect(await open({ source: () => [hostile, version(name, '1')] }).get(name)).toMatchObject({
      version: '1',
    });
    expect(codes(errors)).toEqual(['prompt-invalid']);
    const source = { load: () => Object.defineProperty({}, 'versions', { get: down }) as never };
    await expect(open({ source }).get(name)).rejects.toMatchObject({ code: 'prompt-source-failed' });
  });

  test('of a source whose `names` throws are unknown, and one of a class keeps its `this`', async () => {
    const { open } = world();
    class Mine {
      readonly all = ['mine'];
      load = () => ({ versions: [] });
      names() {
        return this.all;
      }
    }
    await expect(open({ source: new Mine() }).get('nope')).rejects.toThrow('Known: `mine`');
    const source = { load: () => ({ versions: [] }), names: down };
    await expect(open({ source }).get('nope')).rejects.toMatchObject({ code: 'prompt-unknown' });
  });

  test('that arrive after the registry is closed are not written', async () => {
    const { state } = emptied();
    const { name, open } = world({ state });
    let answer = (_given: { versions: unknown[] }): void => {};
    const registry = open({ source: { load: () => new Promise((resolve) => (answer = resolve)) } });
    const getting = expect(registry.get(name)).rejects.toMatchObject({ code: 'closed' });
    await setImmediate();
    await registry.close();
    answer({ versions: [version(name, '1')] });
    await getting;
    await setImmediate();
    expect(await state.documents?.read(`prompts:version:${name}:1`)).toBeUndefined();
  });
});

describe('a registry', () => {
  test('keeps what it knows, however many names that there are not are asked for', async () => {
    const all = world();
    const { registry, name, errors } = all;
    all.serve = () => [version(name, '1')];
    await registry.get(name);
    all.serve = () => [];
    for (let at = 0; at < 11_000; at += 1)
      await expect(registry.get(`nobody-${at}`)).rejects.toMatchObject({ code: 'prompt-unknown' });
    all.serve = down;
    const asked = all.asked.length;
    expect(await registry.get(name)).toMatchObject({ version: '1' });
    expect(all.asked).toHaveLength(asked);
    expect(await registry.names()).toEqual([name]);
    expect(errors).toEqual([]);
  });

  test('asks nobody for what can be no name, and refuses it', async () => {
    const { registry, asked } = world();
    const wrong: unknown[] = ['a b', 'x'.repeat(257), '\u001b[31m', 'a:b', undefined, null, 7, {}];
    for (const name of wrong)
      await expect(registry.get(name as string)).rejects.toMatchObject({ code: 'invalid-options' });
    for (const options of [null, 7, { version: 'v'.repeat(257) }])
      await expect(registry.get('a', options as never)).rejects.toMatchObject({ code: 'invalid-options' });
    expect(asked).toEqual([]);
  });

  test('is asked anew for all, also after a name that there is not', async () => {
    const { open, name } = world();
    let which = '1';
    const served = (asked: string) => (asked === name ? [version(name, which)] : []);
    const registry = open({ source: (asked) => (which === '3' ? down() : served(asked)) });
    await registry.get('nobody').catch(() => {});
    await registry.get(name);
    which = '2';
    await registry.refresh();
    expect(await registry.get(name)).toMatchObject({ version: '2' });
    await expect(registry.refresh('nobody')).rejects.toMatchObject({ code: 'prompt-unknown' });
    which = '3';
    await expect(registry.refresh()).rejects.toMatchObject({ code: 'prompt-source-failed' });
  });

  test('keeps the process for as long as somebody waits for its source, also the second time', async () => {
    const { name, open, clock } = world();
    let kept = 0;
    const counting = {
      ...clock,
      now: () => clock.now(),
      setTimeout: (callback: () => void, ms: number, keepAlive?: boolean) => {
        if (keepAlive === true) kept += 1;
        return clock.setTimeout(callback, ms);
      },
    };
    const registry = open({ source: () => new Promise(() => {}), loadTimeoutMs: 200, clock: counting });
    for (const _time of [1, 2]) {
      kept = 0;
      const getting = expect(registry.get(name)).rejects.toMatchObject({ code: 'prompt-source-failed' });
      await clock.advance(200);
      await getting;
      expect(kept).toBeGreaterThan(0);
      await clock.advance(1_000);
    }
  });

  test('can be closed where its source cannot be left', async () => {
    const { open, errors } = world();
    const registry = open({ source: { load: () => ({ versions: [] }), watch: () => down } });
    await registry.close();
    await expect(registry.get('a')).rejects.toMatchObject({ code: 'closed' });
    expect(errors).toHaveLength(1);
  });

  test('tells the same once a minute, for whatever prompt, and no more than a thousand things', async () => {
    const { open, clock, errors } = world();
    const problem = new ManagedLLMError({ code: 'prompt-invalid', message: 'The file `a.md` is wrong.' });
    const registry = open({
      freshMs: 0,
      source: {
        load: (name) => ({ versions: [{ name, version: '1', template: 'x' }], problems: [problem] }),
      },
    });
    for (let at = 0; at < 20; at += 1) await registry.get(`told-${at}`);
    expect(errors).toEqual([problem]);
    await clock.advance(60_000);
    await registry.refresh();
    expect(errors).toEqual([problem, problem]);
    const noisy = open({
      source: { load: (name) => Promise.reject(new Error(name)) },
    });
    errors.length = 0;
    for (let at = 0; at < 1_500; at += 1) await noisy.get(`noisy-${at}`).catch(() => {});
    expect(errors).toHaveLength(1_000);
  });
});
