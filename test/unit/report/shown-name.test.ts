import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { shownName } from '../../../src/report/shown-name.ts';

test.each([
  ['alice', 'alice'],
  ['', '(empty)'],
  ['名前 é 👍', '名前 é 👍'],
  ['admin\u202etxt.exe', 'admin�txt.exe'],
  ['ali\u200bce', 'ali�ce'],
  ['two\nlines\ttabbed\u0000', 'two�lines�tabbed�'],
  ['broken \ud800 half', 'broken � half'],
  ['x'.repeat(80), 'x'.repeat(80)],
  ['x'.repeat(81), `${'x'.repeat(79)}…`],
  ['👍'.repeat(81), `${'👍'.repeat(79)}…`],
])('%j is shown as %j', (name, shown) => {
  expect(shownName(name)).toBe(shown);
});

test('whatever it is, it is short, well-formed, and nothing in it cannot be seen or turns the text round', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
      const shown = shownName(name);
      expect([...shown].length).toBeLessThanOrEqual(80);
      expect(shown.isWellFormed()).toBe(true);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(shown).not.toBe('');
    }),
  );
});
