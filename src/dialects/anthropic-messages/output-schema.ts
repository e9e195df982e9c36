import type { Loss } from '../neutral/loss.ts';
import { asRecord, depthLimit, items, type JsonRecord } from '../record.ts';

/** Formats of texts that the API holds an answer to (anthropic 1.12, `transformJSONSchema`, November 2026). */
const textFormats: ReadonlySet<unknown> = new Set([
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'uri',
  'ipv4',
  'ipv6',
  'uuid',
]);

/** What describes a value and rules nothing out. */
const annotations: ReadonlySet<string> = new Set([
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  '$comment',
  '$id',
]);

/**
 * A JSON schema as the API takes it. It demands `additionalProperties: false` of every object and refuses most constraints
 * ("Structured outputs", November 2026): those are told in the description of what they constrain, as by `zodOutputFormat`
 * of the SDK, and told as losses, since the model is no longer held to them.
 *
 * @param path of the schema in a loss
 */
export function encodeSchema(schema: JsonRecord, path: string, losses: Loss[], depth = 0): JsonRecord {
  return depth > depthLimit ? schema : new Encoding(schema, path, losses, depth).encoded();
}

/** One schema: keywords are taken over one by one, and what is left has no place. */
class Encoding {
  readonly #taken: Record<string, unknown> = {};
  readonly #left: Record<string, unknown>;
  readonly #types: readonly unknown[];
  readonly #path: string;
  readonly #losses: Loss[];
  readonly #depth: number;

  constructor(schema: JsonRecord, path: string, losses: Loss[], depth: number) {
    const { $schema: _draft, ...left } = schema;
    this.#left = left;
    this.#types = typesOf(schema);
    this.#path = path;
    this.#losses = losses;
    this.#depth = depth;
  }

  encoded(): JsonRecord {
    for (const keyword of ['$defs', 'definitions'])
      if (asRecord(this.#left[keyword]) !== undefined) this.#take(keyword, this.#byName(keyword));
    if (this.#left['$ref'] !== undefined) return this.#reference();
    if (isLiterals(this.#left['enum'])) this.#take('enum');
    if (this.#left['const'] !== undefined && isLiteral(this.#left['const'])) this.#take('const');
    const isLiteralOnly = 'enum' in this.#taken || 'const' in this.#taken;
    const isUnion = this.#takeUnion();
    delete this.#left['type'];
    if (!isLiteralOnly && !isUnion && this.#types.length > 0)
      this.#taken['type'] = this.#types.length === 1 ? this.#types[0] : this.#types;
    for (const keyword of ['description', 'title'])
      if (this.#left[keyword] !== undefined) this.#take(keyword);
    if (!isLiteralOnly) this.#takeByType();
    return this.#described();
  }

  #take(keyword: string, value: unknown = this.#left[keyword]): void {
    this.#taken[keyword] = value;
    delete this.#left[keyword];
  }

  #inner(value: unknown, at: string): unknown {
    const schema = asRecord(value);
    return schema === undefined
      ? value
      : encodeSchema(schema, `${this.#path}.${at}`, this.#losses, this.#depth + 1);
  }

  #byName(keyword: string): JsonRecord {
    const schemas = Object.entries(asRecord(this.#left[keyword]) ?? {});
    return Object.fromEntries(
      schemas.map(([name, schema]) => [name, this.#inner(schema, `${keyword}.${name}`)]),
    );
  }

  #reference(): JsonRecord {
    this.#take('$ref');
    for (const keyword of Object.keys(this.#left))
      this.#lose(keyword, 'Nothing may stand beside `$ref`; it was left out.');
    return this.#taken;
  }

  /** There is no `oneOf`: `anyOf` says the most of it. */
  #takeUnion(): boolean {
    const keyword = ['anyOf', 'oneOf', 'allOf'].find((name) => Array.isArray(this.#left[name]));
    if (keyword === undefined) return false;
    const branches = items(this.#left[keyword]).map((one, index) => this.#inner(one, `${keyword}.${index}`));
    delete this.#left[keyword];
    this.#taken[keyword === 'oneOf' ? 'anyOf' : keyword] = branches;
    return true;
  }

  #takeByType(): void {
    if (this.#types.includes('object')) this.#takeObject();
    if (this.#types.includes('string') && textFormats.has(this.#left['format'])) this.#take('format');
    if (this.#types.includes('array')) {
      const { items: item, minItems } = this.#left;
      if (asRecord(item) !== undefined) this.#take('items', this.#inner(item, 'items'));
      if (minItems === 0 || minItems === 1) this.#take('minItems');
    }
    // What zod says of every `z.int()` rules out nothing that an answer could hold.
    if (this.#left['minimum'] === Number.MIN_SAFE_INTEGER) delete this.#left['minimum'];
    if (this.#left['maximum'] === Number.MAX_SAFE_INTEGER) delete this.#left['maximum'];
  }

  #takeObject(): void {
    const { additionalProperties: others = this.#left['properties'] === undefined } = this.#left;
    if (others !== false)
      this.#lose(
        'additionalProperties',
        'Objects have no members but those that are named; it was left out.',
      );
    this.#take('properties', this.#byName('properties'));
    this.#take('additionalProperties', false);
    if (this.#left['required'] !== undefined) this.#take('required');
  }

  /** With what the API has no place for in the description. */
  #described(): JsonRecord {
    const rest = Object.entries(this.#left).filter(([, value]) => value !== undefined);
    if (rest.length === 0) return this.#taken;
    for (const [keyword] of rest)
      if (!annotations.has(keyword))
        this.#lose(keyword, 'The API holds no answer to it; it was told in the description.');
    const told = `{${rest.map(([keyword, value]) => `${keyword}: ${JSON.stringify(value)}`).join(', ')}}`;
    const { description } = this.#taken;
    const before = typeof description === 'string' && description !== '' ? `${description}\n\n` : '';
    return { ...this.#taken, description: `${before}${told}` };
  }

  #lose(keyword: string, reason: string): void {
    this.#losses.push({ path: `${this.#path}.${keyword}`, reason });
  }
}

/** The types that a schema names, or that its keywords tell. */
function typesOf(schema: JsonRecord): readonly unknown[] {
  const { type } = schema;
  if (type !== undefined) return Array.isArray(type) ? type : [type];
  if (asRecord(schema['properties']) !== undefined) return ['object'];
  return asRecord(schema['items']) === undefined ? [] : ['array'];
}

function isLiteral(value: unknown): boolean {
  return value === null || typeof value !== 'object';
}

function isLiterals(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isLiteral);
}
