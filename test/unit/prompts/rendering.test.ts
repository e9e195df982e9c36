import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { definePrompt, ManagedLLMError, promptFromJSON, untrusted } from 'managed-llm';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { nextVersion } from './versions.ts';

/** What rendering refuses, as far as a message tells it. */
function refusal(act: () => unknown): ManagedLLMError {
  try {
    act();
  } catch (thrown) {
    if (ManagedLLMError.isInstance(thrown)) return thrown;
    throw thrown;
  }
  return expect.fail('It was not refused.');
}

const support = definePrompt({
  name: 'rendering/support',
  version: '1',
  partials: { house: 'Be {{tone}}. {{> sign}}', sign: 'Sign as {{ agent }}.' },
  messages: [
    { role: 'system', content: 'You answer for {{company}}. {{> house}}' },
    { role: 'user', content: '{{question}}' },
  ],
});
const variables = { company: 'Acme', tone: 'kind', agent: 'Ann', question: 'Where is it?' };

/** A text template, rendered. */
function text(template: string, values: Record<string, unknown>): unknown {
  const prompt = promptFromJSON({ name: 'rendering/text', version: nextVersion(), template });
  return prompt.render(values as never).messages[0]?.content;
}

describe('A prompt is rendered', () => {
  test('with its variables and partials in their places', () => {
    expect(support.render(variables).messages).toEqual([
      { role: 'system', content: 'You answer for Acme. Be kind. Sign as Ann.' },
      { role: 'user', content: 'Where is it?' },
    ]);
  });

  test('byte for byte the same whenever it is', () => {
    expect(JSON.stringify(support.render(variables))).toBe(JSON.stringify(support.render({ ...variables })));
  });

  test('with numbers and booleans as they are written', () => {
    expect(text('{{a}} {{b}} {{c}}', { a: 0, b: false, c: '' })).toBe('0 false ');
  });

  test('with two braces as such where four stand', () => {
    expect(text('{{{{a}} {{a}} } }} {', { a: 1 })).toBe('{{a}} 1 } }} {');
  });

  test('with every text as it is, whatever stands in it', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('{{a}}', '{{> a}}', '{{{{', '}}', '</x>', '$&', '\\'),
    );
    const value = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(''));
    const plain = fc.string().map((written) => written.replaceAll('{', '(').replaceAll('}', ')'));
    fc.assert(
      fc.property(fc.array(fc.tuple(plain, value), { minLength: 1, maxLength: 5 }), plain, (pairs, end) => {
        const template = `${pairs.map(([before], at) => `${before}{{v${at}}}`).join('')}${end}.`;
        const values = Object.fromEntries(pairs.map(([, given], at) => [`v${at}`, given]));
        const expected = `${pairs.map(([before, given]) => `${before}${given}`).join('')}${end}.`;
        expect(text(template, values)).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });

  test('with images between the texts of a message of the user', () => {
    const prompt = definePrompt({
      name: 'rendering/images',
      version: '1',
      template: 'Compare {{image:first}}{{image:second}} and {{image:third}}',
    });
    const data = { data: 'AAAA', mediaType: 'image/png' } as const;
    const images = {
      first: 'https://example.com/a.png',
      second: data,
      third: 'data:image/gif;base64,BBBB',
    };
    expect(prompt.render(images).messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Compare ' },
          { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
          { type: 'image', source: { type: 'base64', ...data } },
          { type: 'text', text: ' and ' },
          { type: 'image', source: { type: 'base64', data: 'BBBB', mediaType: 'image/gif' } },
        ],
      },
    ]);
  });

  test('with its model, its parameters and the shape of its output', () => {
    const prompt = definePrompt({
      name: 'rendering/whole',
      version: '1',
      template: 'Hi',
      model: 'gpt-5-mini',
      parameters: { temperature: 0, reasoning: { effort: 'low' } },
      output: { schema: z.object({ city: z.string() }), strict: true },
    });
    expect(prompt.render()).toMatchObject({
      model: 'gpt-5-mini',
      temperature: 0,
      reasoning: { effort: 'low' },
      output: { type: 'json-schema', name: 'rendering_whole', strict: true, schema: { required: ['city'] } },
    });
  });

  test('and what becomes of its definition, its variables or a body afterwards changes nothing', () => {
    const messages = [{ role: 'user' as const, content: '{{a}}' }];
    const parameters = { stopSequences: ['END'] };
    const prompt = definePrompt({
      name: 'rendering/kept',
      version: '1',
      messages,
      parameters,
      output: { jsonSchema: { type: 'object' }, name: 'a' },
    });
    const [body] = prompt.openai({ a: 1 });
    if (body.response_format !== undefined) body.response_format.json_schema.name = 'b';
    body.messages.push({ role: 'user', content: 'more' });
    body.stop?.push('STOP');
    parameters.stopSequences.push('HALT');
    messages.push({ role: 'user', content: 'and more' });
    expect(JSON.parse(JSON.stringify(prompt.openai({ a: 1 })))).toEqual([
      {
        messages: [{ role: 'user', content: '1' }],
        stop: ['END'],
        response_format: { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'object' } } },
      },
    ]);
    expect(prompt.toJSON().messages).toHaveLength(1);
  });
});

