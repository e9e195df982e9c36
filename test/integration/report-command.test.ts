import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManagedLLM, budget, canary, experiment, receipts, type State } from 'managed-llm';
import { postgresState } from 'managed-llm/postgres';
import { redisState } from 'managed-llm/redis';
import { sqliteState } from 'managed-llm/sqlite';
import { standIn } from 'managed-llm/testing';
import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readPage } from '../../prove/report/read-page.ts';
import { runCommand } from '../../src/cli/run-command.ts';
import { connectPool, dropSchema, freshSchema, postgresUrl, withoutPostgres } from '../postgres.ts';
import { clear, connect, freshPrefix, redisUrl, withoutRedis } from '../redis.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'managed-llm-command-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function run(...words: readonly string[]) {
  const [printed, complained]: [string[], string[]] = [[], []];
  const exitCode = await runCommand(words, {
    print: (text) => printed.push(text),
    complain: (text) => complained.push(text),
  });
  return { exitCode, printed: printed.join('\n'), complained: complained.join('\n') };
}

/** Twelve calls of three users, in a store, a budget, and an experiment and a canary of calls of which no receipts are kept. */
async function fill(state: State): Promise<void> {
  const provider = standIn();
  provider.always({ usage: { inputTokens: 1_000, outputTokens: 500 } });
  const log = receipts();
  const llm = new ManagedLLM({
    providers: { openai: new OpenAI({ apiKey: 'none', fetch: provider.fetch }) },
    models: { 'openai/gpt': { price: { inputUsdPerMTok: 1_000, outputUsdPerMTok: 2_000 } } },
    state,
    interceptors: [log, budget({ name: 'daily', per: 'user', limitUsd: 1_000, window: 'day' })],
  });
  await tryOut(state);
  for (let call = 0; call < 12; call += 1)
    await llm
      .with({ user: `user-${call % 3}`, tags: { feature: 'search' } })
      .clients.openai.chat.completions.create({ model: 'gpt', max_completion_tokens: 600, messages: [] });
  await llm.close();
}

/** An experiment in which only calls of one arm are answered, and a canary that somebody had aborted. */
async function tryOut(state: State): Promise<void> {
  const provider = standIn();
  provider.always(({ body }) =>
    (body as { max_completion_tokens?: number }).max_completion_tokens === 50 ? {} : { status: 400 },
  );
  const length = experiment({
    name: 'length',
    arms: { control: {}, short: { parameters: { maxOutputTokens: 50 } } },
    by: 'call',
  });
  const calm = canary({ name: 'calm', canary: { parameters: { temperature: 0 } }, by: 'call' });
  const llm = new ManagedLLM({
    providers: { openai: new OpenAI({ apiKey: 'none', fetch: provider.fetch, maxRetries: 0 }) },
    state,
    interceptors: [length, calm],
  });
  for (let call = 0; call < 60; call += 1)
    await llm.clients.openai.chat.completions.create({ model: 'gpt', messages: [] }).catch(() => {});
  await calm.abort({ by: 'alice', reason: 'it was too calm' });
  await llm.close();
}

const usd = /\$24\.00/;

