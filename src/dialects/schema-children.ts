import { asRecord, items, type JsonRecord } from './record.ts';

/** Keywords of JSON schemas that hold one schema, a list of schemas, or schemas by name. */
const single = ['items', 'additionalProperties', 'propertyNames', 'contains', 'not', 'if', 'then', 'else'];
const lists = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];
const named = ['properties', 'patternProperties', 'dependentSchemas', '$defs', 'definitions'];

/** Schemas within a schema, one level down, each with the steps that lead there. Values such as `default` are none. */
export function* childrenOf(
  schema: JsonRecord,
): Generator<{ readonly keyword: string; readonly step: string; readonly child: JsonRecord }> {
  for (const keyword of single) {
    const child = asRecord(schema[keyword]);
    if (child !== undefined) yield { keyword, step: '', child };
  }
  for (const keyword of lists)
    for (const [index, item] of items(schema[keyword]).entries()) {
      const child = asRecord(item);
      if (child !== undefined) yield { keyword, step: String(index), child };
    }
  for (const keyword of named)
    for (const [name, value] of Object.entries(asRecord(schema[keyword]) ?? {})) {
      const child = asRecord(value);
      if (child !== undefined) yield { keyword, step: name, child };
    }
}

/** A copy whose schemas one level down are changed. */
export function withChildren(
  schema: JsonRecord,
  change: (child: JsonRecord, at: string) => JsonRecord,
): JsonRecord {
  const copy: Record<string, unknown> = { ...schema };
  const changed = (value: unknown, at: string): unknown => {
    const child = asRecord(value);
    return child === undefined ? value : change(child, at);
  };
  for (const keyword of Object.keys(copy)) {
    const value = copy[keyword];
    if (single.includes(keyword)) copy[keyword] = changed(value, keyword);
    else if (lists.includes(keyword) && Array.isArray(value))
      copy[keyword] = value.map((item, index) => changed(item, `${keyword}.${index}`));
    else if (named.includes(keyword) && asRecord(value) !== undefined)
      copy[keyword] = Object.fromEntries(
        Object.entries(value as JsonRecord).map(([name, item]) => [
          name,
          changed(item, `${keyword}.${name}`),
        ]),
      );
  }
  return copy;
}
