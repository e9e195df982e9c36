import { spawnSync } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { openai as sdk, readAll } from './governed.ts';
import { accounted, spending } from './spending.ts';
import { stateThat } from './state-doubles.ts';

const usage = { inputTokens: 3, outputTokens: 10 };

test('10,000 calls, however they end, leave no listener, no timer, no reservation and nothing to renew', async () => {
  const renewed: unknown[] = [];
  const world = spending({ limitUsd: 1_000, per: 'user' }, (clock) => ({
    state: stateThat((method, answer) => {
      if (method === 'renew') renewed.push(method);
      return answer();
    }, clock),
  }));
  world.provider.always({ usage, text: ['a ', 'b ', 'c '] });
  const { signal } = new AbortController();
  const scoped = world.llm.with({ maxCostUsd: 1_000, user: 'alice' });
  const endings = [
    () => sdk.create(scoped, { signal }),
    async () => readAll(await sdk.stream(scoped, { signal })),
    async () => {
      for await (const _ of await sdk.stream(scoped, { signal })) break;
    },
    async () => {
      const abort = new AbortController();
      const asked = sdk.create(scoped, { signal: AbortSignal.any([signal, abort.signal]) });
      queueMicrotask(() => abort.abort());
      await asked.catch(() => {});
    },
  ];
  for (let round = 0; round < 100; round++) {
    const calls = Array.from({ length: 100 }, (_, index) => endings[index % endings.length]?.());
    await Promise.all(calls);
  }
  await accounted(world, { user: 'alice' });
  expect(getEventListeners(signal, 'abort').length).toBeLessThanOrEqual(1);
  // One that renews, one of time limits, one that looks after streams: each ends by itself.
  expect(world.clock.pending).toBeLessThanOrEqual(3);
  await world.clock.advance(60_000);
  expect(renewed).toEqual([]);
  expect(await world.state.accounts?.lost()).toEqual([]);
  expect(await world.state.accounts?.list()).toHaveLength(1);
}, 60_000);

describe('a process with a budget', () => {
  const source = (path: string) => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);

  /** What the script prints before it exits by itself. */
  function run(script: string): string {
    const prelude = `
      import { budget, ManagedLLM } from ${source('index.ts')};
      import { standIn } from ${source('testing/index.ts')};
      import { OpenAI } from 'openai';
      const provider = standIn();
      const spend = budget({ name: 'spend', limitUsd: 1, window: 'hour', onUnknownPrice: { inputUsdPerMTok: 1, outputUsdPerMTok: 10 } });
      const llm = new ManagedLLM({ providers: { openai: new OpenAI({ apiKey: 'test', fetch: provider.fetch }) }, interceptors: [spend] });
      const ask = (given = {}, options = {}) => llm.clients.openai.chat.completions.create(
        { model: 'mine', max_tokens: 500, messages: [{ role: 'user', content: 'hello' }], ...given }, options);
    `;
    const { stdout, stderr, signal } = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', prelude + script],
      // Real time: whether a process ends by itself shows in no other way.
      { encoding: 'utf8', timeout: 50_000 },
    );
    expect(signal, stderr).toBeNull();
    return stdout;
  }

  test('ends by itself when its calls have ended, without `close`', () => {
    expect(run(`await ask(); await llm.idle(); console.log((await spend.status()).reservedUsd);`)).toBe(
      '0\n',
    );
  }, 60_000);

  test('ends by itself with a stream that nobody reads, and an answer that nobody waits for', () => {
    const script = `
      await ask({ stream: true });
      provider.next({ hang: true });
      void ask().catch(() => {});
      console.log('done');`;
    expect(run(script)).toBe('done\n');
  }, 60_000);

  test('does not end while a call waits for what others have set aside', () => {
    const script = `
      spend.setLimits({ limitUsd: 0.006 });
      provider.always({ latencyMs: 700, usage: { inputTokens: 3, outputTokens: 5 } });
      const calls = [ask(), ask()];
      Promise.all(calls).then(() => console.log('both'));`;
    expect(run(script)).toBe('both\n');
  }, 60_000);
});
