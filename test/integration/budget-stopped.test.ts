import { setImmediate as turn } from 'node:timers/promises';
import { budget } from 'managed-llm';
import { describe, expect, test } from 'vitest';
import { governed, rejection, sdks } from './governed.ts';

const price = { inputUsdPerMTok: 1, outputUsdPerMTok: 10 };
const models = { 'openai/*': { price }, 'anthropic/*': { price }, 'backup/*': { price } };

describe.each(sdks)('a call that is stopped ($name)', (sdk) => {
  test('tells in its receipt what was counted for it, and has nothing set aside when all is idle', async () => {
    const spend = budget({ name: 'daily', limitUsd: 1, window: 'day' });
    const world = governed({ models, interceptors: [spend] });
    world.provider.always({ hang: true });
    const stopping = new AbortController();
    const stopped = rejection(sdk.create(world.llm, { signal: stopping.signal }));
    while (world.provider.requests.length === 0) await turn();
    stopping.abort();
    await stopped;
    await world.llm.idle();
    const [receipt] = world.receipts;
    expect(receipt).toMatchObject({ outcome: 'aborted', facts: { spend: { basis: 'bound' } } });
    const { usedUsd, reservedUsd } = await spend.status();
    expect(reservedUsd).toBe(0);
    expect(usedUsd).toBe((receipt?.facts.spend?.chargedNanoUsd ?? Number.NaN) / 1e9);
  });
});
