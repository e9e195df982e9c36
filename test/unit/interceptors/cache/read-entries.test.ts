import { expect, test } from 'vitest';
import { encodeEntry, entryVersion, type EntryHead } from '../../../../src/interceptors/cache/entry.ts';
import { ReadEntries } from '../../../../src/interceptors/cache/read-entries.ts';

const head: EntryHead = {
  version: entryVersion,
  at: 0,
  freshUntil: 1,
  staleUntil: 1,
  form: 'plain',
  dialect: 'openai-chat',
  model: 'gpt',
  target: undefined,
  servedModel: undefined,
  stopReason: undefined,
  usage: undefined,
  costNanoUsd: undefined,
  durationMs: 1,
  tenant: undefined,
  tags: undefined,
};
const stored = (key: string, body: string): string => encodeEntry(key, { head, body });

test('what is found again as it was is not read again', () => {
  const read = new ReadEntries();
  const first = read.decode('a', stored('a', 'text'));
  expect(first?.body).toBe('text');
  // Another string with the same characters, as a server sends it.
  expect(read.decode('a', Buffer.from(stored('a', 'text')).toString())).toBe(first);
});

test('what has changed is read, and whether it is sound is found out each time', () => {
  const read = new ReadEntries();
  const sound = stored('a', 'text');
  const first = read.decode('a', sound);
  expect(read.decode('a', sound.replace('text', 'tent'))).toBeUndefined();
  expect(read.decode('a', sound.replace('text', 'tent'))).toBeUndefined();
  expect(read.decode('a', stored('a', 'other'))?.body).toBe('other');
  const again = read.decode('a', sound);
  expect(again).toEqual(first);
  expect(again).not.toBe(first);
});

test('no more is held than a stated length of texts: the oldest goes first, and what is longer than that is never held', () => {
  const read = new ReadEntries();
  const half = (key: string) => read.decode(key, stored(key, 'x'.repeat(2_000_000)));
  const [a, b] = [half('a'), half('b')];
  expect(half('a')).toBe(a);
  half('c');
  expect(half('b')).toBe(b);
  expect(half('a')).not.toBe(a);
  const whole = stored('d', 'x'.repeat(5_000_000));
  expect(read.decode('d', whole)).not.toBe(read.decode('d', whole));
});

test('room that a changed entry took is free again', () => {
  const read = new ReadEntries();
  const kept = read.decode('kept', stored('kept', 'small'));
  for (let change = 0; change < 10; change++)
    read.decode('a', stored('a', `${change}${'x'.repeat(1_000_000)}`));
  expect(read.decode('kept', stored('kept', 'small'))).toBe(kept);
});
