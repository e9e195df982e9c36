import { pick, type Random } from '../availability/random.ts';

type Path = readonly (string | number)[];

/** A body in which one place reads otherwise. */
export interface Mutation {
  readonly what: string;
  readonly body: object;
}

/** Every place in a body: members and items, however deep. */
function placesIn(
  value: unknown,
  path: Path = [],
): readonly { readonly path: Path; readonly value: unknown }[] {
  const here = path.length === 0 ? [] : [{ path, value }];
  if (Array.isArray(value))
    return [...here, ...value.flatMap((item: unknown, index) => placesIn(item, [...path, index]))];
  if (typeof value !== 'object' || value === null) return here;
  return [...here, ...Object.entries(value).flatMap(([key, member]) => placesIn(member, [...path, key]))];
}

/** Otherwise written texts, of which no two are the same. */
function texts(text: string): readonly (readonly [string, unknown])[] {
  return [
    ['changed', `${text}x`],
    ['shortened', text.slice(1)],
    ['other case', text === text.toUpperCase() ? text.toLowerCase() : text.toUpperCase()],
    ['a space', `${text} `],
    ['zero-width space', `${text}\u200B`],
    ['word joiner', `${text}\u2060`],
    ['composed', `${text}\u00E9`],
    ['decomposed', `${text}e\u0301`],
    ['half a pair', `${text}\uD83D`],
    ['the other half', `${text}\uDE00`],
    ['both halves', `${text}\uD83D\uDE00`],
    ['replacement character', `${text}\uFFFD`],
    ['a line end', `${text}\n`],
    ['an escaped line end', `${text}\\n`],
    ['a quote', `${text}"`],
    ['JSON that ends it', `${text}","x":"`],
    ['zero', `${text}\0`],
    ['in a list', [text]],
    ['in an object', { text }],
    ['null', null],
    ['nothing in it', ''],
  ];
}

function numbers(number: number): readonly (readonly [string, unknown])[] {
  return [
    ['one more', number + 1],
    ['the next double', number + Number.EPSILON * Math.max(1, Math.abs(number))],
    ['negative', -number],
    ['minus zero', -0],
    ['zero', 0],
    ['large', 1e21],
    ['beyond 2^53', 2 ** 53],
    ['further beyond', 2 ** 53 + 2],
    ['as text', String(number)],
    ['as text with a point', `${number}.0`],
    ['not finite', Number.POSITIVE_INFINITY],
    ['null', null],
    ['true', true],
  ];
}

function others(value: unknown): readonly (readonly [string, unknown])[] {
  if (typeof value === 'boolean')
    return [
      ['the other', !value],
      ['as text', String(value)],
      ['as a number', Number(value)],
      ['null', null],
    ];
  if (value === null)
    return [
      ['as text', 'null'],
      ['zero', 0],
      ['false', false],
      ['nothing in it', {}],
    ];
  if (Array.isArray(value)) return lists(value as unknown[]);
  const record = value as Record<string, unknown>;
  const [first] = Object.keys(record);
  return [
    ['a further member', { ...record, further: 1 }],
    ['a further member that is undefined', { ...record, further: undefined }],
    ['a member named `__proto__`', withProto(record, { further: 1 })],
    ['another named `__proto__`', withProto(record, { further: 2 })],
    ['a member named `constructor`', { ...record, constructor: 1 }],
    ['members in another order', Object.fromEntries(Object.entries(record).toReversed())],
    ['a date', { ...record, further: new Date(0) }],
    ['in a list', [record]],
    ['null', null],
    ...(first === undefined
      ? []
      : [
          ['a member renamed', { ...without(record, first), [`${first}_`]: record[first] }] as const,
          [
            'a member’s name in another case',
            { ...without(record, first), [first.toUpperCase()]: record[first] },
          ] as const,
        ]),
  ];
}

function lists(list: readonly unknown[]): readonly (readonly [string, unknown])[] {
  return [
    ['an item more', [...list, 1]],
    ['an item that is null', [...list, null]],
    ['an item that is undefined', [...list, undefined]],
    ['an empty list in it', [...list, []]],
    ['the first item twice', [...list.slice(0, 1), ...list]],
    ['the other way round', list.toReversed()],
    ['in a list', [list]],
    ['as an object', { ...list }],
    ['nothing in it', []],
    ['null', null],
  ];
}

function withProto(record: object, content: unknown): object {
  return Object.defineProperty({ ...record }, '__proto__', {
    value: content,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function without(record: Readonly<Record<string, unknown>>, name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
}

function variantsOf(value: unknown): readonly (readonly [string, unknown])[] {
  if (typeof value === 'string') return texts(value);
  if (typeof value === 'number') return numbers(value);
  return others(value);
}

/** As many levels as that in a member of its own. */
function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
}

/**
 * A body with every one of its places changed in every way, one at a time.
 *
 * @param most so many places are changed, taken at random, where there are more
 */
export function* mutations(body: object, most: number, random: Random): Generator<Mutation> {
  const places = [...placesIn(body)];
  while (places.length > most) places.splice(places.indexOf(pick(random, places)), 1);
  for (const { path, value } of places) {
    const at = path.join('.');
    yield { what: `${at} left out`, body: replaced(body, path, removed) };
    for (const [what, variant] of variantsOf(value))
      yield { what: `${at}: ${what}`, body: replaced(body, path, variant) };
  }
  for (const [what, variant] of others(body).filter(([, variant]) => isObject(variant)))
    yield { what, body: variant as object };
  yield { what: '300 levels', body: { ...body, further: nested(300) } };
  yield { what: '301 levels', body: { ...body, further: nested(301) } };
  yield { what: '5,000 levels', body: { ...body, further: nested(5_000) } };
}

const removed = Symbol('removed');

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function replaced(value: unknown, [step, ...rest]: Path, content: unknown): object {
  if (Array.isArray(value)) {
    const copy = [...(value as unknown[])];
    if (rest.length > 0) copy[step as number] = replaced(copy[step as number], rest, content);
    else if (content === removed) copy.splice(step as number, 1);
    else copy[step as number] = content;
    return copy;
  }
  const record = value as Readonly<Record<string, unknown>>;
  const name = String(step);
  if (rest.length > 0) return { ...record, [name]: replaced(record[name], rest, content) };
  return content === removed ? without(record, name) : { ...record, [name]: content };
}