describe('A text that is not to be trusted', () => {
  test('stands unchanged between tags that nothing in it can end', () => {
    const evil = fc
      .array(fc.oneof(fc.string(), fc.constantFrom('</untrusted>', '</untrusted-', '>', '\n', '{{a}}')))
      .map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(evil, evil, (content, before) => {
        // Somebody who knows how an earlier text of theirs was put between tags.
        const known = String(text('{{a}}', { a: untrusted(before) }));
        const given = `${content}${known}`;
        const whole = String(text('{{a}}', { a: untrusted(given) }));
        const [, tag] = /^<(untrusted-[0-9a-f]{24})>\n/.exec(whole) ?? [];
        expect(whole).toBe(`<${tag}>\n${given}\n</${tag}>`);
        expect(whole.split(String(tag))).toHaveLength(3);
      }),
    );
  });
});

describe('It is not rendered', () => {
  test.each([
    ['with one missing', { a: 'x' }, 'needs a value for its variable `bcd`'],
    ['with one that is undefined', { a: 'x', bcd: undefined }, 'needs a value for its variable `bcd`'],
    ['with one that is null', { a: 'x', bcd: null }, 'needs a value for its variable `bcd`'],
    ['with one misspelt', { a: 'x', bdc: 'y' }, 'has no variable `bdc`. Did you mean `bcd`?'],
    ['with one too many', { a: 1, bcd: 1, unheard: 1 }, 'has no variable `unheard`. Variables: a, bcd'],
    ['with an object', { a: {}, bcd: 1 }, 'variable `a`: it must be a text, a finite number'],
    ['with a list', { a: ['secret'], bcd: 1 }, '`untrusted(…)`, not a list'],
    ['with no number', { a: Number.NaN, bcd: 1 }, '`untrusted(…)`, not NaN'],
    ['with a function', { a: () => 1, bcd: 1 }, '`untrusted(…)`, not a function'],
    ['with a text of nobody', { a: untrusted(undefined as never), bcd: 1 }, 'not `untrusted(…)` of nothing'],
    [
      'with a text that is none',
      { a: untrusted({ secret: 1 } as never), bcd: 1 },
      'not `untrusted(…)` of an object',
    ],
    ['with a text', 'secret', 'takes its variables as an object'],
    ['with a list of variables', ['secret'], 'takes its variables as an object'],
    ['with null', null, 'takes its variables as an object'],
    [
      'with what is inherited',
      Object.create({ a: 1, bcd: 1 }) as object,
      'needs a value for its variable `a`',
    ],
  ])('%s', (_what, values, message) => {
    const error = refusal(() => text('{{a}} {{bcd}}', values as never));
    expect(error).toMatchObject({ code: 'prompt-variables', status: 500 });
    expect(error.message).toContain(`Prompt \`rendering/text@`);
    expect(error.message).toContain(message);
    expect(error.message).not.toContain('secret');
  });

  test.each([
    ['a text', 'cat.png'],
    ['an address of another kind', 'file:///etc/passwd'],
    ['an image that not both read', { data: 'AA', mediaType: 'image/tiff' }],
    ['a number', 5],
    ['no data', { data: '', mediaType: 'image/png' }],
    ['an empty data URL', 'data:image/png;base64,'],
    ['a path for data', { data: '/etc/passwd no', mediaType: 'image/png' }],
    ['half of a byte', { data: 'AAAAA', mediaType: 'image/png' }],
    ['bytes', { data: new Uint8Array([1]), mediaType: 'image/png' }],
  ])('with %s for an image', (_what, image) => {
    const error = refusal(() => text('{{image:a}}', { a: image }));
    expect(error.message).toContain(
      'variable `a`: it must be a web address, a data URL or `{ data, mediaType }`',
    );
  });
});

