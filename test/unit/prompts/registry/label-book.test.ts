import { describe, expect, test } from 'vitest';
import { LabelBook } from '../../../../src/prompts/registry/label-book.ts';

const by = 'alice';
const set = (book: LabelBook, version: string, at = 0): LabelBook =>
  book.with({ kind: 'label', label: 'production', version, by }, at);
const back = (book: LabelBook): LabelBook => book.with({ kind: 'rollback', label: 'production', by }, 9);
const named = (book: LabelBook): string | undefined => book.version('production');

describe('a book of labels', () => {
  test('goes back as far as it has come, one version at a time', () => {
    const book = ['1', '2', '3'].reduce(
      (before, version) => set(before, version),
      LabelBook.of('a', undefined),
    );
    expect(named(book)).toBe('3');
    expect(named(back(book))).toBe('2');
    expect(named(back(back(book)))).toBe('1');
    expect(() => back(back(back(book)))).toThrow(/has named no other version before `1`/);
    expect(named(back(set(back(back(book)), '4')))).toBe('1');
  });

  test('tells who did what, and when', () => {
    const book = set(set(LabelBook.of('a', undefined), '1', 1), '2', 2);
    const gone = back(book).with({ kind: 'unlabel', label: 'production', by: 'bob', note: 'over' }, 10);
    expect(gone.history).toEqual([
      { at: 1, by, kind: 'label', label: 'production', to: '1' },
      { at: 2, by, kind: 'label', label: 'production', from: '1', to: '2' },
      { at: 9, by, kind: 'rollback', label: 'production', from: '2', to: '1' },
      { at: 10, by: 'bob', kind: 'unlabel', label: 'production', from: '1', note: 'over' },
    ]);
    expect(gone.labels).toEqual([]);
    expect(() => back(gone)).toThrow('It has no labels: set it with `label`.');
  });

  test('keeps what newer versions of this package have added', () => {
    const text = JSON.stringify({
      labels: { production: { version: '1', earlier: [], pinned: true } },
      history: [{ at: 1, by, kind: 'label', label: 'production', to: '1', ticket: 'T' }],
      dropped: 0,
      policy: 'two',
    });
    expect(JSON.parse(set(LabelBook.of('a', text), '2').toText())).toMatchObject({
      labels: { production: { version: '2', earlier: ['1'], pinned: true } },
      history: [{ ticket: 'T' }, { to: '2' }],
      policy: 'two',
    });
  });

  test('says nothing of a label that is set to what it names', () => {
    const book = set(LabelBook.of('a', undefined), '1');
    expect(set(book, '1')).toBe(book);
  });

  test('is read as it was written, also labels with the names of members of every object', () => {
    const labelled = set(LabelBook.of('a', undefined), '1')
      .with({ kind: 'label', label: 'constructor', version: '2', by }, 1)
      .with({ kind: 'label', label: 'toString', version: '2', by }, 1);
    const read = LabelBook.of('a', labelled.toText());
    expect(read.labels).toEqual(['production', 'constructor', 'toString']);
    expect(read.version('constructor')).toBe('2');
    expect(read.version('valueOf')).toBeUndefined();
    expect(read.toText()).toBe(labelled.toText());
  });

  test('drops the oldest changes, and tells how many, so that it always fits', () => {
    let book = LabelBook.of('a', undefined);
    const note = 'ä'.repeat(500);
    for (let version = 0; version < 300; version += 1)
      book = LabelBook.of(
        'a',
        book.with({ kind: 'label', label: 'production', version: `${version}`, by, note }, version).toText(),
      );
    expect(Buffer.byteLength(book.toText())).toBeLessThanOrEqual(65_536);
    expect(book.history.length).toBeGreaterThan(40);
    expect(book.dropped + book.history.length).toBe(300);
    expect(book.history.at(-1)?.to).toBe('299');
    for (let version = 298; version >= 249; version -= 1) {
      book = back(book);
      expect(named(book)).toBe(`${version}`);
    }
    expect(() => back(book)).toThrow(/nothing to go back to/);
  });

  test('refuses what was written by somebody else', () => {
    for (const text of ['', 'null', '{}', '{"labels":{"a":1},"history":[],"dropped":0}'])
      expect(() => LabelBook.of('a', text)).toThrow(/`prompts:labels:a` of the state cannot be read/);
  });

  test('with more labels than fit is refused, and says what to do', () => {
    let book = LabelBook.of('a', undefined);
    for (let index = 0; index < 900; index += 1)
      book = book.with({ kind: 'label', label: `l${index}-${'x'.repeat(80)}`, version: '1', by }, 1);
    expect(() => book.toText()).toThrow(/has 900 labels, which is more than fits: take some away/);
  });
});
