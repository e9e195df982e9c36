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
  if (depth > depthLimit) return schema;
  const inner = (value: unknown, at: string): unknown => {
    const child = asRecord(value);
    return child === undefined ? value : encodeSchema(child, `${path}.${at}`, losses, depth + 1);
  };
  const byName = (keyword: string): JsonRecord =>
    Object.fromEntries(
      Object.entries(asRecord(schema[keyword]) ?? {}).map(([name, child]) => [
        name,
        inner(child, `${keyword}.${name}`),
      ]),
    );
  const { $schema: _draft, ...left } = schema as Record<string, unknown>;
  const taken: Record<string, unknown> = {};
  const take = (keyword: string, value: unknown = left[keyword]): void => {
    taken[keyword] = value;
    delete left[keyword];
  };

  for (const keyword of ['$defs', 'definitions'])
    if (asRecord(left[keyword]) !== undefined) take(keyword, byName(keyword));
  if (left['$ref'] !== undefined) {
    take('$ref');
    for (const keyword of Object.keys(left))
      losses.push({
        path: `${path}.${keyword}`,
        reason: 'Nothing may stand beside `$ref`; it was left out.',
      });
    return taken;
  }

  const types = typesOf(schema);
  if (isLiterals(left['enum'])) take('enum');
  if (left['const'] !== undefined && isLiteral(left['const'])) take('const');
  const isLiteralOnly = 'enum' in taken || 'const' in taken;
  const union = ['anyOf', 'oneOf', 'allOf'].find((keyword) => Array.isArray(left[keyword]));
  if (union !== undefined) {
    const branches = items(left[union]).map((branch, index) => inner(branch, `${union}.${index}`));
    delete left[union];
    taken[union === 'oneOf' ? 'anyOf' : union] = branches;
  }
  delete left['type'];
  if (!isLiteralOnly && union === undefined && types.length > 0)
    taken['type'] = types.length === 1 ? types[0] : types;
  for (const keyword of ['description', 'title']) if (left[keyword] !== undefined) take(keyword);

  if (!isLiteralOnly) {
    if (types.includes('object')) takeObject();
    if (types.includes('string') && textFormats.has(left['format'])) take('format');
    if (types.includes('array')) {
      if (left['items'] !== undefined && !Array.isArray(left['items']))
        take('items', inner(left['items'], 'items'));
      if (left['minItems'] === 0 || left['minItems'] === 1) take('minItems');
    }
    if (types.includes('integer')) leaveOutSafeBounds(left);
  }
  return described(taken, left, path, losses);

  function takeObject(): void {
    const { additionalProperties: others = left['properties'] === undefined } = left;
    take('properties', byName('properties'));
    take('additionalProperties', false);
    if (left['required'] !== undefined) take('required');
    if (others !== false)
      losses.push({
        path: `${path}.additionalProperties`,
        reason: 'Objects have no members but those that are named; it was left out.',
      });
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

/** What zod says of every `z.int()` constrains nothing that an answer could hold. */
function leaveOutSafeBounds(left: Record<string, unknown>): void {
  if (left['minimum'] === Number.MIN_SAFE_INTEGER) delete left['minimum'];
  if (left['maximum'] === Number.MAX_SAFE_INTEGER) delete left['maximum'];
}

/** What the API has no place for, in the description. */
function described(taken: JsonRecord, left: JsonRecord, path: string, losses: Loss[]): JsonRecord {
  const rest = Object.entries(left).filter(([, value]) => value !== undefined);
  if (rest.length === 0) return taken;
  for (const [keyword] of rest)
    if (!annotations.has(keyword))
      losses.push({
        path: `${path}.${keyword}`,
        reason: 'The API holds no answer to it; it was told in the description.',
      });
  const told = `{${rest.map(([keyword, value]) => `${keyword}: ${JSON.stringify(value)}`).join(', ')}}`;
  const { description } = taken;
  return {
    ...taken,
    description: typeof description === 'string' && description !== '' ? `${description}\n\n${told}` : told,
  };
}
