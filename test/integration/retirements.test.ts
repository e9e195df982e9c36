import { fallback, ManagedLLM, type ManagedLLMError } from 'managed-llm';
import { manualClock, standIn } from 'managed-llm/testing';
import { AzureOpenAI, OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import { governed, openai } from './governed.ts';

const page = 'https://developers.openai.com/api/docs/deprecations';

/** What was told of each target, and how many days it had left. */
function told(errors: readonly ManagedLLMError[]): readonly (readonly [unknown, unknown])[] {
  return errors.map(({ details }) => [details['target'], details['daysLeft']]);
}

describe('models that end', () => {
  test('are told of once, with the day, the days left, the successor and the source', async () => {
    const world = governed();
    for (let calls = 0; calls < 3; calls++) await openai.create(world.llm, {}, 'gpt-5-mini');
    await world.llm.idle();
    expect(world.retirements).toHaveLength(1);
    const [error] = world.retirements;
    expect(error?.details).toEqual({
      target: 'openai/gpt-5-mini',
      retiresAt: '2026-12-11',
      daysLeft: 18,
      successor: 'gpt-6.1-terra',
      source: page,
      asOf: '2026-11-30',
    });
    expect(error?.message).toBe(
      `\`openai/gpt-5-mini\` is not served any more from 2026-12-11 on: 18 days left (as read on 2026-11-30). ` +
        'Recommended instead: `gpt-6.1-terra`.',
    );
  });

  test('are told of again when the day is near, and when it is past', async () => {
    const world = governed();
    const { llm, clock, retirements } = world;
    const callAt = async (time: number) => {
      await clock.advance(time - clock.now());
      await openai.create(llm, {}, 'gpt-5-mini');
      await llm.idle();
    };
    await callAt(Date.UTC(2026, 10, 24));
    await callAt(Date.UTC(2026, 10, 27) - 1);
    expect(told(retirements)).toEqual([['openai/gpt-5-mini', 17]]);
    await callAt(Date.UTC(2026, 10, 27));
    await callAt(Date.UTC(2026, 11, 10));
    expect(told(retirements).slice(1)).toEqual([['openai/gpt-5-mini', 14]]);
    await callAt(Date.UTC(2026, 11, 11));
    await callAt(Date.UTC(2027, 0, 1));
    expect(told(retirements).slice(2)).toEqual([['openai/gpt-5-mini', 0]]);
    expect(retirements[2]?.message).toContain('was announced to be served no more from 2026-12-11 on');
  });

  test('are told of also where a route leads to them only after a failure', async () => {
    const routes = { smart: fallback('openai/gpt-6-luna', 'anthropic/claude-opus-4-5') };
    const world = governed({ routes });
    await openai.create(world.llm, {}, 'smart');
    await world.llm.idle();
    expect(told(world.retirements)).toEqual([['anthropic/claude-opus-4-5', 60]]);
    expect(world.retirements[0]?.details).toMatchObject({ successor: 'claude-opus-5-5' });
  });

  test('are told of three times also where no call ever comes to them, and where `explain` was asked first', async () => {
    const routes = { smart: fallback('openai/gpt-6-luna', 'openai/gpt-5-mini') };
    const { llm, clock, retirements } = governed({ routes });
    await llm.explain({ model: 'smart', messages: 'Hi' });
    for (let day = 0; day < 25; day++) {
      for (let calls = 0; calls < 2; calls++) await openai.create(llm, {}, 'smart');
      await llm.idle();
      await clock.advance(86_400_000);
    }
    expect(told(retirements)).toEqual([
      ['openai/gpt-5-mini', 18],
      ['openai/gpt-5-mini', 14],
      ['openai/gpt-5-mini', 0],
    ]);
  });

  test('are told of once for all fine-tuned models of one base: their names may come from users', async () => {
    const world = governed({ models: { 'openai/ft:gpt-4.1:acme::own': { retiresAt: '2026-12-01' } } });
    for (const name of ['x1', 'x2', 'own', 'x3'])
      await openai.create(world.llm, {}, `ft:gpt-4.1:acme::${name}`);
    await openai.create(world.llm, {}, 'gpt-4.1');
    await world.llm.idle();
    expect(told(world.retirements)).toEqual([
      ['openai/ft:gpt-4.1:acme::x1', 52],
      ['openai/ft:gpt-4.1:acme::own', 8],
      ['openai/gpt-4.1', 52],
    ]);
  });

  test('are those at the client of whoever asks, where each caller has one', async () => {
    const provider = standIn();
    const errors: ManagedLLMError[] = [];
    const llm = new ManagedLLM({
      providers: {
        byo: ({ tenant }) =>
          new OpenAI({
            apiKey: 'test',
            fetch: provider.fetch,
            ...(tenant === 'own' ? {} : { baseURL: 'https://gateway.test/v1' }),
          }),
      },
      clock: manualClock(Date.UTC(2026, 10, 23)),
      onError: (error) => void errors.push(error),
    });
    const request = { model: 'byo/gpt-5-mini', messages: 'Hi' } as const;
    const endFor = async (tenant: string) =>
      (await llm.explain(request, { tenant })).choices[0]?.retirement?.retiresAt;
    expect([await endFor('own'), await endFor('other')]).toEqual(['2026-12-11', undefined]);
    await llm.chat(request, { tenant: 'other' });
    await llm.idle();
    expect(errors).toEqual([]);
  });

  test('are told of once in a process, whichever `ManagedLLM` asks', async () => {
    const first = governed();
    const second = governed({}, {}, first);
    await openai.create(first.llm, {}, 'gpt-4o');
    await first.llm.idle();
    await openai.create(second.llm, {}, 'gpt-4o');
    await second.llm.idle();
    expect([first.retirements.length, second.retirements.length]).toEqual([1, 0]);
  });

  test('are those of their own provider: what a cloud or a gateway resells has days that are not known', async () => {
    const provider = standIn();
    const errors: ManagedLLMError[] = [];
    const llm = new ManagedLLM({
      providers: {
        azure: new AzureOpenAI({
          apiKey: 'test',
          apiVersion: '2025-01-01',
          endpoint: 'https://acme.openai.azure.com',
          fetch: provider.fetch,
        }),
        gateway: new OpenAI({ apiKey: 'test', baseURL: 'https://gateway.test/v1', fetch: provider.fetch }),
      },
      clock: manualClock(Date.UTC(2026, 10, 23)),
      onError: (error) => void errors.push(error),
    });
    await llm.chat({ model: 'gateway/gpt-5-mini', messages: 'Hi' });
    await llm.chat({ model: 'azure/gpt-5-mini', messages: 'Hi' });
    await llm.idle();
    expect(errors).toEqual([]);
  });

  test('are as the application says: for fine-tuned models and machines of its own, or not at all', async () => {
    const world = governed({
      models: {
        'openai/ours': { is: 'gpt-4.1-mini' },
        'backup/llama': { retiresAt: '2026-12-01', successor: 'backup/llama-4' },
        'openai/gpt-5-mini': { retiresAt: false },
        'openai/gpt-4o': { pin: 'gpt-4o-2024-05-13' },
      },
    });
    for (const model of ['ours', 'backup/llama', 'gpt-5-mini', 'gpt-4o', 'ft:gpt-4.1-2025-04-14:acme::x1'])
      await openai.create(world.llm, {}, model);
    await world.llm.idle();
    expect(told(world.retirements)).toEqual([
      ['openai/ours', 52],
      ['backup/llama', 8],
      ['openai/gpt-4o', -31],
      ['openai/ft:gpt-4.1-2025-04-14:acme::x1', 52],
    ]);
    expect(world.retirements[1]?.message).toBe(
      '`backup/llama` is not served any more from 2026-12-01 on: 8 days left (the option `models`). ' +
        'Recommended instead: `backup/llama-4`.',
    );
  });

  test('are told by `explain`, without a call', async () => {
    const { llm, retirements } = governed();
    const asked = await llm.explain({ model: 'openai/gpt-5-mini', messages: 'Hi' });
    expect(asked.choices[0]?.retirement).toEqual({
      retiresAt: '2026-12-11',
      daysLeft: 18,
      successor: 'gpt-6.1-terra',
      source: page,
      asOf: '2026-11-30',
    });
    const other = await llm.explain({ model: 'openai/gpt-6-luna', messages: 'Hi' });
    expect(other.choices[0]?.retirement).toBeUndefined();
    expect(retirements).toEqual([]);
  });

  test.each([['2026-13-01'], [true], ['soon']])('`retiresAt` of %o is refused', (retiresAt) => {
    expect(() => governed({ models: { 'openai/a': { retiresAt: retiresAt as string } } })).toThrow(
      /`models.openai\/a.retiresAt` must be a day/,
    );
  });
});
