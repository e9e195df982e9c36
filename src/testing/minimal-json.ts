import { listOf, numberOf, objectOf, textOf, type JsonObject } from './json.ts';

const maxDepth = 24;

/**
 * The smallest value valid for a JSON schema: required properties only, the first of any choice, lowest numbers.
 * `pattern` and conditional keywords are not solved.
 */
export function minimalJson(schema: unknown): unknown {
  return minimal(objectOf(schema), objectOf(schema), 0);
}

function minimal(schema: JsonObject, root: JsonObject, depth: number): unknown {
  if (depth > maxDepth) return null;
  const inner = (next: unknown) => minimal(objectOf(next), root, depth + 1);
  if (typeof schema['$ref'] === 'string') return inner(resolve(schema['$ref'], root));
  if ('const' in schema) return schema['const'];
  if ('default' in schema) return schema['default'];
  const choices = listOf(schema['enum']);
  if (choices.length > 0) return choices[0];
  const alternatives = [...listOf(schema['anyOf']), ...listOf(schema['oneOf'])];
  if (alternatives.length > 0) return inner(alternatives[0]);
  const parts = listOf(schema['allOf']);
  if (parts.length > 0) return mergeObjects([schema, ...parts].map((part) => inner(withoutAllOf(part))));

  switch (typeOf(schema)) {
    case 'object': {
      const properties = objectOf(schema['properties']);
      const value: Record<string, unknown> = {};
      for (const name of listOf(schema['required'])) {
        if (typeof name === 'string') value[name] = inner(properties[name]);
      }
      return value;
    }
    case 'array': {
      const prefix = listOf(schema['prefixItems']);
      const length = Math.max(numberOf(schema['minItems']) ?? 0, prefix.length);
      return Array.from({ length }, (_, index) => inner(prefix[index] ?? schema['items']));
    }
    case 'string':
      return minimalString(schema);
    case 'number':
    case 'integer':
      return minimalNumber(schema);
    case 'boolean':
      return false;
    default:
      return null;
  }
}

function typeOf(schema: JsonObject): string {
  const type = Array.isArray(schema['type']) ? schema['type'][0] : schema['type'];
  if (typeof type === 'string') return type;
  if ('properties' in schema) return 'object';
  if ('items' in schema) return 'array';
  return Object.keys(schema).length === 0 ? 'null' : 'string';
}

const formats: Readonly<Record<string, string>> = {
  'date-time': '2026-01-01T00:00:00Z',
  date: '2026-01-01',
  time: '00:00:00Z',
  duration: 'PT0S',
  email: 'someone@example.com',
  hostname: 'example.com',
  ipv4: '127.0.0.1',
  ipv6: '::1',
  uri: 'https://example.com',
  uuid: '00000000-0000-4000-8000-000000000000',
};

function minimalString(schema: JsonObject): string {
  const known = formats[textOf(schema['format'])];
  return known ?? 'x'.repeat(numberOf(schema['minLength']) ?? 0);
}

function minimalNumber(schema: JsonObject): number {
  const step = numberOf(schema['multipleOf']) ?? 1;
  const exclusive = numberOf(schema['exclusiveMinimum']);
  const lowest = numberOf(schema['minimum']) ?? (exclusive === undefined ? undefined : exclusive + step);
  const highest = numberOf(schema['maximum']) ?? numberOf(schema['exclusiveMaximum']);
  if (lowest !== undefined) return Math.ceil(lowest / step) * step;
  if (highest !== undefined && highest <= 0) return (Math.floor(highest / step) - 1) * step;
  return 0;
}

function resolve(reference: string, root: JsonObject): unknown {
  let current: unknown = root;
  for (const part of reference.replace(/^#\/?/, '').split('/')) {
    if (part !== '') current = objectOf(current)[part.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return current;
}

function withoutAllOf(schema: unknown): JsonObject {
  return Object.fromEntries(Object.entries(objectOf(schema)).filter(([key]) => key !== 'allOf'));
}

function mergeObjects(values: readonly unknown[]): unknown {
  const objects = values.filter((value) => typeof value === 'object' && value !== null);
  return objects.length > 0 ? Object.assign({}, ...objects) : values[0];
}
