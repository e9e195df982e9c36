import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteState } from 'managed-llm/sqlite';
import { expect, test } from 'vitest';
import { runCommand } from '../../src/cli/run-command.ts';
import { armsOf, ask, world } from './canaries.ts';

test('a canary is looked at and ended from a shell, and its processes follow within a second', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'managed-llm-canary-command-'));
  try {
    const path = join(folder, 'llm.db');
    const run = async (...words: readonly string[]) => {
      const said: string[] = [];
      const say = (text: string): void => void said.push(text);
      const code = await runCommand(['canary', ...words, '--sqlite', path], { print: say, complain: say });
      return [code, said.join('\n')];
    };
    const all = world({ percent: 99.9 }, { state: sqliteState({ path }) });
    const other = world({ percent: 99.9, salt: '2' }, { state: sqliteState({ path }) }, all);
    const beside = world({ percent: 99.9 }, { state: sqliteState({ path }) }, all);
    for (const each of [all, other, beside]) await ask(each, 0, 1);
    const [one, two] = [await all.rollout.status(), await other.rollout.status()];

    const status = await run('status', 'short');
    expect(status).toEqual([0, expect.stringMatching(/waits for +99 more subjects/)]);
    for (const { definition } of [one, two]) expect(status[1]).toContain(definition);
    expect(await run('status', 'none')).toEqual([1, 'The state has no canary `none`.']);

    const several = await run('abort', 'short', '--by', 'alice');
    expect(several).toEqual([1, expect.stringContaining('There are 2 canaries `short`: say which')]);
    const ended = await run(
      'abort',
      'short',
      '--by',
      'alice',
      '--reason',
      'odd',
      '--definition',
      one.definition,
    );
    expect(ended).toEqual([0, `\`short\` (${one.definition}) is rolled back: everybody gets stable.`]);
    expect(await run('abort', 'short', '--by', 'bob', '--definition', one.definition)).toEqual([
      0,
      expect.stringMatching(/, and was so before\.$/),
    ]);
    // The other one alone is ramping now.
    expect(await run('promote', 'short', '--by', 'bob')).toEqual([
      0,
      expect.stringContaining(two.definition),
    ]);

    await all.clock.advance(5_000);
    for (const each of [all, other, beside]) await ask(each, 1, 2);
    expect([armsOf(all), armsOf(other)]).toEqual([
      ['canary', 'stable'],
      ['canary', 'canary'],
    ]);
    // Once, whichever process is the first to know.
    const byAlice = {
      canary: 'short',
      by: 'alice',
      reason: 'odd',
      from: 'ramping',
      to: 'rolled-back',
      percent: 0,
    };
    expect([...all.changes, ...beside.changes]).toMatchObject([{ ...byAlice, guards: [] }]);
    expect(other.changes).toMatchObject([{ by: 'bob', to: 'promoted' }]);
    expect((await all.rollout.status()).history).toMatchObject([{ by: 'alice', reason: 'odd', percent: 0 }]);
    expect((await other.rollout.status()).history).toMatchObject([{ by: 'bob', to: 'promoted' }]);
    expect(await run('abort', 'short', '--by', 'a', '--definition', 'x')).toMatchObject([
      1,
      expect.any(String),
    ]);
    for (const each of [all, other, beside]) await each.llm.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
