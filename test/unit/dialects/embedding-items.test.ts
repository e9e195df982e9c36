import { describe, expect, test } from 'vitest';
import type { ItemsLens } from '../../../src/core/items-lens.ts';
import { openaiEmbeddings } from '../../../src/dialects/index.ts';

function lensOf(): ItemsLens {
  const { items } = openaiEmbeddings;
  if (items === undefined) throw new Error('Embeddings are asked for item by item.');
  return items;
}

const lens = lensOf();
const split = (body: object) => lens.split({ model: 'm', ...body });
const textsOf = (body: object) => split(body)?.items.map(({ text }) => text);

describe('a request for embeddings, item by item', () => {
  test('is of one text, of texts, of one list of tokens, of lists of tokens', () => {
    expect(textsOf({ input: 'a' })).toEqual(['"a"']);
    expect(textsOf({ input: ['a', 'b', 'a'] })).toEqual(['"a"', '"b"', '"a"']);
    expect(textsOf({ input: [1, 2] })).toEqual(['[1,2]']);
    expect(textsOf({ input: [[1, 2], [3]] })).toEqual(['[1,2]', '[3]']);
    expect(textsOf({ input: ['[1,2]', [1, 2]] })).toEqual(['"[1,2]"', '[1,2]']);
  });

  test('weighs texts by their bytes, and tokens by what they are of text', () => {
    expect(split({ input: ['ä', '', [1, 2]] })?.items.map(({ bytes }) => bytes)).toEqual([2, 0, 8]);
  });

  test.each([
    ['nothing', []],
    ['no input', undefined],
    ['pictures among texts', ['a', { image: 'x' }]],
    ['texts in lists', [['a']]],
    ['an empty list of tokens', [[1], []]],
    ['fractions', [0.5]],
    ['numbers and texts in one list', [1, 'a']],
  ])('is not of %s', (_name, input) => {
    expect(split({ input })).toBeUndefined();
  });

  test('is none where texts shape the vectors of others', () => {
    expect(split({ input: ['a', 'b'], late_chunking: true })).toBeUndefined();
    expect(split({ input: ['a', 'b'], late_chunking: false })).toBeDefined();
  });

  test('has one frame in whatever order it is written, without who asks; with all else that it says', () => {
    const frame = (body: object) => split({ input: 'a', ...body })?.frame;
    const plain = frame({ dimensions: 8, encoding_format: 'float' });
    expect(frame({ encoding_format: 'float', dimensions: 8, user: 'u', metadata: { a: 1 } })).toBe(plain);
    expect(split({ input: ['b', 'c'], dimensions: 8, encoding_format: 'float' })?.frame).toBe(plain);
    const others = [{}, { dimensions: 8 }, { dimensions: 9, encoding_format: 'float' }, { task: 'query' }];
    const frames = others.map(frame);
    expect(new Set([plain, ...frames]).size).toBe(others.length + 1);
  });

  test('asks for others in the same words', () => {
    expect(lens.withItems({ model: 'm', input: 'a', dimensions: 8 }, [[1], [2]])).toEqual({
      model: 'm',
      input: [[1], [2]],
      dimensions: 8,
    });
  });
});

describe('a reply with embeddings, item by item', () => {
  test('gives each its own, by its place, and all that stands beside the vector', () => {
    const data = [
      { index: 1, embedding: 'AAAA', extra: true },
      { index: 0, embedding: 'BBBB' },
    ];
    expect(lens.answers({ data }, 2)).toEqual([
      { text: '{"embedding":"BBBB"}', size: 4 },
      { text: '{"embedding":"AAAA","extra":true}', size: 4 },
    ]);
  });

  test('is put together with the places that its rows have there, and tells no more than is known', () => {
    const texts = ['{"embedding":[1]}', '{"embedding":[2]}'];
    expect(JSON.parse(lens.reply(texts, { model: 'm', inputTokens: 3 }))).toEqual({
      object: 'list',
      data: [
        { index: 0, embedding: [1] },
        { index: 1, embedding: [2] },
      ],
      model: 'm',
      usage: { prompt_tokens: 3, total_tokens: 3 },
    });
    expect(JSON.parse(lens.reply([], { model: undefined, inputTokens: undefined }))).toEqual({
      object: 'list',
      data: [],
    });
  });
});
