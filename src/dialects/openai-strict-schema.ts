import type { Loss } from './neutral/loss.ts';
import { asRecord, depthLimit, items, type JsonRecord } from './record.ts';
import { withChildren } from './schema-children.ts';

/**
 * A JSON schema as OpenAI takes it with `strict` (guide "Structured Outputs", November 2026; openai 7.57,
 * `toStrictJsonSchema`): every object is closed and requires its members, `oneOf` is `anyOf`, and there are no defaults.
 * A member that may be null or has a default can be required: what is written then fits all the same. Any other optional
 * member stays so, and the API refuses it.
 *
 * @param path of the schema in a loss
 */
export function strictSchema(schema: JsonRecord, path: string, losses: Loss[], depth = 0): JsonRecord {
  if (depth > depthLimit) return schema;
  const {
    default: _default,
    oneOf,
    ...own
  } = withChildren(schema, (child, at) => strictSchema(child, `${path}.${at}`, losses, depth + 1));
  const strict = oneOf === undefined ? own : { anyOf: oneOf, ...own };
  const properties = asRecord(schema['properties']);
  if (properties === undefined && schema['type'] !== 'object') return strict;
  const { additionalProperties = false } = schema;
  if (additionalProperties !== false)
    losses.push({
      path: `${path}.additionalProperties`,
      reason: 'Objects have no members but those that are named; it was left out.',
    });
  return {
    ...strict,
    ...(properties === undefined ? {} : { required: requiredOf(schema, properties) }),
    additionalProperties: false,
  };
}

/** Members that are required or can be. */
function requiredOf(schema: JsonRecord, properties: JsonRecord): readonly string[] {
  const asked = new Set(items(schema['required']));
  return Object.entries(properties)
    .filter(([name, member]) => asked.has(name) || canBeRequired(member))
    .map(([name]) => name);
}

/** Whether an optional member may as well be written always. */
export function canBeRequired(member: unknown): boolean {
  const own = asRecord(member) ?? {};
  return own['default'] !== undefined || isNullable(own);
}

function isNullable({ type, const: only, enum: choices, anyOf, oneOf }: JsonRecord): boolean {
  if (only === null || items(choices).includes(null)) return true;
  if (Array.isArray(type) ? type.includes('null') : type === 'null') return true;
  return [...items(anyOf), ...items(oneOf)].some((branch) => isNullable(asRecord(branch) ?? {}));
}
