import { fallback, type Host } from 'managed-llm';
import { describe, expect, test } from 'vitest';
import { governed, openai, readAll, sdks, theOnlyCall, type TestOptions } from './governed.ts';

const pins = {
  openai: { alias: 'gpt-5-mini', snapshot: 'gpt-5-mini-2025-08-07' },
  anthropic: { alias: 'claude-haiku-4-5', snapshot: 'claude-haiku-4-5-20251001' },
} as const;

const models = {
  'openai/gpt-5-mini': { pin: pins.openai.snapshot },
  'anthropic/claude-haiku-4-5': { pin: pins.anthropic.snapshot },
};

describe.each(sdks)('a pinned alias, asked for through $name', (sdk) => {
  const { alias, snapshot } = pins[sdk.name];
  const target = { provider: sdk.name, model: alias };

  test('goes to its snapshot, and the receipt tells both', async () => {
    const world = governed({ models });
    world.provider.next({ text: 'pong' });
    expect(sdk.text(await sdk.create(world.llm, {}, alias))).toBe('pong');
    expect(world.provider.requests.map(({ model }) => model)).toEqual([snapshot]);
    const { receipt } = await theOnlyCall(world);
    expect(receipt).toMatchObject({ model: alias, target, servedModel: snapshot, facts: { pin: snapshot } });
    expect(world.errors).toEqual([]);
  });

  test('does so in a stream, by way of a route, and costs what the snapshot costs', async () => {
    const world = governed({ models, routes: { fast: fallback(`${sdk.name}/${alias}`) } });
    world.provider.next({ text: 'a b', usage: { inputTokens: 1_000, outputTokens: 100 } });
    await readAll(await sdk.stream(world.llm, {}, 'fast'));
    expect(world.provider.requests.map(({ model }) => model)).toEqual([snapshot]);
    const { receipt } = await theOnlyCall(world);
    expect(receipt).toMatchObject({ model: 'fast', target, servedModel: snapshot, facts: { pin: snapshot } });
    // 0.25 and 2 USD a million tokens, 1 and 5.
    expect(receipt.costNanoUsd).toBe(sdk.name === 'openai' ? 450_000 : 1_500_000);
  });

  test('asked for across the dialects it is the same', async () => {
    const other = sdk.name === 'openai' ? sdks[1] : sdks[0];
    const world = governed({ models });
    await other?.create(world.llm, {}, `${sdk.name}/${alias}`);
    expect(world.provider.requests.map(({ model }) => model)).toEqual([snapshot]);
    expect((await theOnlyCall(world)).receipt.facts.pin).toBe(snapshot);
  });

  test('that is served as something else is told of once for what was served', async () => {
    const world = governed({ models });
    world.provider.always({ text: 'x', model: `${alias}-2027-01-01` });
    await sdk.create(world.llm, {}, alias);
    await readAll(await sdk.stream(world.llm, {}, alias));
    await world.llm.idle();
    expect(world.errors).toHaveLength(1);
    expect(world.errors[0]).toMatchObject({
      code: 'pin-not-served',
      details: { target: `${sdk.name}/${alias}`, pin: snapshot, servedModel: `${alias}-2027-01-01` },
    });
    expect(world.receipts[1]).toMatchObject({ servedModel: `${alias}-2027-01-01`, facts: { pin: snapshot } });
  });
});

