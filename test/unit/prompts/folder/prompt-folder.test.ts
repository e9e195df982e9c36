import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promptFromJSON } from 'managed-llm';
import { promptFolder, type PromptSource } from 'managed-llm/prompts';
import { manualClock } from 'managed-llm/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'managed-llm-prompts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Older than what may still be written to. */
function write(path: string, text: string | Uint8Array, ageMs = 10_000): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  const at = (Date.now() - ageMs) / 1_000;
  utimesSync(file, at, at);
}

const { signal } = new AbortController();
async function read(name: string, source: PromptSource = promptFolder(folder)) {
  const { versions, problems = [] } = await source.load(name, { signal });
  return { versions: versions as { version: string }[], problems: problems.map(({ message }) => message) };
}

describe('a file of Markdown', () => {
  test('is front matter, and messages that lines of their own begin', async () => {
    write(
      'support/4.md',
      [
        '---',
        'model: gpt-5-mini',
        'parameters:',
        '  maxOutputTokens: 400',
        '  stopSequences: [END]',
        'output:',
        '  jsonSchema: { type: object }',
        '---',
        '',
        'system:',
        '',
        'You answer customers of {{company}}.',
        '',
        'Second paragraph.  ',
        '\\user:',
        '\\\\system:',
        'user: is no message of its own',
        '',
        'user:  ',
        '{{question}}',
        'assistant:',
        'Yes?',
        'user:',
        '{{image:photo}}',
        '',
      ].join('\r\n'),
    );
    const { versions, problems } = await read('support');
    expect(problems).toEqual([]);
    expect(versions).toEqual([
      {
        name: 'support',
        version: '4',
        model: 'gpt-5-mini',
        parameters: { maxOutputTokens: 400, stopSequences: ['END'] },
        output: { jsonSchema: { type: 'object' } },
        messages: [
          {
            role: 'system',
            content:
              'You answer customers of {{company}}.\n\nSecond paragraph.  \nuser:\n\\system:\nuser: is no message of its own',
          },
          { role: 'user', content: '{{question}}' },
          { role: 'assistant', content: 'Yes?' },
          { role: 'user', content: '{{image:photo}}' },
        ],
      },
    ]);
    expect(promptFromJSON({ ...versions[0], name: 'read-from-folder' }).version).toBe('4');
  });

  test('is read as an editor shows it: blanks behind the front matter and before it are not seen', async () => {
    write('a/1.md', '--- \nmodel: gpt\n---\t\nHello');
    write('a/2.md', '\n \n---\nmodel: gpt\n---\nHello');
    for (const one of (await read('a')).versions)
      expect(one).toMatchObject({ model: 'gpt', messages: [{ role: 'user', content: 'Hello' }] });
  });

  test('has lines that look as if they began a message, written with a backslash', async () => {
    write('a/1.md', '\\System: x\n\\\\USER:\nuser: y');
    expect((await read('a')).versions).toMatchObject([
      { messages: [{ role: 'user', content: 'System: x\n\\USER:\nuser: y' }] },
    ]);
  });

  test('may have a name of digits', async () => {
    write('404.md', '---\nname: 404\nversion: 1\n---\nHello');
    expect(await read('404')).toMatchObject({ versions: [{ name: '404', version: '1' }], problems: [] });
  });

  test('without such lines is one message of the user, and needs no front matter', async () => {
    write('hello/1.md', '\ufeffSay hello to {{name}}.\n');
    write('hello/2.md', '---\n---\nSay hello.');
    const { versions } = await read('hello');
    expect(versions.map((one) => (one as never as { messages: unknown }).messages)).toEqual([
      [{ role: 'user', content: 'Say hello to {{name}}.' }],
      [{ role: 'user', content: 'Say hello.' }],
    ]);
  });
});

test('a file of YAML holds what `definePrompt` takes, its version as it is written there', async () => {
  write('mail/reply.yaml', 'version: 1.10\ntemplate: |\n  Answer {{mail}}.\n');
  write('sum.yml', 'name: sum\nversion: "7"\nmessages:\n  - { role: user, content: "{{text}}" }\n');
  expect((await read('mail/reply')).versions).toEqual([
    { name: 'mail/reply', version: '1.10', template: 'Answer {{mail}}.\n' },
  ]);
  expect((await read('sum')).versions).toMatchObject([{ version: '7' }]);
});

