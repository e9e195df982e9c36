import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const installed = (name: string) => join(root, 'node_modules', name);
let work = '';
let tarball = '';

/** Runs a program and gives back what it printed; what it complained about is in the error. */
function run(cwd: string, file: string, ...args: readonly string[]): string {
  try {
    return execFileSync(file, args, { cwd, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${file} ${args.join(' ')} failed:\n${stdout ?? ''}${stderr ?? ''}`, { cause: error });
  }
}

const node = (cwd: string, ...args: readonly string[]) => run(cwd, process.execPath, ...args);

/** `dist` as it would ship: that of the last full build if no source is newer, else one of our own. */
function builtInto(folder: string): void {
  const modified = (path: string) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const newest = Math.max(
    ...globSync('src/**/*.ts', { cwd: root }).map(modified),
    modified('tsup.config.ts'),
  );
  const oldest = Math.min(
    ...[
      'index.js',
      'index.d.ts',
      'postgres.js',
      'postgres.d.ts',
      'prompts.js',
      'prompts.d.ts',
      'redis.js',
      'redis.d.ts',
      'report.js',
      'report.d.ts',
      'sqlite.js',
      'sqlite.d.ts',
      'testing/index.js',
      'testing/index.d.ts',
      'vectors.js',
      'vectors.d.ts',
    ].map((file) => modified(`dist/${file}`)),
  );
  if (oldest > newest) cpSync(join(root, 'dist'), folder, { recursive: true });
  else node(root, installed('tsup/dist/cli-default.js'), '--silent', '--no-clean', '--outDir', folder);
}

/** An empty project with the tarball unpacked into it, and no other packages than these. */
function project(name: string, packages: readonly string[]): string {
  const folder = join(work, name);
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'managed-llm'), { recursive: true });
  run(folder, 'tar', '-xzf', tarball, '--strip-components=1', '-C', join(modules, 'managed-llm'));
  const { dependencies = {} } = JSON.parse(
    readFileSync(join(modules, 'managed-llm/package.json'), 'utf8'),
  ) as { dependencies?: Record<string, string> };
  for (const dependency of [...Object.keys(dependencies), ...packages]) {
    mkdirSync(dirname(join(modules, dependency)), { recursive: true });
    symlinkSync(installed(dependency), join(modules, dependency));
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, type: 'module', private: true }));
  return folder;
}

function compile(folder: string, program: string, more: object = {}): string {
  writeFileSync(join(folder, 'program.ts'), program);
  const compilerOptions = {
    target: 'es2023',
    lib: ['es2024', 'esnext.disposable'],
    types: ['node'],
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    ...more,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
  return node(folder, installed('typescript/bin/tsc'), '--pretty', 'false');
}

const interceptor = `
import { type Interceptor } from 'managed-llm';
declare module 'managed-llm' {
  interface Facts { readonly arm: 'a' | 'b' }
}
const experiment: Interceptor = {
  name: 'experiment',
  stage: 'shape',
  intercept(call, next) {
    call.run.note('arm', 'b');
    return next(call.with({ body: call.dialect.request.withInstruction(call.body, 'Answer briefly.') }));
  },
};
`;

const withOpenAI = `${interceptor}
import OpenAI from 'openai';
import { fallback, ManagedLLM } from 'managed-llm';
import { standIn } from 'managed-llm/testing';
const provider = standIn().next({ text: 'Hello' });
const llm = new ManagedLLM({
  providers: { openai: new OpenAI({ apiKey: 'test', fetch: provider.fetch }) },
  routes: { smart: fallback('openai/gpt-5-mini', 'openai/gpt-5') },
  interceptors: [experiment],
});
llm.on('call:end', ({ outcome, facts }) => console.log(outcome, facts.arm, facts.route?.name));
const client: OpenAI = llm.clients.openai;
const reply = await client.chat.completions.create({ model: 'smart', messages: [{ role: 'user', content: 'Hi' }] });
console.log(reply.choices[0]?.message.content, provider.requests[0]?.bodyText.includes('briefly'));
await llm.close();
`;

const withAnthropic = `${interceptor}
import Anthropic from '@anthropic-ai/sdk';
import { manage } from 'managed-llm';
import { standIn } from 'managed-llm/testing';
const provider = standIn().next({ text: 'Hello' });
const client: Anthropic = manage(new Anthropic({ apiKey: 'test', fetch: provider.fetch }), { interceptors: [experiment] });
const reply = await client.messages.create({ model: 'claude', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] });
console.log(reply.content[0]?.type === 'text' && reply.content[0].text, provider.requests[0]?.bodyText.includes('briefly'));
`;

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'managed-llm-package-'));
  const stage = join(work, 'stage');
  mkdirSync(stage);
  for (const file of ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE']) {
    cpSync(join(root, file), join(stage, file));
  }
  builtInto(join(stage, 'dist'));
  run(stage, 'npm', 'pack', '--ignore-scripts', '--pack-destination', work);
  const [packed] = readdirSync(work).filter((file) => file.endsWith('.tgz'));
  if (packed === undefined) throw new Error('npm pack made no tarball.');
  tarball = join(work, packed);
}, 120_000);

afterAll(() => {
  if (work !== '') rmSync(work, { recursive: true });
});

describe('the package as it ships', () => {
  test('holds what the exports map promises, the licence, and nothing of ours', () => {
    const files = run(work, 'tar', '-tzf', tarball).trim().split('\n');
    const { exports: promised } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      exports: Record<string, string | { types: string; default: string }>;
    };
    for (const target of Object.values(promised)) {
      for (const file of typeof target === 'string' ? [target] : [target.types, target.default]) {
        expect(files).toContain(file.replace('./', 'package/'));
      }
    }
    expect(files).toEqual(
      expect.arrayContaining(['package/LICENSE', 'package/README.md', 'package/CHANGELOG.md']),
    );
    expect(files.filter((file) => !/^package\/(dist\/|package\.json$|[A-Z]+(\.md)?$)/.test(file))).toEqual(
      [],
    );
  });

  test('declares no type that cannot be imported, so none of the engine’s', () => {
    const folder = join(project('declarations', []), 'node_modules/managed-llm/dist');
    const texts = globSync('**/*.d.ts', { cwd: folder }).map((file) =>
      readFileSync(join(folder, file), 'utf8'),
    );
    const entries = [
      'index.d.ts',
      'postgres.d.ts',
      'prompts.d.ts',
      'redis.d.ts',
      'report.d.ts',
      'sqlite.d.ts',
      'testing/index.d.ts',
      'vectors.d.ts',
    ].map((file) => readFileSync(join(folder, file), 'utf8'));
    const exported = entries.flatMap((text) =>
      [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, names = '']) =>
        names.split(',').map((name) => name.trim().split(' as ').at(-1)),
      ),
    );
    const declared = texts.flatMap((text) =>
      [...text.matchAll(/^(?:declare class|interface|type) (\w+)/gm)].map(([, name]) => name),
    );
    // What variables are computed by from templates is nobody's to name.
    const computing = [...globSync('src/prompts/*.ts'), 'src/neutral/request.ts'].flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/^(?:export )?(?:interface|type) (\w+)/gm)].map(
        ([, name]) => name,
      ),
    );
    const known = new Set([...exported, ...computing]);
    expect(declared.length).toBeGreaterThan(100);
    expect(declared.filter((name) => !known.has(name))).toEqual([]);
  });

  test('with neither SDK installed, `import` and `require()` both work: the entries import no SDK at run time', () => {
    const folder = project('neither', []);
    for (const sdk of ['openai', '@anthropic-ai/sdk', 'ioredis', 'pg', 'zod']) {
      expect(existsSync(join(folder, 'node_modules', sdk))).toBe(false);
    }
    mkdirSync(join(folder, 'prompts/hello'), { recursive: true });
    writeFileSync(join(folder, 'prompts/hello/1.md'), 'Hello');
    writeFileSync(join(folder, 'prompts/hello/2.md'), '---\nmodel: gpt\n---\nHello, {{name}}');
    writeFileSync(
      join(folder, 'esm.mjs'),
      `import { ManagedLLM } from 'managed-llm';
       import { postgresState } from 'managed-llm/postgres';
       import { promptFolder, promptRegistry } from 'managed-llm/prompts';
       import { redisState } from 'managed-llm/redis';
       import { sqliteState } from 'managed-llm/sqlite';
       import { standIn } from 'managed-llm/testing';
       const registry = promptRegistry({ source: promptFolder('prompts') });
       await registry.get('hello').then(({ version }) => console.log(version));
       console.log((await registry.diff('hello', '1', '2')).text.split('\\n').at(-2));
       await registry.close();
       console.log(typeof ManagedLLM, typeof postgresState, typeof redisState, typeof sqliteState, typeof standIn);
       await import('openai').then(() => console.log('openai!'), (error) => console.log(error.code));`,
    );
    expect(node(folder, 'esm.mjs')).toBe(
      '2\n+Hello, {{name}}\nfunction function function function function\nERR_MODULE_NOT_FOUND\n',
    );
    writeFileSync(
      join(folder, 'cjs.cjs'),
      `const { ManagedLLM } = require('managed-llm');
       const { standIn } = require('managed-llm/testing');
       console.log(typeof ManagedLLM, typeof standIn, require('managed-llm/package.json').name);`,
    );
    expect(node(folder, '--no-warnings', 'cjs.cjs')).toBe('function function managed-llm\n');
  });

  test('its command runs with nothing else installed, and says what it lacks', () => {
    const folder = project('command', []);
    const { bin } = JSON.parse(
      readFileSync(join(folder, 'node_modules/managed-llm/package.json'), 'utf8'),
    ) as { bin: Record<string, string> };
    const command = join(folder, 'node_modules/managed-llm', bin['managed-llm'] ?? 'none');
    expect(readFileSync(command, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(node(folder, command, '--help')).toContain('npx managed-llm report --sqlite FILE');
    for (const [option, url, missing] of [
      ['--redis', 'redis://127.0.0.1:1', 'ioredis'],
      ['--postgres', 'postgres://127.0.0.1:1/a', 'pg'],
    ] as const)
      expect(() => node(folder, command, 'report', option, url)).toThrow(
        `\`${option}\` needs the package \`${missing}\`, which is not installed here: \`npm install ${missing}\``,
      );
  });

  test('a mistyped option is told in these words', () => {
    const folder = project('mistyped', ['openai']);
    writeFileSync(
      join(folder, 'mistyped.mjs'),
      `import OpenAI from 'openai';
       import { ManagedLLM } from 'managed-llm';
       try { new ManagedLLM({ providers: { openai: new OpenAI({ apiKey: 'x' }) }, interceptor: [] }); }
       catch (error) { console.log(error.name, error.code, error.message); }`,
    );
    expect(node(folder, 'mistyped.mjs')).toMatchInlineSnapshot(`
      "ManagedLLMError invalid-options \`options\` has no option \`interceptor\`. Did you mean \`interceptors\`?
      "
    `);
  });
});