describe('a page about a store', () => {
  const out = (): string => join(folder, 'report.html');
  const check = (said: { exitCode: number; printed: string; complained: string }): void => {
    expect(said.complained).toBe('');
    expect(said.exitCode).toBe(0);
    expect(said.printed).toMatch(/report\.html: \d+ kB\. Open it in a browser\.$/);
    const page = readPage(readFileSync(out(), 'utf8'));
    expect(page.total('Spend')).toMatch(usd);
    expect(page.total('Calls')).toBe('12');
    expect(page.text).toContain('user-2 $8.00 33.3% 4 6,000 0%');
    expect(page.text).toContain('daily All that is counted now');
    expect(page.text).toContain('length Take short : it fails less often than control .');
    expect(page.text).toContain('calm Rolled back: nobody gets it since');
    expect(page.text).toContain('rolled back alice it was too calm');
    expect(readdirSync(folder).filter((file) => file.includes('part'))).toEqual([]);
  };

  test('in a file of SQLite', async () => {
    const path = join(folder, 'llm.db');
    await fill(sqliteState({ path }));
    check(await run('report', '--sqlite', path, '--out', out()));
  });

  test.skipIf(withoutRedis)('in Redis', async () => {
    const client = connect();
    const prefix = freshPrefix();
    try {
      await fill(redisState({ client, prefix }));
      check(await run('report', '--redis', redisUrl, '--prefix', prefix, '--out', out()));
    } finally {
      await clear(client, prefix);
      client.disconnect();
    }
  });

  test.skipIf(withoutPostgres)('in PostgreSQL', async () => {
    const pool = connectPool();
    const schema = freshSchema();
    try {
      await fill(postgresState({ pool, schema }));
      check(await run('report', '--postgres', postgresUrl, '--schema', schema, '--out', out()));
    } finally {
      await dropSchema(pool, schema);
      await pool.end();
    }
  });

  test('takes the place of the one before', async () => {
    const path = join(folder, 'llm.db');
    await fill(sqliteState({ path }));
    writeFileSync(out(), 'an old page');
    check(await run('report', '--sqlite', path, '--out', out()));
  });

  test('is of the time that is asked for', async () => {
    const path = join(folder, 'llm.db');
    await fill(sqliteState({ path }));
    const { exitCode } = await run(
      'report',
      '--sqlite',
      path,
      '--out',
      out(),
      '--from',
      '2020',
      '--to',
      '2021',
    );
    expect(exitCode).toBe(2);
    await run(
      'report',
      '--sqlite',
      path,
      '--out',
      out(),
      '--from',
      '2020-01',
      '--to',
      '2021-01',
      '--title',
      'Then',
    );
    const { text } = readPage(readFileSync(out(), 'utf8'));
    expect(text).toContain('Then 1 Jan 2020 to 31 Dec 2020 (UTC)');
    expect(text).toContain('No call of this time is kept.');
  });
});

describe('what cannot be', () => {
  test('asked wrongly, ends with 2, and nothing is read or made', async () => {
    const missing = join(folder, 'missing.db');
    expect(await run('report', '--sqlite', missing)).toEqual({
      exitCode: 2,
      printed: '',
      complained: `\`--sqlite\`: there is no file ${missing}. Give the \`path\` of \`sqliteState\`.`,
    });
    expect((await run('report', '--sqlite', folder)).complained).toContain('is no file');
    expect(
      (await run('report', '--sqlite', missing, '--out', join(folder, 'no/report.html'))).complained,
    ).toBe(`\`--out\`: there is no folder ${join(folder, 'no')}. Make it, or name another file.`);
    expect((await run('report', '--sqlite', missing, '--out', folder)).exitCode).toBe(2);
    expect((await run('report', '--tag')).exitCode).toBe(2);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('help is printed, and ends with 0', async () => {
    const { exitCode, printed } = await run('--help');
    expect(exitCode).toBe(0);
    expect(printed).toContain('npx managed-llm report --sqlite FILE');
  });

  test('a file that is no store of ours ends with 1, and what was there stays', async () => {
    const [file, out] = [join(folder, 'notes.txt'), join(folder, 'report.html')];
    writeFileSync(file, 'This is no database. '.repeat(500));
    writeFileSync(out, 'an old page');
    const { exitCode, complained } = await run('report', '--sqlite', file, '--out', out);
    expect(exitCode).toBe(1);
    expect(complained).toContain(file);
    expect(readFileSync(out, 'utf8')).toBe('an old page');
    expect(readFileSync(file, 'utf8')).toContain('This is no database.');
  });

  test.each(['redis', 'postgres'])(
    'a %s that is not there ends with 1, told without its password',
    async (kind) => {
      const port = await unusedPort();
      const url = `${kind}://user:secret@127.0.0.1:${port}/1`;
      const said = await run('report', `--${kind}`, url, '--out', join(folder, 'report.html'));
      expect(said.exitCode).toBe(1);
      expect(said.complained).toContain(`at ${kind}://127.0.0.1:${port}/1 cannot be reached: `);
      expect(said.complained).toContain('ECONNREFUSED');
      expect(said.complained).not.toContain('secret');
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  test('a page that cannot be put where it is wanted leaves nothing behind', async () => {
    const path = join(folder, 'llm.db');
    await fill(sqliteState({ path }));
    const closed = join(folder, 'closed');
    mkdirSync(closed);
    // In the way of what is not finished: permissions would not stop everybody.
    mkdirSync(join(closed, `report.html.${process.pid}.part`));
    const said = await run('report', '--sqlite', path, '--out', join(closed, 'report.html'));
    expect(said.exitCode).toBe(1);
    expect(said.complained).toContain('cannot be written: ');
    expect(readdirSync(closed)).not.toContain('report.html');
  });
});

async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
