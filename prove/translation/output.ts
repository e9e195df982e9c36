import { isRecord, record, type Wire } from './wire.ts';
import type { Facts } from './facts.ts';

/** Keywords under which schemas stand, by name. */
const named: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions']);

/** Keywords under which schemas stand in a list. */
const listed: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'allOf']);

/** The schema that answers are held to, keyword by keyword, since a format can lack the place for one of them. */
export function addOutput(facts: Facts, schema: Wire): void {
  if (Object.keys(schema).length === 0) return;
  facts.setting('output', 'schema', 'output');
  addSchema(facts, schema, 'output.schema');
}

function addSchema(facts: Facts, schema: Wire, path: string): void {
  const add = (keyword: string, value: unknown): void =>
    facts.setting(`output ${keyword}`, [path, value], `${path}.${keyword}`, { of: 'output' });
  // An object that names no members is asked for whatever members there are.
  const isOpen = schema['type'] === 'object' && schema['properties'] === undefined;
  const whole = isOpen ? { additionalProperties: true, ...schema } : schema;
  for (const [keyword, value] of Object.entries(whole)) {
    if (named.has(keyword)) {
      add(keyword, Object.keys(record(value)));
      for (const [name, one] of Object.entries(record(value)))
        addSchema(facts, record(one), `${path}.${keyword}.${name}`);
    } else if (listed.has(keyword) && Array.isArray(value)) {
      add(keyword, value.length);
      for (const [index, one] of value.entries())
        addSchema(facts, record(one), `${path}.${keyword}.${index}`);
    } else if (keyword === 'items' && isRecord(value)) addSchema(facts, value, `${path}.items`);
    else add(keyword, value);
  }
}
