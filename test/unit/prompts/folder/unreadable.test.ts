import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import type * as Files from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promptFolder } from 'managed-llm/prompts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const failing = vi.hoisted(() => ({ code: '' }));
vi.mock('node:fs/promises', async (original) => {
  const files = await original<typeof Files>();
  const readdir = (path: string, ...more: readonly [never]) =>
    failing.code !== '' && path.endsWith('closed/')
      ? Promise.reject(Object.assign(new Error('No.'), { code: failing.code }))
      : files.readdir(path, ...more);
  return { ...files, readdir };
});

let folder = '';
beforeEach(() => {
  failing.code = '';
  folder = mkdtempSync(join(tmpdir(), 'managed-llm-unreadable-'));
  for (const path of ['closed/1.md', 'open/1.md']) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), 'text');
    utimesSync(join(folder, path), 1, 1);
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

const { signal } = new AbortController();

test('what may not be read is told, stays as it was, and hides no other', async () => {
  const source = promptFolder(folder);
  await source.load('closed', { signal });
  await source.load('open', { signal });
  failing.code = 'EACCES';
  const { versions, problems } = await source.load('open', { signal });
  expect(versions).toHaveLength(1);
  expect(problems).toMatchObject([
    {
      code: 'prompt-invalid',
      message: expect.stringContaining('`closed` of the folder of prompts cannot be read'),
    },
  ]);
  expect((await source.load('closed', { signal })).versions).toHaveLength(1);
  expect((await promptFolder(folder).load('closed', { signal })).versions).toEqual([]);
});

test('where the system has no room to read, the folder is not taken for what was read of it', async () => {
  failing.code = 'EMFILE';
  await expect(promptFolder(folder).load('open', { signal })).rejects.toMatchObject({
    code: 'prompt-source-failed',
    message: expect.stringContaining('(EMFILE)'),
  });
});