test('a program ends by itself, whatever it has left open', () => {
  const folder = project('leaves', ['openai']);
  writeFileSync(
    join(folder, 'leaves.mjs'),
    `import OpenAI from 'openai';
     import { ManagedLLM } from 'managed-llm';
     import { standIn } from 'managed-llm/testing';
     const provider = standIn().always({ text: ['a ', 'b '] });
     const llm = new ManagedLLM({ providers: { openai: new OpenAI({ apiKey: 'x', fetch: provider.fetch }) } });
     const ask = (options) => llm.with({ deadlineMs: 600_000 }).clients.openai.chat.completions
       .create({ model: 'gpt', messages: [], ...options });
     await ask();
     await ask({ stream: true });
     provider.always({ hang: true });
     ask().catch(() => {});
     llm.close();
     console.log('left');`,
  );
  const startedAt = performance.now();
  expect(node(folder, 'leaves.mjs')).toBe('left\n');
  expect(performance.now() - startedAt).toBeLessThan(9_000);
});

describe.each([
  ['openai', withOpenAI, 'finished b smart\nHello true\n'],
  ['@anthropic-ai/sdk', withAnthropic, 'Hello true\n'],
])('with only %s installed', (sdk, program, printed) => {
  test('a program compiles with every library checked, and runs', () => {
    const folder = project(`only-${sdk.replace(/\W/g, '-')}`, [sdk, '@types/node']);
    const other = sdk === 'openai' ? '@anthropic-ai/sdk' : 'openai';
    expect(existsSync(join(folder, 'node_modules', other))).toBe(false);
    expect(compile(folder, program)).toBe('');
    expect(node(folder, '--no-warnings', 'program.ts')).toBe(printed);
  }, 60_000);
});

