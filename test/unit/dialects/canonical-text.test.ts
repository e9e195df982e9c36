import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalText } from '../../../src/dialects/canonical-text.ts';

const nothing: ReadonlySet<string> = new Set();
const textOf = (body: unknown) => canonicalText(body, nothing);

/** Strings made of what the text itself is made of, of halves of a surrogate pair, and of anything. */
const string = fc.oneof(
  fc.string({
    unit: fc.constantFrom(
      '0',
      '1',
      '2',
      ':',
      '=',
      '?',
      ',',
      '{',
      '}',
      '[',
      ']',
      '"',
      '\\',
      '\ud83d',
      '\ude00',
    ),
    maxLength: 6,
  }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', 'toString', '\ud83d\ude00', '\ufffd', 'é', 'e\u0301', 'null', '1'),
);
/** Not a backslash alone: once it has seen that key, V8 13.6 reads every key that begins with an escape as that. */
const key = string.filter((given) => given !== '\\');
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.oneof(
      fc.constantFrom(null, undefined, true, false, 0, -0, 1, 1e21, NaN, Infinity),
      fc.double(),
      string,
    ),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }),
    fc.date({ noInvalidDate: true }),
  ),
}));
const body = fc.dictionary(key, value, { maxKeys: 5 });

/** The same by what JSON itself has. */
const jsonOf = (given: unknown): string => JSON.stringify(sorted(JSON.parse(JSON.stringify(given))));

function sorted(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return json.map(sorted);
  return Object.entries(json)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => ({ key, inner: sorted(inner) }));
}

/** The same with the members of every object the other way round. */
function reversed(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || given instanceof Date) return given;
  if (Array.isArray(given)) return given.map(reversed);
  return Object.fromEntries(
    Object.entries(given)
      .toReversed()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
}

/** The value that a text says, read character by character. */
function read(text: string): unknown {
  let at = 0;
  const upTo = (end: string): string => {
    const found = text.indexOf(end, at);
    const part = text.slice(at, found);
    at = found + 1;
    return part;
  };
  const next = (): unknown => {
    switch (text[at]) {
      case '{': {
        at++;
        const entries: [string, unknown][] = [];
        while (text[at] !== '}') entries.push([String(next()), next()]);
        at++;
        return Object.fromEntries(entries);
      }
      case '[': {
        at++;
        const items: unknown[] = [];
        while (text[at] !== ']') items.push(next());
        at++;
        return items;
      }
      case '=':
        at++;
        return JSON.parse(upTo(','));
      case '?': {
        const [quoted = expect.fail()] = /"(?:[^"\\]|\\.)*"/y.exec(text.slice(at + 1)) ?? [];
        at += 1 + quoted.length;
        return JSON.parse(quoted);
      }
      default: {
        const length = Number(upTo(':'));
        at += length;
        return text.slice(at - length, at);
      }
    }
  };
  const said = next();
  expect(at).toBe(text.length);
  return said;
}

describe('the canonical text of a body', () => {
  test('says all that JSON says, so that no two that differ have the same', () => {
    fc.assert(
      fc.property(body, (given) => {
        expect(jsonOf(read(textOf(given) ?? expect.fail()))).toBe(jsonOf(given));
      }),
      { numRuns: 2_000 },
    );
  });

  test('is the same in whatever order members are written, in objects of few members and of many', () => {
    const many = fc.dictionary(key, value, { minKeys: 17, maxKeys: 30 });
    fc.assert(
      fc.property(fc.oneof(body, many), (given) => {
        expect(textOf(reversed(given))).toBe(textOf(given));
      }),
      { numRuns: 1_000 },
    );
  });

  test('is the same as that of what JSON makes of it, and another for another', () => {
    fc.assert(
      fc.property(body, body, (one, other) => {
        expect(textOf(JSON.parse(JSON.stringify(one)))).toBe(textOf(one));
        expect(textOf(one) === textOf(other)).toBe(jsonOf(one) === jsonOf(other));
      }),
      { numRuns: 2_000 },
    );
  });

  test('survives UTF-8, in which it is hashed', () => {
    fc.assert(
      fc.property(body, (given) => {
        const text = textOf(given) ?? expect.fail();
        expect(Buffer.from(text).toString()).toBe(text);
      }),
    );
  });

  test('has no member that is to be left out, at the top alone', () => {
    const omit = new Set(['user']);
    const told = { messages: [{ user: 'a' }], model: 'm' };
    expect(canonicalText({ ...told, user: 'alice' }, omit)).toBe(textOf(told));
    expect(canonicalText({ user: 'alice' }, omit)).toBe(textOf({}));
    expect(canonicalText({ messages: [{ user: 'b' }], model: 'm' }, omit)).not.toBe(textOf(told));
  });

  test('takes what JSON leaves out for not there, and tells it from null', () => {
    expect(textOf({ a: 1, b: undefined, c: () => 1, d: Symbol('d') })).toBe(textOf({ a: 1 }));
    expect(textOf({ a: 1, b: null })).not.toBe(textOf({ a: 1 }));
    expect(textOf({ a: [undefined, NaN] })).toBe(textOf({ a: [null, null] }));
    expect(textOf({ a: -0 })).toBe(textOf({ a: 0 }));
    expect(textOf({ at: new Date(0) })).toBe(textOf({ at: '1970-01-01T00:00:00.000Z' }));
  });

  test('does not exist for what is no object, and for what JSON cannot hold', () => {
    const itself: { self?: unknown } = {};
    itself.self = itself;
    for (const given of [null, undefined, 'text', 1, [], [{}], { a: 1n }, itself])
      expect(textOf(given)).toBeUndefined();
  });
});