describe('versions', () => {
  test('are named by path or front matter, and are in order, drafts last', async () => {
    write('a/10.md', 'ten');
    write('a/9.yaml', 'template: nine');
    write('a/v11.md', 'v');
    write('a.md', '---\nversion: 2\nname: a\n---\ntwo');
    write('b.md', 'a draft');
    write('b/1.md', 'one');
    write('a/b/1.md', 'another prompt');
    const { versions } = await read('a');
    expect(versions.map(({ version }) => version)).toEqual(['2', '9', '10', 'v11']);
    const drafted = (await read('b')).versions.map(({ version }) => version);
    expect(drafted).toEqual(['1', expect.stringMatching(/^draft-[\w-]{16}$/)]);
    expect(await promptFolder(folder).names?.()).toEqual(['a', 'a/b', 'b']);
    const source = promptFolder(folder);
    expect((await read('b', source)).versions.at(-1)?.version).toBe(drafted[1]);
    write('b.md', 'another draft', 9_000);
    expect((await read('b', source)).versions.at(-1)?.version).not.toBe(drafted[1]);
  });

  test('that two files say are told, and one of them is used', async () => {
    write('a/2.md', 'in the folder');
    write('a/2.yaml', 'template: in YAML');
    const { versions, problems } = await read('a');
    expect(versions).toHaveLength(1);
    expect(problems).toEqual([
      'The file `a/2.yaml` of the folder of prompts is version `2` of `a`, as a/2.md is: leave one.',
    ]);
  });
});

test('partials are of files beside them and below, the nearest first, and only those that are used', async () => {
  write('_house.md', 'Be brief.\n');
  write('_sign.md', 'Sign as {{agent}}. {{> house}}');
  write('_unused.md', 'Never.');
  write('mail/_house.md', 'Be polite.');
  write('mail/reply/1.md', '{{> sign}}');
  write('sum/1.md', '{{> house}}');
  const partials = async (name: string) =>
    ((await read(name)).versions[0] as never as { partials: unknown }).partials;
  expect(await partials('mail/reply')).toEqual({
    sign: 'Sign as {{agent}}. {{> house}}',
    house: 'Be polite.',
  });
  expect(await partials('sum')).toEqual({ house: 'Be brief.' });
  write('_two-words.md', 'x');
  expect((await read('sum')).problems).toEqual([
    'The file `_two-words.md` of the folder of prompts is a partial that no tag can name: take letters, digits and `_`.',
  ]);
});