describe('an editor', () => {
  test('completes options, routes and stages', () => {
    const folder = project('editor', ['openai', '@types/node']);
    const source = `import OpenAI from 'openai';
import { ManagedLLM, type Interceptor } from 'managed-llm';
new ManagedLLM({ providers: { openai: new OpenAI() }, /*options*/ });
const mine: Interceptor = { name: 'mine', stage: '/*stage*/', intercept: (call, next) => next(call) };
new ManagedLLM({ providers: { openai: new OpenAI() } }).on('/*hook*/', () => {});
`;
    const file = join(folder, 'editor.ts');
    writeFileSync(file, source);
    const options: ts.CompilerOptions = {
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ES2023,
      strict: true,
      types: ['node'],
    };
    const service = ts.createLanguageService({
      getCompilationSettings: () => options,
      getScriptFileNames: () => [file],
      getScriptVersion: () => '1',
      getScriptSnapshot: (name) =>
        ts.sys.fileExists(name) ? ts.ScriptSnapshot.fromString(readFileSync(name, 'utf8')) : undefined,
      getCurrentDirectory: () => folder,
      getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
      fileExists: ts.sys.fileExists,
      readFile: ts.sys.readFile,
      readDirectory: ts.sys.readDirectory,
      directoryExists: ts.sys.directoryExists,
      getDirectories: ts.sys.getDirectories,
    });
    const at = (mark: string) =>
      service.getCompletionsAtPosition(file, source.indexOf(mark), {})?.entries.map(({ name }) => name) ?? [];
    expect(at('/*options*/')).toEqual(expect.arrayContaining(['interceptors', 'routes', 'unreadStreamMs']));
    expect(at('/*options*/')).not.toContain('providers');
    expect(at('/*stage*/')).toEqual(expect.arrayContaining(['observe', 'shape', 'send']));
    expect(at('/*hook*/').toSorted()).toEqual([
      'attempt:end',
      'attempt:start',
      'budget:alert',
      'call:end',
      'call:feedback',
      'call:start',
      'canary:change',
      'stream:first-event',
    ]);
  }, 60_000);
});
