import { hash } from 'node:crypto';
import { between, type Random } from '../availability/random.ts';

/** What a store gives in place of what was kept. */
export interface Spoilt {
  readonly kind: string;
  readonly value: unknown;
}

/** Every place, or so many of them at random. */
function places(length: number, most: number, random: Random): readonly number[] {
  if (length <= most) return Array.from({ length }, (_, at) => at);
  return Array.from({ length: most }, () => Math.floor(between(random, 0, length)));
}

/** An entry that has its right checksum, but another head: as another release would have written it. */
function withHead(key: string, kept: string, change: (head: Record<string, unknown>) => object): string {
  const [, head = '', ...body] = kept.split('\n');
  const rest = [JSON.stringify(change(JSON.parse(head) as Record<string, unknown>)), ...body].join('\n');
  return `${hash('sha256', `${key}\n${rest}`, 'base64url').slice(0, 16)}\n${rest}`;
}

/**
 * What was kept under a key, spoilt in all ways.
 *
 * @param most so many characters are changed, and so many lengths tried, where there are more
 * @param others what was kept under other keys
 */
export function* spoilt(
  key: string,
  kept: string,
  others: readonly string[],
  most: number,
  random: Random,
): Generator<Spoilt> {
  for (const at of places(kept.length, most, random)) {
    const bit = 1 << Math.floor(between(random, 0, 7));
    const flipped = String.fromCharCode(kept.charCodeAt(at) ^ bit);
    yield { kind: 'a bit flipped', value: kept.slice(0, at) + flipped + kept.slice(at + 1) };
    yield { kind: 'cut short', value: kept.slice(0, at) };
    yield { kind: 'its beginning lost', value: kept.slice(at + 1) };
    yield { kind: 'a character lost', value: kept.slice(0, at) + kept.slice(at + 1) };
  }
  for (const other of others) yield { kind: 'another key’s', value: other };
  yield { kind: 'more behind it', value: `${kept}\n` };
  yield { kind: 'twice', value: kept + kept };
  for (const version of [0, 1, 3, '2', null])
    yield { kind: 'of another version', value: withHead(key, kept, (head) => ({ ...head, version })) };
  yield { kind: 'of no version', value: withHead(key, kept, ({ version: _version, ...head }) => head) };
  yield { kind: 'not for this key', value: withHead(`${key} `, kept, (head) => head) };
  yield { kind: 'huge', value: 'x'.repeat(5_000_000) };
  yield { kind: 'huge', value: kept + ' '.repeat(5_000_000) };
  yield { kind: 'no UTF-8', value: Buffer.from(kept).toString('latin1').replace('"', '\u00C3') };
  yield { kind: 'no UTF-8', value: kept.replace('"', '\uFFFD') };
  for (const value of ['', '\n', '\n\n', '{}', 'null', '[]', kept.toUpperCase()])
    yield { kind: 'other text', value };
  for (const value of [
    null,
    0,
    1n,
    true,
    {},
    [],
    { value: kept },
    [kept],
    Buffer.from(kept),
    new Map(),
    Symbol('kept'),
  ])
    yield { kind: 'no text', value };
}