describe('pins', () => {
  test('leave other models, and the snapshot itself, as they are asked for', async () => {
    const world = governed({ models });
    await openai.create(world.llm, {}, 'gpt-5-nano');
    await openai.create(world.llm, {}, pins.openai.snapshot);
    await world.llm.idle();
    expect(world.provider.requests.map(({ model }) => model)).toEqual(['gpt-5-nano', pins.openai.snapshot]);
    for (const { facts } of world.receipts) expect(facts).not.toHaveProperty('pin');
  });

  test('leave requests of `llm.fetch` alone, and tell nothing of them', async () => {
    const world = governed({ models });
    await world.llm
      .fetch('openai')('https://api.openai.com/v1/chat/completions', {
        method: 'POST',
        headers: { authorization: 'Bearer test', 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'gpt-5-mini', messages: [] }),
      })
      .then((response) => response.json());
    await world.llm.idle();
    expect(world.provider.requests.map(({ model }) => model)).toEqual(['gpt-5-mini']);
    expect(world.receipts[0]?.facts).not.toHaveProperty('pin');
    expect(world.errors).toEqual([]);
  });

  test('are told of the last attempt: none where the call moved on to a model without one', async () => {
    const world = governed({ models, routes: { smart: fallback('openai/gpt-5-mini', 'backup/other') } });
    world.provider.next({ status: 503 });
    await openai.create(world.llm, {}, 'smart');
    const { receipt } = await theOnlyCall(world);
    expect(receipt.target).toEqual({ provider: 'backup', model: 'other' });
    expect(receipt.facts.pin).toBeUndefined();
  });

  test('of a deployment are compared with what it is said to be, and with nothing where that is not said', async () => {
    const served = 'gpt-5.2-2025-12-11';
    const models = {
      'backup/chat': { is: 'openai/gpt-5.2', pin: 'chat-v2' },
      'backup/gpt-5.2': { is: 'openai/*', pin: 'december' },
      'backup/unsaid': { pin: 'unsaid-v2' },
      'backup/other': { is: 'gpt-5.4', pin: 'other-v2' },
      'backup/longer': { is: 'gpt-5', pin: 'longer-v2' },
    };
    const world = governed({ models });
    world.provider.always({ text: 'x', model: served });
    for (const name of Object.keys(models)) await world.llm.chat({ model: name, messages: 'Hi' });
    await world.llm.idle();
    expect(world.errors.map(({ details }) => details)).toEqual([
      { target: 'backup/other', pin: 'other-v2', servedModel: served },
      { target: 'backup/longer', pin: 'longer-v2', servedModel: served },
    ]);
  });

  test('that nobody knows are told of, at the hosts of their own providers, and asked for all the same', async () => {
    const world = governed({
      models: {
        'openai/gpt-5.2': { pin: 'gpt-5.2-2025-12-99' },
        'openai/gpt-6-luna': { pin: 'gpt-6-luna-2026-09-99' },
        'openai/gpt-5.4': { pin: 'openai/gpt-5.4-2026-03-05' },
        'openai/gpt-5.5': { pin: 'gpt-5.5-2026-04-23' },
        'openai/fast': { is: 'gpt-5.4', pin: 'gpt-5.4-2026-03-05' },
        'openai/slow': { is: 'gpt-5.4', pin: 'gpt-5.4-2026-13-05' },
        'openai/omni-moderation-latest': { pin: 'omni-moderation-2024-09-26' },
        'anthropic/claude-haiku-4-5': { pin: 'claude-haiku-4-5-20251001' },
        'backup/chat': { is: 'gpt-5.2', pin: 'chat-v2' },
      },
    });
    await openai.create(world.llm, {}, 'gpt-5.2');
    await world.llm.idle();
    expect(world.provider.requests.map(({ model }) => model)).toEqual(['gpt-5.2-2025-12-99']);
    expect(world.errors.map(({ details }) => details['path'])).toEqual([
      'models.openai/gpt-5.2.pin',
      'models.openai/gpt-6-luna.pin',
      'models.openai/gpt-5.4.pin',
      'models.openai/slow.pin',
    ]);
    expect(world.errors[0]?.message).toBe(
      '`models.openai/gpt-5.2.pin` is `gpt-5.2-2025-12-99`, which is no id of openai that is known. ' +
        'It is asked for all the same. The snapshots of `gpt-5.2` that are known: gpt-5.2-2025-12-11.',
    );
  });

  test('cost what the snapshot costs, also where something is said of the alias', async () => {
    const world = governed({
      models: {
        'openai/gpt-4o': { is: 'gpt-4o', pin: 'gpt-4o-2024-05-13' },
        'openai/ours': { is: 'gpt-4o', pin: 'ours-v2' },
      },
    });
    const usage = { inputTokens: 1_000, outputTokens: 0 };
    world.provider.always({ text: '', usage });
    for (const model of ['gpt-4o', 'ours']) await openai.create(world.llm, {}, model);
    await world.llm.idle();
    // 5 USD a million tokens; 2.5 where the catalogue does not have the pin.
    expect(world.receipts.map(({ costUsd }) => costUsd)).toEqual([0.005, 0.0025]);
  });

  test('are told by `explain`', async () => {
    const { llm } = governed({ models });
    const told = await llm.explain({ model: 'openai/gpt-5-mini', messages: 'Hi' });
    expect(told.choices[0]?.pin).toBe(pins.openai.snapshot);
    const free = await llm.explain({ model: 'openai/gpt-5-nano', messages: 'Hi' });
    expect(free.choices[0]?.pin).toBeUndefined();
  });

  test('are part of what decides an answer: caches tell pins apart', async () => {
    const definitionOf = async (options: TestOptions, model: string) => {
      const told: (string | undefined)[] = [];
      let host: Host | undefined;
      const { llm } = governed({
        ...options,
        interceptors: [
          {
            name: 'asks',
            stage: 'reuse',
            attach: (attached) => void (host = attached),
            intercept(call, next) {
              told.push(host?.definitionOf(call));
              return next(call);
            },
          },
        ],
      });
      await openai.create(llm, {}, model);
      return told[0];
    };
    const routes = { fast: fallback('openai/gpt-5-mini') };
    const other = { 'openai/gpt-5-mini': { pin: 'gpt-5-mini-2027-01-01' } };
    for (const model of ['gpt-5-mini', 'fast']) {
      const all = await Promise.all([
        definitionOf({ routes }, model),
        definitionOf({ routes, models }, model),
        definitionOf({ routes, models: other }, model),
      ]);
      expect(new Set(all).size, model).toBe(3);
    }
  });

  test('are for one model', () => {
    expect(() => governed({ models: { 'openai/*': { pin: 'gpt-5-2025-08-07' } } })).toThrow(
      /`models.openai\/\*.pin` is for one model/,
    );
    expect(() => governed({ models: { 'openai/gpt-5': { pin: '' } } })).toThrow(/models.openai\/gpt-5.pin/);
  });
});
