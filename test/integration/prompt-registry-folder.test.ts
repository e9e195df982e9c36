import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ManagedLLMError } from 'managed-llm';
import { promptFolder, promptRegistry, type PromptRegistry } from 'managed-llm/prompts';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

let work = '';
let folder = '';
let registry: PromptRegistry;
const errors: ManagedLLMError[] = [];

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'managed-llm-watched-'));
  folder = join(work, 'prompts');
  errors.length = 0;
});
afterEach(async () => {
  await registry.close();
  rmSync(work, { recursive: true });
});

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** Nothing is asked again by itself but what is watched. */
function open(watch: boolean): PromptRegistry {
  registry = promptRegistry({
    source: promptFolder(folder, { watch }),
    freshMs: 1e9,
    onError: (error) => void errors.push(error),
  });
  return registry;
}

const text = async (name: string): Promise<unknown> =>
  (await registry.get(name)).render().messages[0]?.content;
const becomes = (name: string, content: string): Promise<void> =>
  vi.waitFor(async () => expect(await text(name)).toBe(content), { timeout: 8_000, interval: 20 });

describe('a folder that is watched', () => {
  test('gives what was saved, also in folders that are new, and whatever an editor does to save', async () => {
    write('watched-a.md', 'one');
    open(true);
    expect(await text('watched-a')).toBe('one');
    write('watched-a.md', 'two');
    await becomes('watched-a', 'two');
    // As many editors do.
    writeFileSync(join(folder, '.watched-a.md.swp'), 'junk');
    writeFileSync(join(folder, 'watched-a.md~'), 'three');
    renameSync(join(folder, 'watched-a.md~'), join(folder, 'watched-a.md'));
    await becomes('watched-a', 'three');
    write('deep/in/watched-b.md', 'new');
    await becomes('deep/in/watched-b', 'new');
    write('deep/in/watched-b.md', 'newer');
    await becomes('deep/in/watched-b', 'newer');
    expect(errors).toEqual([]);
  });

  test('keeps what was good while a file is half written', async () => {
    write('watched-c.md', '---\nmodel: gpt\n---\ngood');
    open(true);
    expect(await text('watched-c')).toBe('good');
    write('watched-c.md', '---\nmodel: gp');
    await vi.waitFor(() => expect(errors).toHaveLength(1), { timeout: 8_000 });
    expect(errors[0]?.message).toContain('The file `watched-c.md`');
    expect(await text('watched-c')).toBe('good');
    write('watched-c.md', '---\nmodel: gpt\n---\nbetter');
    await becomes('watched-c', 'better');
  });

  test('may be deleted and made again', async () => {
    write('watched-d.md', 'before');
    open(true);
    expect(await text('watched-d')).toBe('before');
    rmSync(folder, { recursive: true });
    await vi.waitFor(() => expect(errors.map(({ code }) => code)).toContain('prompt-source-failed'), {
      timeout: 8_000,
    });
    expect(await text('watched-d')).toBe('before');
    write('watched-d.md', 'after');
    await becomes('watched-d', 'after');
    write('watched-d.md', 'and again');
    await becomes('watched-d', 'and again');
  }, 30_000);

  test('refuses a version that is edited in place, and says so', async () => {
    write('watched-e/1.md', 'one');
    open(true);
    expect(await text('watched-e')).toBe('one');
    write('watched-e/1.md', 'another one');
    await vi.waitFor(() => expect(errors.map(({ code }) => code)).toEqual(['prompt-changed']), {
      timeout: 8_000,
    });
    expect(await text('watched-e')).toBe('one');
    write('watched-e/2.md', 'two');
    await becomes('watched-e', 'two');
  });
});

test('a folder that is not watched is read again when it is asked for', async () => {
  write('asked/1.md', 'one');
  open(false);
  expect(await text('asked')).toBe('one');
  write('asked/2.md', 'two');
  utimesSync(join(folder, 'asked/2.md'), 1, 1);
  expect(await text('asked')).toBe('one');
  await registry.refresh('asked');
  expect(await text('asked')).toBe('two');
  expect(await registry.names()).toEqual(['asked']);
  await registry.label('asked', 'production', '1', { by: 'alice' });
  expect(await registry.get('asked', { label: 'production' })).toMatchObject({ version: '1' });
});

test('one wrong file is told once, whatever is asked for, and names that there are not stay unknown', async () => {
  for (const path of ['good-a.md', 'good-b.md', 'broken.md']) {
    write(path, path === 'broken.md' ? '---\noops' : 'good');
    utimesSync(join(folder, path), 1, 1);
  }
  open(false);
  for (const name of ['good-a', 'good-b']) expect(await text(name)).toBe('good');
  await expect(registry.get('nobody')).rejects.toMatchObject({
    code: 'prompt-unknown',
    message: 'There is no prompt `nobody`. Known: `good-a`, `good-b`.',
  });
  await expect(registry.get('broken')).rejects.toMatchObject({ code: 'prompt-invalid' });
  expect(errors).toHaveLength(1);
  await expect(promptRegistry({ source: promptFolder(join(folder, 'none')) }).names()).rejects.toMatchObject({
    code: 'prompt-source-failed',
  });
});