describe('a file that is wrong is told by its path and what to do, and hides no other', () => {
  test.each([
    ['support/5.md', '---\nversion: 6\n---\nx', 'says `version: 6`, and its path says `5`'],
    ['support/5.md', '---\nname: other\n---\nx', 'says `name: other`, and its path says `support`'],
    ['support/5.md', '---\nmodel: x\n', 'opens a front matter that nothing closes'],
    ['support/5.md', '---\nmodel: [\n---\nx', 'has what is not read as YAML in line'],
    ['support/5.md', '---\nmodel: a\nmodel: b\n---\nx', 'in line 3: DUPLICATE_KEY'],
    ['support/5.md', '---\nmodel: !!js/function x\n---\nx', 'in line 2: TAG_RESOLVE_FAILED'],
    ['support/5.md', '---\n- 1\n---\nx', 'must hold names and values'],
    ['support/5.md', '---\nmodle: x\n---\nx', 'has no option `modle`. Did you mean `model`?'],
    ['support/5.md', '---\ntemplate: x\n---\nx', 'has `template` in its front matter'],
    ['support/5.md', '---\nversion: null\n---\nx', 'says `version: null`, and its path says `5`'],
    ['support/5.md', 'Hello\nuser:\nx', 'has text before its first message'],
    ['support/5.md', 'user:\nx\nsystem:\ny', 'is of role "system" and stands behind others'],
    ['support/5.md', 'user:\n\nassistant:\nx', 'content` must be a text that is not empty'],
    ['support/5.md', '', 'content` must be a text that is not empty'],
    ['support/5.md', '{{#if x}}', 'has a tag `{{#if x}}` that is none'],
    ['support/5.md', '{{> house}}', 'takes in a partial `house`, which is not in `partials`'],
    ['support/5.md', new Uint8Array([0x68, 0xff, 0xfe]), 'is no UTF-8'],
    ['support/5.md', 'x'.repeat(1_000_001), 'is longer than 1000000 bytes'],
    ['support/5.md', 'Say\0 hello', 'has NUL bytes, as UTF-16 does: save it as UTF-8'],
    ['support/5.md', '---\nmodel: x\n---\nsystem:\nx\n\nUser:\ny', 'has a line 7 that begins no message'],
    ['support/5.md', 'system: Be brief.\nuser:\nx', 'has a line 1 that begins no message'],
    ['support/5.md', ' \n--- \nmodel: a\nmodel: b\n---\nx', 'in line 4: DUPLICATE_KEY'],
    ['support copy/5.md', 'x', 'The file `support copy` of the folder'],
    ['other.md', '---\nversion: draft-1\n---\nx', 'has a version that begins with `draft-`'],
    ['other.yaml', 'just text', 'must hold names and values'],
    ['other.yaml', `a: ${'['.repeat(100_000)}`, 'The file `other.yaml` of the folder of prompts'],
    ['other.yaml', '__proto__: { template: x }\nversion: 1', 'has no option `__proto__`'],
    ['other.yaml', 'version: true\ntemplate: x', '`definePrompt.version` must be a string'],
    [
      'other.yaml',
      [
        'a: &a [x, x, x, x, x, x, x, x, x, x]',
        ...'bcdefgh'
          .split('')
          .map(
            (one, index) =>
              `${one}: &${one} [${Array.from({ length: 10 }, () => `*${'abcdefg'[index]}`).join(', ')}]`,
          ),
      ].join('\n'),
      'repeats too much by aliases',
    ],
  ])('%s: %j', async (path, text, problem) => {
    write('support/4.md', 'good');
    write(path, text);
    const { versions, problems } = await read('support');
    expect(versions).toMatchObject([{ version: '4' }]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  test('without a word of what is written in it', async () => {
    write('secret.md', '---\nmodel: "sk-secret\n  x: [\n---\nsecret');
    write('secret2.yaml', 'template: "sk-secret');
    const { problems } = await read('support');
    expect(problems).toHaveLength(2);
    expect(problems.join()).not.toContain('sk-secret');
  });
});

test('what editors leave, hidden files, and links that lead out are not looked at; links inside are', async () => {
  const outside = mkdtempSync(join(tmpdir(), 'managed-llm-outside-'));
  writeFileSync(join(outside, '1.md'), 'a secret of the machine');
  write('real/1.md', 'one');
  for (const junk of [
    'a.md~',
    '.a.md.swp',
    '#a.md#',
    '.#a.md',
    '4913',
    'a.md.tmp',
    'a.txt',
    '.git/1.md',
    '..data/1.md',
  ])
    write(junk, 'junk');
  mkdirSync(join(folder, 'out'));
  symlinkSync(join(outside, '1.md'), join(folder, 'out/1.md'));
  symlinkSync(outside, join(folder, 'linked'));
  symlinkSync(join(folder, 'missing.md'), join(folder, 'broken.md'));
  symlinkSync(folder, join(folder, 'loop'));
  mkdirSync(join(folder, 'inside'));
  symlinkSync('../..data/1.md', join(folder, 'inside/1.md'));
  const source = promptFolder(folder);
  expect(await source.names?.()).toEqual(['inside', 'real']);
  for (const name of ['../real', 'out', '/etc/passwd', '__proto__', 'constructor'])
    expect(await read(name, source)).toEqual({ versions: [], problems: [] });
  rmSync(outside, { recursive: true });
});

describe('while files are written', () => {
  test('a file that was right stays as it was while it is half written', async () => {
    write('support/4.md', '---\nmodel: gpt\n---\ngood');
    const source = promptFolder(folder);
    const [before] = (await read('support', source)).versions;
    write('support/4.md', '---\nmodel: g', 5_000);
    const { versions, problems } = await read('support', source);
    expect(versions).toEqual([before]);
    expect(problems).toHaveLength(1);
    rmSync(join(folder, 'support/4.md'));
    expect(await read('support', source)).toEqual({ versions: [], problems: [] });
  });

  test('one that was written to just now is read when it has been left alone for a moment', async () => {
    write('support/5.md', 'half', 0);
    const reading = read('support');
    setImmediate(() => write('support/5.md', 'half and half', 0));
    expect((await reading).versions).toMatchObject([{ messages: [{ content: 'half and half' }] }]);
  });

  test('files that are never left alone delay the others by one wait, and are told', async () => {
    write('support/4.md', 'good');
    write('busy/1.md', 'was good');
    const source = promptFolder(folder);
    await read('support', source);
    // Later than now, so that they are new for as long as the test takes.
    for (const busy of ['busy/1.md', 'busy/2.md', 'busy-too.md']) write(busy, 'half', -100);
    const writing = setInterval(() => {
      for (const busy of ['busy/1.md', 'busy/2.md', 'busy-too.md']) write(busy, 'half', -100);
    }, 20);
    try {
      expect(await read('support', source)).toMatchObject({
        versions: [{ version: '4' }],
        problems: [
          expect.stringContaining('`busy/2.md` of the folder of prompts is being written to'),
          expect.stringContaining('`busy-too.md` of the folder of prompts is being written to'),
        ],
      });
      expect((await read('busy', source)).versions).toMatchObject([
        { version: '1', messages: [{ content: 'was good' }] },
      ]);
    } finally {
      clearInterval(writing);
    }
  });

  test('one that was passed over is read soon again, for whoever wants to know', async () => {
    const clock = manualClock(Date.now());
    const source = promptFolder(folder, { clock });
    let told = 0;
    const stop = source.watch?.(() => (told += 1));
    write('a.md', 'half', 0);
    const reading = source.load('a', { signal });
    await vi.waitFor(() => expect(clock.pending).toBe(1));
    write('a.md', 'more', -200);
    await clock.advance(200);
    expect((await reading).versions).toEqual([]);
    await clock.advance(400);
    expect(told).toBe(1);
    expect((await source.load('a', { signal })).versions).toHaveLength(1);
    stop?.();
    expect(clock.pending).toBe(0);
  });

  test('a change that leaves time and length as they were is seen', async () => {
    write('a.md', 'draft one');
    const source = promptFolder(folder);
    await read('a', source);
    const { mtime } = statSync(join(folder, 'a.md'));
    writeFileSync(join(folder, 'a.md'), 'draft two');
    utimesSync(join(folder, 'a.md'), mtime, mtime);
    expect((await read('a', source)).versions).toMatchObject([{ messages: [{ content: 'draft two' }] }]);
  });

  test('a folder that is not there cannot be read, and it is said which', async () => {
    const source = promptFolder(join(folder, 'none'));
    const failed = expect.objectContaining({
      code: 'prompt-source-failed',
      message: expect.stringContaining(`\`${join(folder, 'none')}\` cannot be read (ENOENT)`),
    });
    await expect(source.load('a', { signal })).rejects.toEqual(failed);
    await expect(source.names?.()).rejects.toEqual(failed);
  });
});

describe('names that there are not', () => {
  test('cost one reading a second, and those that there are are read again', async () => {
    const clock = manualClock(Date.now());
    write('a/1.md', 'one');
    const source = promptFolder(folder, { clock });
    await source.load('nobody', { signal });
    write('b/1.md', 'one');
    write('a/2.md', 'two');
    expect(await source.load('b', { signal })).toMatchObject({ versions: [] });
    expect(await source.names?.()).toEqual(['a']);
    expect((await source.load('a', { signal })).versions).toHaveLength(1);
    expect((await source.load('a', { signal })).versions).toHaveLength(2);
    await clock.advance(1_000);
    rmSync(join(folder, 'a'), { recursive: true });
    expect(await source.names?.()).toEqual(['b']);
  });
});

test('options that are wrong are refused', () => {
  expect(() => promptFolder('')).toThrow('`promptFolder.folder` must be a text that is not empty.');
  expect(() => promptFolder('a', { wacht: true } as never)).toThrow('Did you mean `watch`?');
});
