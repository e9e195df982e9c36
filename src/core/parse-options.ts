import type { $ZodIssue, $ZodType } from 'zod/v4/core';
import type { ErrorCode } from '../errors/codes.ts';
import { ManagedLLMError } from '../errors/managed-llm-error.ts';

/**
 * Checks options against their schema and returns them as they were given, so that client objects, functions and
 * class instances keep their identity. A wrong value or an unknown key throws and names the path, what was expected
 * and the nearest known key.
 */
export function parseOptions<T>(
  schema: $ZodType,
  options: T,
  path: string,
  code: ErrorCode = 'invalid-options',
): T {
  const result = schema['~standard'].validate(options);
  if (result instanceof Promise) {
    // A member that throws when it is read makes it look again, later.
    result.catch(() => {});
    throw new TypeError('Options have to be plain data that can be read at once.');
  }
  const first = mostTelling((result.issues ?? []) as readonly $ZodIssue[]);
  if (first === undefined) return options;
  const issue = innermost(first);
  throw new ManagedLLMError({
    code,
    message: describe(issue, path, schema, options),
    details: { path: pathOf(issue, path) },
  });
}

/** A misspelt option is told as that, rather than the one that it was meant for as missing. */
function mostTelling(issues: readonly $ZodIssue[]): $ZodIssue | undefined {
  return issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
}

/** Where several forms are allowed and what was given is nearly one of them: what is wrong inside that one. */
function innermost(issue: $ZodIssue): $ZodIssue {
  if (issue.code !== 'invalid_union') return issue;
  for (const issues of issue.errors) {
    const first = mostTelling(issues);
    if (first === undefined) continue;
    const inner = innermost({ ...first, path: [...issue.path, ...first.path] });
    if (inner.path.length > issue.path.length || inner.code === 'unrecognized_keys') return inner;
  }
  return issue;
}

function describe(issue: $ZodIssue, root: string, schema: $ZodType, options: unknown): string {
  const where = pathOf(issue, root) || 'options';
  if (issue.code === 'unrecognized_keys') {
    const [unknown] = issue.keys;
    const known = knownKeys(schema, issue.path);
    const nearest = unknown === undefined ? undefined : nearestOf(unknown, known);
    const hint =
      nearest === undefined ? `Known options: ${known.join(', ')}.` : `Did you mean \`${nearest}\`?`;
    return `\`${where}\` has no option \`${unknown}\`. ${hint}`;
  }
  const given = valueAt(options, issue.path);
  if (issue.code === 'custom') return `\`${where}\` ${issue.message}.`;
  const wanted = expected(issue, given, knownKeys(schema, issue.path));
  return given === undefined && issue.path.length > 0
    ? `\`${where}\` is missing: it must be ${wanted}.`
    : `\`${where}\` must be ${wanted}.${nearestWord(issue, given)}`;
}

function valueAt(options: unknown, path: readonly PropertyKey[]): unknown {
  let given = options;
  for (const key of path) given = (given as Readonly<Record<PropertyKey, unknown>> | undefined)?.[key];
  return given;
}

/** For a mistyped word where only certain words are taken. */
function nearestWord(issue: $ZodIssue, given: unknown): string {
  const nearest = typeof given === 'string' ? nearestOf(given, wordsOf(issue)) : undefined;
  return nearest === undefined ? '' : ` Did you mean ${JSON.stringify(nearest)}?`;
}

function wordsOf(issue: $ZodIssue): readonly string[] {
  if (issue.code === 'invalid_value') return issue.values.filter((value) => typeof value === 'string');
  return issue.code === 'invalid_union'
    ? issue.errors.flatMap(([first]) => (first === undefined ? [] : wordsOf(first)))
    : [];
}

/** @param keys of the object that may stand there */
function expected(issue: $ZodIssue, given: unknown, keys: readonly string[]): string {
  if (issue.code === 'invalid_type' && issue.expected === 'number' && typeof given === 'number')
    return `a finite number, not ${given}`;
  if (issue.code === 'invalid_type') return article(issue.expected, keys);
  if (issue.code === 'invalid_value') return issue.values.map((value) => JSON.stringify(value)).join(' or ');
  if (issue.code === 'too_small' && issue.origin === 'string') return 'a text that is not empty';
  if (issue.code === 'too_small' && issue.origin === 'array') return 'a list that is not empty';
  if (issue.code === 'too_small') return `${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
  if (issue.code === 'too_big') return `${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
  if (issue.code === 'invalid_union')
    return issue.errors
      .flatMap(([first]) => (first === undefined ? [] : expected(first, given, keys)))
      .join(' or ');
  return issue.message.replace(/^must be /, '');
}

/** Of more options than these, documentation tells. */
const keysShown = 4;

function article(expected: string, keys: readonly string[]): string {
  if (expected === 'record') return 'an object';
  if (expected === 'object' && keys.length > 0 && keys.length <= keysShown)
    return `an object \`{ ${keys.join(', ')} }\``;
  return `${/^[aeiou]/.test(expected) ? 'an' : 'a'} ${expected === 'int' ? 'integer' : expected}`;
}

function pathOf(issue: $ZodIssue, root: string): string {
  return [root, ...issue.path.map(String)].filter((part) => part !== '').join('.');
}

function knownKeys(schema: $ZodType, path: readonly PropertyKey[]): readonly string[] {
  let current: $ZodType | undefined = schema;
  for (const key of path) current = child(current, key);
  const shape = shapeOf(current);
  return shape === undefined ? [] : Object.keys(shape);
}

function child(schema: $ZodType | undefined, key: PropertyKey): $ZodType | undefined {
  return shapeOf(schema)?.[String(key)] ?? inForms(schema, ({ valueType }) => valueType);
}

function shapeOf(schema: $ZodType | undefined): Readonly<Record<string, $ZodType>> | undefined {
  return inForms(schema, ({ shape }) => shape);
}

/** What is read here of how a schema is made. */
interface Definition {
  readonly innerType?: $ZodType;
  readonly options?: readonly $ZodType[];
  readonly shape?: Readonly<Record<string, $ZodType>>;
  /** Of a record. */
  readonly valueType?: $ZodType;
}

/** The first that has it: the schema itself, what an optional one holds, or one of several forms. */
function inForms<T>(
  schema: $ZodType | undefined,
  of: (definition: Definition) => T | undefined,
): T | undefined {
  if (schema === undefined) return undefined;
  const definition = schema._zod.def as Definition;
  const own = of(definition);
  if (own !== undefined) return own;
  const inner = definition.options ?? (definition.innerType === undefined ? [] : [definition.innerType]);
  for (const form of inner) {
    const found = inForms(form, of);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The known word nearest to a mistyped one, if one is near enough to be meant. */
export function nearestOf(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current[column] = Math.min((previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, substitution);
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** An option that is wrong in itself, by its path. `problem` goes on from the path: \`is empty: give at least one\`. */
export function invalidOption(path: string, problem: string): ManagedLLMError {
  return new ManagedLLMError({
    code: 'invalid-options',
    message: `\`${path}\` ${problem}${problem.endsWith('?') ? '' : '.'}`,
    details: { path },
  });
}
