import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RequestItem } from '../../../../src/core/items-lens.ts';
import { openaiEmbeddings } from '../../../../src/dialects/index.ts';
import {
  decodeEntry,
  encodeEntry,
  entryVersion,
  type EntryHead,
} from '../../../../src/interceptors/cache/entry.ts';
import { sharesOf } from '../../../../src/interceptors/cache/items/shares.ts';
import {
  entryOf,
  replyOf,
  vectorOf,
  vectorsIn,
  type KeyedItem,
  type ItemVector,
} from '../../../../src/interceptors/cache/items/item-vector.ts';
import { spaceOf } from '../../../../src/interceptors/cache/vector-space.ts';

const target = { provider: 'openai', model: 'small' };
const told = { target, servedModel: 'small', costNanoUsd: 1_000 };

describe('shares of a whole', () => {
  test('add up to it exactly, and none is less than nothing', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 1e12 }),
        fc.array(fc.nat({ max: 100_000 }), { minLength: 1, maxLength: 300 }),
        (total, weights) => {
          const shares = sharesOf(total, weights);
          expect(shares.reduce((sum, share) => sum + share, 0)).toBe(total);
          expect(shares.every((share) => Number.isInteger(share) && share >= 0)).toBe(true);
        },
      ),
    );
  });

  test('are by weight, to the nearest; even where nothing weighs anything', () => {
    expect(sharesOf(10, [1, 3, 1])).toEqual([2, 6, 2]);
    expect(sharesOf(2, [1, 1, 1, 1])).toEqual([1, 0, 1, 0]);
    expect(sharesOf(9, [0, 0, 0])).toEqual([3, 3, 3]);
    expect(sharesOf(7, [0, 5])).toEqual([0, 7]);
  });
});

const lens = openaiEmbeddings.items ?? expect.fail('Embeddings are asked for item by item.');

function itemsOf(input: readonly unknown[]): readonly KeyedItem[] {
  const items: readonly RequestItem[] = lens.split({ input })?.items ?? [];
  return items.map((item) => ({ ...item, key: item.text }));
}

/** A provider that counts a token for each byte, and tells one vector for one item. */
function answer(items: readonly KeyedItem[], isBase64: boolean) {
  const data = items.map(({ text }, index) => {
    const numbers = [text.length / 3, ...Buffer.from(text)].slice(0, 3).concat(0, 0, 0).slice(0, 3);
    const embedding = isBase64 ? Buffer.from(new Float32Array(numbers).buffer).toString('base64') : numbers;
    return { object: 'embedding', index, embedding };
  });
  const tokens = items.reduce((sum, { bytes }) => sum + bytes, 0);
  return { object: 'list', data, model: 'small', usage: { prompt_tokens: tokens, total_tokens: tokens } };
}

const head: EntryHead = {
  version: entryVersion,
  at: 0,
  freshUntil: 1,
  staleUntil: 2,
  form: 'plain',
  dialect: 'openai-embeddings',
  model: 'small',
  target: 'openai/small',
  servedModel: 'small',
  stopReason: undefined,
  usage: undefined,
  costNanoUsd: undefined,
  durationMs: 3,
  tenant: undefined,
  tags: undefined,
};

/** As a store gives it back. */
function stored(vector: ItemVector): ItemVector | undefined {
  const entry = decodeEntry('key', encodeEntry('key', entryOf(head, vector)));
  return entry && vectorOf(entry);
}

describe('what is put together of parts', () => {
  const item = fc.oneof(fc.string({ unit: 'binary' }), fc.array(fc.nat(), { minLength: 1, maxLength: 5 }));

  test('is the answer to the whole, whichever were known, in whatever order and batches they were asked for', () => {
    fc.assert(
      fc.property(
        fc.array(item, { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat({ max: 3 }), { minLength: 12, maxLength: 12 }),
        fc.boolean(),
        fc.boolean(),
        (pool, batches, isBase64, repeats) => {
          const whole = itemsOf(repeats ? [...pool, ...pool.toReversed()] : pool);
          const distinct = [...new Map(whole.map((each) => [each.key, each])).values()];
          const vectors = new Map<string, ItemVector>();
          for (let batch = 3; batch >= 0; batch--) {
            const part = distinct.filter((_, at) => batches[at] === batch).toReversed();
            const brought = vectorsIn(openaiEmbeddings, lens, part, answer(part, isBase64), told);
            // The last was just asked for; those before come from a store.
            for (const [key, vector] of brought ?? [])
              vectors.set(key, batch === 0 ? vector : (stored(vector) ?? expect.fail('not kept')));
          }
          const { text, told: whatIsTold } = replyOf(lens, whole, vectors);
          const expected = answer(whole, isBase64);
          expect(JSON.parse(text)).toEqual(expected);
          expect(whatIsTold).toEqual({
            usage: { inputTokens: expected.usage.prompt_tokens, provenance: 'reported' },
            servedModel: 'small',
            target,
          });
        },
      ),
    );
  });

  test('is never put together where one is missing', () => {
    expect(() => replyOf(lens, itemsOf(['a']), new Map())).toThrow('A vector is missing');
  });

  test('tells no usage where the provider has told none', () => {
    const items = itemsOf(['a', 'b']);
    const { usage: _usage, ...silent } = answer(items, false);
    const vectors = vectorsIn(openaiEmbeddings, lens, items, silent, { ...told, costNanoUsd: undefined });
    expect(
      [...(vectors ?? [])].map(([, { inputTokens, costNanoUsd }]) => [inputTokens, costNanoUsd]),
    ).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
    expect(JSON.parse(replyOf(lens, items, vectors ?? new Map()).text)).not.toHaveProperty('usage');
  });
});

describe('vectors can be compared', () => {
  const vector: ItemVector = {
    text: '{}',
    size: 3,
    inputTokens: 1,
    costNanoUsd: 1,
    target,
    servedModel: 'small',
  };
  const poolOf = (provider: string) => (provider.startsWith('openai#') ? 'openai' : undefined);
  const isSame = (other: Partial<ItemVector>) =>
    spaceOf({ ...vector, ...other }, poolOf) === spaceOf(vector, poolOf);

  test('that one model of one provider, or of members of its pool, has given in one length', () => {
    expect(isSame({ text: '{"a":1}', inputTokens: 2, costNanoUsd: undefined })).toBe(true);
    expect(isSame({ target: { provider: 'openai#2', model: 'small' } })).toBe(true);
  });

  test.each<Partial<ItemVector>>([
    { target: { provider: 'azure', model: 'small' } },
    { target: { provider: 'openai', model: 'large' } },
    { target: undefined },
    { servedModel: 'small-2' },
    { servedModel: undefined },
    { size: 4 },
  ])('and no others: %j', (other) => {
    expect(isSame(other)).toBe(false);
  });

  test('and what is kept otherwise is none', () => {
    for (const body of ['', '{}', 'x\n{}', '0\n{}', '1.5\n{}', '-1\n{}'])
      expect(vectorOf({ head, body })).toBeUndefined();
  });
});
