import { describe, expect, test } from 'vitest';
import { capabilityNames } from '../../../src/core/capabilities.ts';
import { daysUntil } from '../../../src/core/retirement.ts';
import { dayOf } from '../../../src/pricing/models-option.ts';
import { overlay } from '../../../src/pricing/overlay.ts';
import { retirements } from '../../../src/pricing/overlay/retirements.ts';
import { announcerAt, ownerOf, retirementOf } from '../../../src/pricing/retirements.ts';
import { endsInOpenai } from '../../../scripts/sdk-ends.ts';
import { catalogue } from './catalogue-of-tests.ts';

const { abilities, snapshots } = overlay;

describe('what models can do', () => {
  test.each(abilities.flatMap((row) => row.ids.map((id) => [id, row] as const)))(
    '%s is a model of the catalogue, with what it can and cannot',
    (id, { provider, has, lacks }) => {
      expect(catalogue.find(provider, id, false)?.id).toBe(id);
      for (const name of [...has, ...lacks]) expect(capabilityNames).toContain(name);
      const { capabilities } = catalogue.find(provider, id, false) ?? {};
      for (const name of has) expect(capabilities?.[name], name).toBe(true);
      for (const name of lacks) expect(capabilities?.[name], name).toBe(false);
    },
  );

  test('is said once of each capability of a model', () => {
    const said = abilities.flatMap(({ provider, ids, has, lacks }) =>
      ids.flatMap((id) => [...has, ...lacks].map((name) => `${provider}/${id} ${name}`)),
    );
    expect([...new Set(said)]).toEqual(said);
  });

  test('holds for snapshots and further ids of a model, and for no other', () => {
    const of = (id: string) => catalogue.find('openai', id, false)?.capabilities;
    expect(of('gpt-5-mini-2025-08-07')).toEqual(of('gpt-5-mini'));
    expect(of('gpt-5-mini')).toMatchObject({ vision: true, reasoning: true, audio: false });
    expect(of('gpt-4.1')).toMatchObject({ vision: true, reasoning: false });
    expect(of('text-embedding-3-small')).toEqual({});
  });

  test('every model that is described has a price or a window', () => {
    for (const name of catalogue.described) {
      const [provider = '', id = ''] = name.split('/');
      const found = catalogue.find(provider, id, false);
      expect(found?.prices ?? found?.contextTokens, name).toBeDefined();
    }
  });
});

describe('snapshots', () => {
  test.each(snapshots.map((row) => [row.model, row] as const))(
    'of %s are ids of that model, the oldest first',
    (model, { provider, ids }) => {
      expect(catalogue.find(provider, model, false)?.snapshots?.ids).toEqual(ids);
      for (const id of ids) expect(catalogue.find(provider, id, false)?.id, id).toBe(model);
      expect(ids.toSorted()).toEqual(ids);
      expect(ids.every((id) => /\d{4}-?\d{2}-?\d{2}$/.test(id))).toBe(true);
    },
  );

  test('are each of one model', () => {
    const all = snapshots.flatMap(({ provider, ids }) => ids.map((id) => `${provider}/${id}`));
    expect([...new Set(all)]).toEqual(all);
  });
});

