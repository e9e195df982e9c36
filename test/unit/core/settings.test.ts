import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { mergeSettings, noSettings, parseSettings, type CallSettings } from '../../../src/core/settings.ts';

const text = fc.string({ maxLength: 4 });
const settings: fc.Arbitrary<CallSettings> = fc.record(
  {
    user: text,
    team: text,
    tenant: text,
    roles: fc.array(text, { maxLength: 2 }),
    tags: fc.dictionary(fc.constantFrom('a', 'b', 'c'), text),
    deadlineMs: fc.integer({ min: 1, max: 5 }),
  },
  { requiredKeys: [] },
);

describe('merging settings', () => {
  test('gives each key its innermost value, and joins tags', () => {
    fc.assert(
      fc.property(settings, settings, (outer, inner) => {
        const { tags, ...merged } = mergeSettings(outer, inner);
        const { tags: outerTags, ...others } = outer;
        const { tags: innerTags, ...own } = inner;
        expect(merged).toEqual({ ...others, ...own });
        expect(tags ?? {}).toEqual({ ...outerTags, ...innerTags });
      }),
    );
  });

  test('does not care how it is grouped', () => {
    fc.assert(
      fc.property(settings, settings, settings, (a, b, c) => {
        expect(mergeSettings(mergeSettings(a, b), c)).toEqual(mergeSettings(a, mergeSettings(b, c)));
      }),
    );
  });

  test('with no settings changes nothing and copies nothing', () => {
    const some = parseSettings({ user: 'alice' }, 'with');
    expect(mergeSettings(noSettings, some)).toBe(some);
    expect(mergeSettings(some, noSettings)).toBe(some);
  });

  test('keeps an empty string apart from nothing', () => {
    expect(mergeSettings({ tenant: 'acme' }, { tenant: '' })).toEqual({ tenant: '' });
    expect('tenant' in mergeSettings({ user: 'a' }, { user: 'b' })).toBe(false);
  });
});

describe('parsed settings', () => {
  test('that are `undefined` say nothing, and hide nothing of outer ones', () => {
    const unsaid = { user: undefined, roles: undefined, tags: undefined } as unknown as CallSettings;
    const parsed = parseSettings(unsaid, 'with');
    expect(Object.keys(parsed)).toEqual([]);
    expect(mergeSettings({ user: 'alice' }, parsed)).toEqual({ user: 'alice' });
  });

  test('are what was given, frozen to the bottom', () => {
    fc.assert(
      fc.property(settings, (given) => {
        const parsed = parseSettings(given, 'with');
        expect(parsed).toEqual(given);
        expect(Object.isFrozen(parsed)).toBe(true);
        if (parsed.roles !== undefined) expect(Object.isFrozen(parsed.roles)).toBe(true);
        if (parsed.tags !== undefined) expect(Object.isFrozen(parsed.tags)).toBe(true);
      }),
    );
  });

  test('cannot bring a prototype along', () => {
    const given = JSON.parse('{"tags":{"__proto__":"x","a":"b"}}') as CallSettings;
    const parsed = parseSettings(given, 'with');
    expect(Object.getPrototypeOf(parsed.tags ?? {})).toBe(Object.prototype);
    const merged = mergeSettings({ tags: { c: 'd' } }, parsed);
    expect(Object.getPrototypeOf(merged.tags ?? {})).toBe(Object.prototype);
  });
});
