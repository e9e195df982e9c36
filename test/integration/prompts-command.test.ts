import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { State } from 'managed-llm';
import { promptRegistry } from 'managed-llm/prompts';
import { redisState } from 'managed-llm/redis';
import { sqliteState } from 'managed-llm/sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommand } from '../../src/cli/run-command.ts';
import { clear, connect, freshPrefix, redisUrl, withoutRedis } from '../redis.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'managed-llm-prompts-command-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function run(...words: readonly string[]) {
  const [printed, complained]: [string[], string[]] = [[], []];
  const exitCode = await runCommand(words, {
    print: (text) => printed.push(text),
    complain: (text) => complained.push(text),
  });
  return { exitCode, printed: printed.join('\n'), complained: complained.join('\n') };
}

/** A process that has served three versions. */
async function served(name: string, state: State): Promise<void> {
  const registry = promptRegistry({
    source: () => ['1', '2', '3'].map((version) => ({ name, version, template: `number ${version}` })),
    state,
  });
  await registry.label(name, 'production', '1', { by: 'process', note: 'first\n\u001b[31mred' });
  await registry.close();
}

async function session(name: string, ...where: readonly string[]): Promise<void> {
  const prompts = (...words: readonly string[]) => run('prompts', ...words, ...where);
  expect(await prompts('labels', name)).toEqual({ exitCode: 0, printed: 'production  1', complained: '' });
  expect(await prompts('label', name, 'production', '3', '--by', 'alice', '--note', 'try')).toMatchObject({
    exitCode: 0,
    printed: `\`production\` of \`${name}\` names version \`3\` now.`,
  });
  expect((await prompts('versions', name)).printed.split('\n').map((line) => line.split(/ +/))).toEqual([
    ['1', expect.any(String), expect.stringMatching(/^20\d\d-.*Z$/)],
    ['2', expect.any(String), expect.any(String)],
    ['3', expect.any(String), expect.any(String), 'production'],
  ]);
  expect((await prompts('diff', name, '1', '3')).printed).toContain('-number 1\n+number 3');
  expect((await prompts('diff', name, '1', '9')).complained).toBe(
    `There is no version \`9\` of prompt \`${name}\`. Known: \`1\`, \`2\`, \`3\`.`,
  );
  expect((await prompts('diff', name, '1', '1')).printed).toBe('Both give the same requests.');
  expect((await prompts('rollback', name, 'production', '--by', 'bob')).printed).toBe(
    `\`production\` of \`${name}\` names version \`1\` again.`,
  );
  const history = (await prompts('history', name)).printed.split('\n');
  expect(history.map((line) => line.replace(/^\S+ +/, '').replaceAll(/ +/g, ' '))).toEqual([
    'process label production - > 1 first [31mred',
    'alice label production 1 > 3 try',
    'bob rollback production 3 > 1',
  ]);
  expect(await prompts('label', name, 'production', '9', '--by', 'alice')).toMatchObject({
    exitCode: 1,
    printed: '',
    complained: `There is no version \`9\` of prompt \`${name}\`. Known: \`1\`, \`2\`, \`3\`.`,
  });
  expect((await prompts('rollback', name, 'production', '--by', 'bob')).complained).toContain(
    'nothing to go back to',
  );
  expect((await prompts('label', name, '7', '1', '--by', 'bob')).complained).toContain(
    'must begin with a letter',
  );
  expect((await prompts('unlabel', name, 'production', '--by', 'bob')).exitCode).toBe(0);
  expect((await prompts('labels', name)).printed).toBe(`\`${name}\` has no labels.`);
  expect(await prompts('labels', 'nobody')).toEqual({
    exitCode: 1,
    printed: '',
    complained: 'There is no prompt `nobody`.',
  });
  expect((await prompts('history', 'nobody')).printed).toBe('No label of `nobody` was ever set.');
  expect(await prompts('versions', 'nobody')).toMatchObject({ exitCode: 1, printed: '' });
}

describe('labels are moved from a shell', () => {
  test('in a file of SQLite', async () => {
    const path = join(folder, 'llm.db');
    await served('by-command', sqliteState({ path }));
    await session('by-command', '--sqlite', path);
  });

  test.skipIf(withoutRedis)('in Redis', async () => {
    const prefix = freshPrefix();
    const client = connect();
    try {
      await served('by-command', redisState({ client, prefix }));
      await session('by-command', '--redis', redisUrl, '--prefix', prefix);
    } finally {
      await clear(client, prefix);
      client.disconnect();
    }
  });

  test('and nothing that others have written is a command to the terminal', async () => {
    const path = join(folder, 'llm.db');
    const registry = promptRegistry({
      source: (name) => [
        { name, version: '1', template: 'one' },
        { name, version: '2', template: 'two\u001b[2J\u202e\u2028\u009b1m' },
        { name, version: '\u001b[31m3', template: 'three' },
      ],
      state: sqliteState({ path }),
    });
    await registry.versions('hostile');
    await registry.close();
    const where = ['--sqlite', path];
    const { printed } = await run('prompts', 'diff', 'hostile', '1', '2', ...where);
    expect(printed).toContain('+two\ufffd[2J\ufffd\ufffd\ufffd1m');
    const { complained } = await run('prompts', 'diff', 'hostile', '1', '9', ...where);
    expect(complained).toContain('Known: `1`, `2`, `\ufffd[31m3`.');
    expect((await run('prompts', '\u001b[2J')).complained).toContain('`prompts \ufffd[2J` is no command');
  });

  test('and where there is no store, it says so', async () => {
    expect(await run('prompts', 'labels', 'a', '--sqlite', join(folder, 'none.db'))).toMatchObject({
      exitCode: 2,
    });
    expect((await run('prompts', 'labels', 'a', '--redis', 'redis://127.0.0.1:1')).exitCode).toBe(1);
    expect(await run('prompts', 'lables', 'a')).toMatchObject({ exitCode: 2 });
  });
});
