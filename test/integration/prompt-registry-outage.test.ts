import { setTimeout as sleep } from 'node:timers/promises';
import { memoryState, type ManagedLLMError } from 'managed-llm';
import { promptRegistry, type PromptRegistry } from 'managed-llm/prompts';
import { expect, test, vi } from 'vitest';
import { readFrom, SourceServer } from '../../prove/prompt-registry/source-server.ts';

const by = { by: 'alice' };

test('no call fails while the source is killed and started again under load, also in a process that starts meanwhile', async () => {
  const name = 'outage/greeting';
  const state = memoryState();
  await using source = await SourceServer.start(3);
  const errors: ManagedLLMError[] = [];
  const open = (): PromptRegistry =>
    promptRegistry({
      source: readFrom(source.url),
      state,
      freshMs: 5,
      labelsFreshMs: 5,
      loadTimeoutMs: 300,
      onError: (error) => void errors.push(error),
    });
  const fleet = [open()];
  await fleet[0]?.label(name, 'production', '1', by);
  const stop = new AbortController();
  const failures: unknown[] = [];
  let calls = 0;
  const work = async (registry: PromptRegistry): Promise<void> => {
    while (!stop.signal.aborted) {
      calls += 1;
      try {
        const live = await registry.get(name, { label: 'production' });
        expect((await registry.get(name)).render({ name: 'Ann' }).messages).toHaveLength(1);
        expect(live.label).toBe('production');
      } catch (error) {
        failures.push(error);
      }
      await sleep(1);
    }
  };
  const all = fleet.map((registry) => work(registry));
  for (let round = 0; round < 5; round += 1) {
    await source.kill();
    const late = open();
    fleet.push(late);
    all.push(work(late));
    await sleep(60);
    // Labels move without the source.
    const version = `${(round % 3) + 1}`;
    await fleet[0]?.label(name, 'production', version, by);
    for (const registry of fleet)
      await vi.waitFor(async () =>
        expect(await registry.get(name, { label: 'production' })).toMatchObject({ version }),
      );
    await source.restart(4 + round);
    // It is asked again after a second at the latest, whatever has failed.
    for (const registry of fleet)
      await vi.waitFor(
        async () => expect(await registry.get(name)).toMatchObject({ version: `${4 + round}` }),
        {
          timeout: 5_000,
        },
      );
  }
  source.pause();
  await sleep(500);
  source.resume();
  stop.abort();
  await Promise.all(all);
  for (const registry of fleet) await registry.close();
  expect(failures).toEqual([]);
  expect(calls).toBeGreaterThan(500);
  expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['prompt-source-failed']));
}, 60_000);
