import { describe, expect, test } from 'vitest';
import { by, codes, emptied, switchable, world } from './registry-world.ts';

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
