import { invalidOption } from '../../core/parse-options.ts';
import { canBeRequired } from '../openai-strict-schema.ts';
import { asRecord, depthLimit, items, type JsonRecord } from '../record.ts';
import { childrenOf } from '../schema-children.ts';

/** Keywords that OpenAI refuses with `strict` and that nothing else says (openai 7.57, `toStrictJsonSchema`, November 2026). */
const notStrict = [
  'allOf',
  'not',
  'if',
  'prefixItems',
  'patternProperties',
  'propertyNames',
  'contains',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'dependentRequired',
  'dependentSchemas',
];

/**
 * Throws `invalid-options` for the schema of an output that a provider would refuse: one that is no object at its root, and
 * with `strict` whatever OpenAI does not take so. Says what to do.
 *
 * @param path of the schema in a message; names of members follow it
 */
export function checkOutput(schema: JsonRecord, strict: boolean, path: string): void {
  const root = resolved(schema, schema);
  if (root['type'] !== 'object' && root['properties'] === undefined && root['allOf'] === undefined)
    throw invalidOption(
      path,
      `is ${nameOf(root)}, and providers take an object: make it a member of one, such as \`z.object({ answer: … })\``,
    );
  if (strict) checkStrict(schema, path, 0);
}

function checkStrict(schema: JsonRecord, path: string, depth: number): void {
  if (depth > depthLimit) throw invalidOption(path, 'is nested too deep');
  const properties = asRecord(schema['properties']) ?? {};
  const required = new Set(items(schema['required']));
  for (const [name, member] of Object.entries(properties))
    if (!required.has(name) && !canBeRequired(member))
      throw invalidOption(
        `${path}.${name}`,
        'may be left out, which `strict` does not allow: let it be null too (`.nullable()`), or leave `strict` out',
      );
  const { additionalProperties = false } = schema;
  if (additionalProperties !== false)
    throw invalidOption(
      path,
      'has members of any name, which `strict` does not allow: name them, or leave `strict` out',
    );
  const keyword = notStrict.find((name) => schema[name] !== undefined);
  if (keyword !== undefined)
    throw invalidOption(
      path,
      `has \`${keyword}\` in its JSON schema, which \`strict\` does not allow: say it otherwise, or leave \`strict\` out`,
    );
  for (const { keyword: within, step, child } of childrenOf(schema))
    checkStrict(child, within === 'properties' ? `${path}.${step}` : path, depth + 1);
}

/** What a reference at the root leads to. */
function resolved(schema: JsonRecord, root: JsonRecord, steps = 0): JsonRecord {
  const [, keyword, name] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(String(schema['$ref'])) ?? [];
  if (keyword === undefined || name === undefined || steps > depthLimit) return schema;
  const target = asRecord(asRecord(root[keyword])?.[name]);
  return target === undefined ? schema : resolved(target, root, steps + 1);
}

function nameOf({ type, anyOf, oneOf, enum: choices }: JsonRecord): string {
  if (anyOf !== undefined || oneOf !== undefined) return 'a union';
  if (type === 'array') return 'a list';
  if (typeof type === 'string') return `a schema of type "${type}"`;
  return choices === undefined ? 'a schema without a type' : 'a choice';
}
