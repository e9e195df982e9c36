import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ManagedLLMError } from 'managed-llm';
import { describe, expect, test } from 'vitest';

import { errorCodes, type ErrorCode } from '../../../src/errors/codes.ts';
import { rememberError } from '../../../src/errors/managed-llm-error.ts';

const codes = Object.keys(errorCodes) as ErrorCode[];

describe('an error', () => {
  test.each(codes)('`%s` has the status and the retryability of its table row', (code) => {
    const error = new ManagedLLMError({ code, message: 'why' });
    expect(error).toMatchObject({
      name: 'ManagedLLMError',
      message: 'why',
      code,
      status: errorCodes[code].status,
      retryable: errorCodes[code].retryable,
      callId: undefined,
      retryAfterMs: undefined,
      details: {},
    });
    expect(error).toBeInstanceOf(Error);
    expect('cause' in error).toBe(false);
  });

  test('says what it was given instead', () => {
    const cause = new Error('behind');
    const error = new ManagedLLMError({
      code: 'refused',
      message: 'why',
      callId: 'abc-1',
      status: 429,
      retryable: true,
      retryAfterMs: 0,
      details: { limit: 0 },
      cause,
    });
    expect(error).toMatchObject({
      callId: 'abc-1',
      status: 429,
      retryable: true,
      retryAfterMs: 0,
      details: { limit: 0 },
      cause,
    });
    expect(new ManagedLLMError({ code: 'closed', message: '', retryable: false }).retryable).toBe(false);
  });
});

describe('`isInstance`', () => {
  test('knows errors of another copy of this package, and no others', () => {
    const foreign = Object.assign(new Error('other copy'), { [Symbol.for('managed-llm.error')]: true });
    expect(ManagedLLMError.isInstance(foreign)).toBe(true);
    expect(ManagedLLMError.isInstance(new ManagedLLMError({ code: 'closed', message: '' }))).toBe(true);
    for (const other of [new Error('x'), undefined, null, 'ManagedLLMError', { name: 'ManagedLLMError' }]) {
      expect(ManagedLLMError.isInstance(other)).toBe(false);
    }
  });
});

describe('`from`', () => {
  const original = new ManagedLLMError({ code: 'refused', message: 'no' });

  test('gives back the error itself, or finds it along `cause`', () => {
    expect(ManagedLLMError.from(original)).toBe(original);
    const wrapped = new Error('outer', { cause: new Error('inner', { cause: original }) });
    expect(ManagedLLMError.from(wrapped)).toBe(original);
  });

  test('finds it by the headers of the response, also along `cause`', () => {
    const headers = new Headers();
    rememberError(headers, original);
    expect(ManagedLLMError.from({ headers })).toBe(original);
    expect(ManagedLLMError.from(new Error('outer', { cause: { headers } }))).toBe(original);
    expect(ManagedLLMError.from({ headers: new Headers() })).toBeUndefined();
  });

  test('finds it by what the transport threw', () => {
    const thrown = new TypeError('fetch failed');
    rememberError(thrown, original);
    expect(ManagedLLMError.from(new Error('Connection error.', { cause: thrown }))).toBe(original);
  });

  test('gives `undefined` for whatever else is thrown, and comes to an end', () => {
    const circular = new Error('a');
    circular.cause = circular;
    const others = [
      circular,
      new Error('x'),
      undefined,
      null,
      5,
      'text',
      {},
      { headers: 5 },
      { cause: null },
    ];
    for (const other of others) expect(ManagedLLMError.from(other)).toBeUndefined();
  });
});

describe('docs/errors.md', () => {
  test('has a row for every code', () => {
    const text = readFileSync('docs/errors.md', 'utf8');
    for (const code of codes) expect(text).toContain(`| \`${code}\` | ${errorCodes[code].status} |`);
  });

  test('is checked against the table: a stale one fails', () => {
    const folder = mkdtempSync(join(tmpdir(), 'managed-llm-errors-'));
    try {
      mkdirSync(join(folder, 'src/errors'), { recursive: true });
      mkdirSync(join(folder, 'docs'));
      mkdirSync(join(folder, 'scripts'));
      symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
      copyFileSync('scripts/generate-errors-doc.mjs', join(folder, 'scripts/generate-errors-doc.mjs'));
      copyFileSync('docs/errors.md', join(folder, 'docs/errors.md'));
      const table = readFileSync('src/errors/codes.ts', 'utf8');
      writeFileSync(join(folder, 'src/errors/codes.ts'), table);
      const check = () =>
        execFileSync(process.execPath, ['scripts/generate-errors-doc.mjs', '--check'], {
          cwd: folder,
          encoding: 'utf8',
          stdio: 'pipe',
        });
      expect(check()).toContain(`up to date, ${codes.length} codes`);
      writeFileSync(join(folder, 'src/errors/codes.ts'), table.replace('status: 503', 'status: 502'));
      expect(check).toThrow(/docs\/errors\.md is stale/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