describe('ends of models', () => {
  test.each(retirements.flatMap((row) => row.ids.map((id) => [id, row] as const)))(
    '%s ends on a day that somebody has told, and the source is there',
    (id, { retiresAt, successor, source, asOf, provider }) => {
      expect(dayOf(retiresAt)).toBeTypeOf('number');
      expect(dayOf(asOf)).toBeTypeOf('number');
      expect(source).not.toBe('');
      if (successor === undefined) return;
      expect(catalogue.find(provider, successor, false), successor).toBeDefined();
      expect(
        retirements.flatMap((row) => row.ids),
        successor,
      ).not.toContain(successor);
      expect(successor).not.toBe(id);
    },
  );

  test('are all in the table that the comments of the installed OpenAI SDK announce, on the same days', () => {
    const announced = endsInOpenai('node_modules/openai');
    expect(announced.size).toBeGreaterThan(80);
    const ofTable = retirements
      .filter(({ provider }) => provider === 'openai')
      .flatMap(({ ids, retiresAt }) => ids.map((id) => [id, retiresAt] as const));
    const table = new Map(ofTable);
    const missing = [...announced].filter(([id, day]) => table.get(id) !== day);
    expect(missing).toEqual([]);
  });

  test('of OpenAI are told by its own SDK or its own page, and what is recommended instead by the page', () => {
    for (const { source, successor } of retirements.filter(({ provider }) => provider === 'openai'))
      expect(source).toMatch(
        successor === undefined
          ? /^(?:openai 7|https:\/\/developers\.openai\.com\/)/
          : /^https:\/\/developers\.openai\.com\/api\/docs\/deprecations$/,
      );
    expect(retirementOf('openai', 'gpt-5', {})).toMatchObject({ successor: 'gpt-6.1-sol' });
  });

  test('are told once of each id', () => {
    const all = retirements.flatMap(({ provider, ids }) => ids.map((id) => `${provider}/${id}`));
    expect([...new Set(all)]).toEqual(all);
  });

  test('hold at the provider itself, its regions and platforms that it runs for clouds, not at those who resell it', () => {
    expect(ownerOf('https://api.openai.com/v1')).toBe('openai');
    expect(ownerOf('https://eu.api.openai.com/v1')).toBe('openai');
    expect(ownerOf('https://api.anthropic.com')).toBe('anthropic');
    for (const origin of [
      undefined,
      'nothing',
      'http://api.openai.com/v1',
      'https://acme.openai.azure.com/openai',
      'https://api.openai.com.example/v1',
    ])
      expect(ownerOf(origin), origin).toBeUndefined();
    for (const origin of [
      'https://api.anthropic.com',
      'https://aws-external-anthropic.us-east-1.api.aws',
      'https://acme.services.ai.azure.com/anthropic/',
      'https://acme.azure.anthropic.com/anthropic/',
    ])
      expect(announcerAt(origin), origin).toBe('anthropic');
    expect(announcerAt('https://api.openai.com/v1')).toBe('openai');
    for (const origin of [
      undefined,
      'https://acme.services.ai.azure.com/openai/v1',
      'https://bedrock-runtime.us-east-1.amazonaws.com',
      'https://aws-external-anthropic.api.aws',
      'https://aws-external-anthropic.us-east-1.api.aws.example',
      'https://aiplatform.googleapis.com/v1',
    ])
      expect(announcerAt(origin), origin).toBeUndefined();
    expect(retirementOf(undefined, 'gpt-5-mini', {})).toBeUndefined();
    expect(retirementOf('openai', 'gpt-5-mini', {})).toMatchObject({
      retiresAt: '2026-12-11',
      successor: 'gpt-6.1-terra',
    });
  });

  test('are those of the snapshot that is asked for, of the model that it was made from, or as stated', () => {
    const fineTuned = 'ft:gpt-4.1-mini-2025-04-14:acme::x1';
    expect(retirementOf('openai', fineTuned, {})?.retiresAt).toBe('2027-01-14');
    expect(retirementOf('openai', 'ours', { is: 'openai/gpt-4.1' })?.retiresAt).toBe('2027-01-14');
    expect(retirementOf('openai', 'ours', { is: 'gpt-5.1' })?.retiresAt).toBe('2027-04-01');
    expect(retirementOf('openai', 'gpt-4o', { pin: 'gpt-4o-2024-05-13' })?.retiresAt).toBe('2026-10-23');
    expect(retirementOf('openai', 'gpt-5-mini', { retiresAt: false })).toBeUndefined();
    expect(retirementOf(undefined, 'ours', { retiresAt: '2027-03-01', successor: 'ours-2' })).toEqual({
      retiresAt: '2027-03-01',
      successor: 'ours-2',
      source: 'models',
      asOf: undefined,
    });
    expect(retirementOf('openai', 'gpt-5-mini', { successor: 'ours' })).toMatchObject({
      retiresAt: '2026-12-11',
      successor: 'ours',
    });
  });

  test('are counted in days that have begun', () => {
    expect(daysUntil('2026-12-11', Date.UTC(2026, 11, 10))).toBe(1);
    expect(daysUntil('2026-12-11', Date.UTC(2026, 11, 10, 23, 59))).toBe(1);
    expect(daysUntil('2026-12-11', Date.UTC(2026, 11, 11))).toBe(0);
    // `toBe` tells it from -0.
    expect(daysUntil('2026-12-11', Date.UTC(2026, 11, 11, 12))).toBe(0);
    expect(daysUntil('2026-12-11', Date.UTC(2026, 11, 12))).toBe(-1);
  });
});