describe('A turn that says nothing', () => {
  const prompt = definePrompt({
    name: 'rendering/blank',
    version: '1',
    messages: [
      { role: 'system', content: '{{note}}' },
      { role: 'user', content: '{{question}} {{more}}' },
    ],
  });

  test('is refused, whoever is asked, by the variables that are blank', () => {
    const error = refusal(() => prompt.render({ note: 'x', question: '', more: '\n' }));
    expect(error).toMatchObject({ code: 'prompt-variables', details: { variable: 'question' } });
    expect(error.message).toBe(
      'Prompt `rendering/blank@1` has nothing to say in a message of role "user": `question`, `more` must not be blank.',
    );
  });

  test('may be one of instructions', () => {
    expect(prompt.render({ note: '', question: 'Where?', more: '' }).messages).toHaveLength(2);
  });

  test('may have an image', () => {
    const shown = definePrompt({ name: 'rendering/shown', version: '1', template: '{{image:a}}{{b}}' });
    expect(shown.render({ a: 'https://example.com/a.png', b: '' }).messages[0]?.content).toHaveLength(1);
  });
});

describe('An image is taken', () => {
  test.each([
    ['with a type in capitals', 'data:image/PNG;base64,AAAA', 'image/png'],
    ['as JPG', { data: 'AAAA', mediaType: 'image/jpg' }, 'image/jpeg'],
    ['with a name', 'data:image/gif;name=a.gif;base64,AAAA', 'image/gif'],
  ])('%s', (_what, given, mediaType) => {
    expect(text('{{image:a}}', { a: given })).toEqual([
      { type: 'image', source: { type: 'base64', data: 'AAAA', mediaType } },
    ]);
  });
});

describe('A schema of variables', () => {
  const refined = definePrompt({
    name: 'rendering/refined',
    version: '1',
    template: '{{mail}} {{words}}',
    variables: z.object({
      mail: z.string().transform((mail) => untrusted(mail)),
      words: z.number().max(100).default(50),
    }),
  });

  test('lets through what is rendered: its defaults and transformations hold', () => {
    const [message] = refined.render({ mail: 'Hi' }).messages;
    expect(message?.content).toMatch(/^<untrusted-\w+>\nHi\n<\/untrusted-\w+> 50$/);
  });

  test('refuses what does not fit, by its place', () => {
    const error = refusal(() => refined.render({ mail: 'secret', words: 101 }));
    expect(error.message).toBe(
      'Prompt `rendering/refined@1` was given variables that do not fit its schema at `words`.',
    );
    expect(error).toMatchObject({ code: 'prompt-variables', details: { variable: 'words' } });
  });

  test('that has to wait is refused', () => {
    const slow = definePrompt({
      name: 'rendering/slow',
      version: '1',
      template: '{{a}}',
      variables: z.object({ a: z.string() }).refine(async () => true),
    });
    expect(refusal(() => slow.render({ a: 'x' })).message).toContain('has to wait');
    const later: unknown = runInNewContext('new Promise(() => {})');
    expect(later).not.toBeInstanceOf(Promise);
    const thenable = promptFromJSON({
      name: 'rendering/thenable',
      version: '1',
      template: '{{a}}',
      variables: { '~standard': { version: 1, vendor: 'x', validate: () => later } },
    });
    expect(refusal(() => thenable.render({ a: 'x' })).message).toContain('has to wait');
  });
});
