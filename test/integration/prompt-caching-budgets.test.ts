import { costOf, promptCaching } from 'managed-llm';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { settledOnce } from './governed.ts';
import { ceilinged, refused, spending } from './spending.ts';

const system = 'Answer as a lawyer of the old school would. '.repeat(100);
const outputLimit = 200;
const hours = promptCaching.bind(undefined, { anthropic: { ttl: '1h' } });

const ask = (model: string) => ({
  model,
  max_tokens: outputLimit,
  system,
  messages: [{ role: 'user' as const, content: 'May I?' }],
});

/** What a provider tells that has read no more tokens than the prompt has bytes. */
interface Told {
  readonly fresh: number;
  readonly read: number;
  readonly minutes: number;
  readonly hour: number;
  readonly output: number;
}

const answer = (model: string, { fresh, read, minutes, hour, output }: Told) => ({
  body: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model,
    content: [{ type: 'text', text: 'You may.' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: {
      input_tokens: fresh,
      cache_creation_input_tokens: minutes + hour,
      cache_read_input_tokens: read,
      cache_creation: { ephemeral_5m_input_tokens: minutes, ephemeral_1h_input_tokens: hour },
      output_tokens: output,
    },
  },
});

const worst: Told = { fresh: 0, read: 0, minutes: 0, hour: system.length, output: outputLimit };

describe.each(['claude-sonnet-5-5', 'claude-haiku-5-5', 'claude-opus-4-8'])(
  'a strict budget whose breakpoints are set after it has reserved (%s)',
  (model) => {
    test('has reserved what it comes to when all of the prompt is written for an hour', async () => {
      const world = spending({}, { models: {}, interceptors: [hours()] });
      world.provider.next(answer(model, worst));
      await world.llm.clients.anthropic.messages.create(ask(model));
      expect(world.provider.requests[0]?.bodyText).toContain('"ttl":"1h"');
      const [receipt] = await settledOnce(world);
      const { reservedNanoUsd = 0, chargedNanoUsd = 0, basis } = receipt?.facts.spend ?? {};
      expect(basis).toBe('reported');
      const usage = { inputTokens: system.length, outputTokens: outputLimit };
      const plain = await costOf(usage, model, { at: world.clock.now() });
      expect(chargedNanoUsd).toBeGreaterThan(plain?.costNanoUsd ?? Infinity);
      expect(chargedNanoUsd).toBeLessThanOrEqual(reservedNanoUsd);
      expect(receipt?.facts.promptCache).toMatchObject({
        readTokens: 0,
        writtenTokens: system.length,
        savedNanoUsd: (plain?.costNanoUsd ?? 0) - chargedNanoUsd,
      });
    });

    test('never ends above the reservation, whatever of the prompt is read or written', async () => {
      const world = spending({ limitUsd: 100_000 }, { models: {}, interceptors: [hours()] });
      const told = fc
        .tuple(
          fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 4, maxLength: 4 }),
          fc.integer({ min: 0, max: outputLimit }),
        )
        .map(([shares, output]): Told => {
          const sum = shares.reduce((all, share) => all + share, 0) || 1;
          const [fresh = 0, read = 0, minutes = 0, hour = 0] = shares.map((share) =>
            Math.floor((share / sum) * system.length),
          );
          return { fresh, read, minutes, hour, output };
        });
      await fc.assert(
        fc.asyncProperty(told, async (usage) => {
          world.receipts.length = 0;
          world.provider.next(answer(model, usage));
          await world.llm.clients.anthropic.messages.create(ask(model));
          await world.llm.idle();
          const { reservedNanoUsd, chargedNanoUsd, basis } = world.receipts[0]?.facts.spend ?? {};
          expect(basis).toBe('reported');
          expect(chargedNanoUsd).toBeLessThanOrEqual(reservedNanoUsd ?? -1);
        }),
        { numRuns: 50, seed: 11 },
      );
    });

    test('reserves the same as without them', async () => {
      const reserved = async (interceptors: readonly ReturnType<typeof hours>[]) => {
        const world = spending({}, { models: {}, interceptors });
        await world.llm.clients.anthropic.messages.create(ask(model));
        const [receipt] = await settledOnce(world);
        return receipt?.facts.spend?.reservedNanoUsd;
      };
      expect(await reserved([hours()])).toBe(await reserved([]));
    });
  },
);

test('a ceiling holds although every call writes all of its prompt for an hour', async () => {
  const model = 'claude-sonnet-5-5';
  const world = ceilinged({ models: {}, interceptors: [hours()] });
  world.provider.always(answer(model, worst));
  const most = await costOf(
    {
      inputTokens: system.length,
      cacheWriteTokens: system.length,
      cacheWriteTokensByTtl: { ephemeral_1h_input_tokens: system.length },
      outputTokens: outputLimit,
    },
    model,
    { at: world.clock.now() },
  );
  const maxCostUsd = (most?.costUsd ?? 0) * 5.5;
  const scoped = world.llm.with({ maxCostUsd });
  const error = await refused(
    (async () => {
      for (;;) await scoped.clients.anthropic.messages.create(ask(model));
    })(),
  );
  expect(error).toMatchObject({ code: 'ceiling-exceeded' });
  await world.llm.idle();
  const spent = world.receipts.reduce((sum, { costNanoUsd = 0 }) => sum + costNanoUsd, 0);
  expect(world.provider.requests.length).toBeGreaterThan(3);
  expect(spent).toBeLessThanOrEqual(maxCostUsd * 1e9);
});

test.each([0, 20_000, 60_000])(
  'a request with a search never ends above its reservation (results of %i tokens, which the provider writes by itself)',
  async (results) => {
    const model = 'claude-sonnet-5-5';
    const world = spending({ limitUsd: 100_000 }, { models: {}, interceptors: [hours()] });
    const max_uses = 2;
    const tools = [{ type: 'web_search_20250305' as const, name: 'web_search' as const, max_uses }];
    // Written for 5 minutes, and read by the passes that follow.
    const told = { fresh: 0, read: results, minutes: results, hour: system.length, output: outputLimit };
    const { body } = answer(model, told);
    const usage = { ...body.usage, server_tool_use: { web_search_requests: max_uses } };
    world.provider.next({ body: { ...body, usage } });
    await world.llm.clients.anthropic.messages.create({ ...ask(model), tools });
    expect(world.provider.requests[0]?.bodyText).toContain('cache_control');
    const [receipt] = await settledOnce(world);
    const { reservedNanoUsd, chargedNanoUsd = Infinity, basis } = receipt?.facts.spend ?? {};
    expect(basis).toBe('reported');
    expect(chargedNanoUsd).toBe(receipt?.costNanoUsd);
    expect(chargedNanoUsd).toBeLessThanOrEqual(reservedNanoUsd ?? -1);
    expect(receipt?.facts.promptCache).toMatchObject({
      readTokens: results,
      writtenTokens: results + system.length,
    });
  },
);
