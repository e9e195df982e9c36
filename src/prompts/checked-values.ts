import { nearestOf } from '../core/parse-options.ts';
import { checkNow, type Issue, type StandardSchemaV1 } from '../core/standard-schema.ts';
import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import { imageSource } from './image.ts';
import { isUntrusted } from './untrusted.ts';

type Values = Readonly<Record<string, unknown>>;

/** Names of a prompt's variables, and what each stands for. */
export type VariableKinds = ReadonlyMap<string, 'text' | 'image'>;

/**
 * The values to be rendered, checked: every variable of the prompt, of its kind; without a schema nothing else.
 *
 * @param prompt its name and version, for a message
 * @throws `prompt-variables`; the message tells no value.
 */
export function checkedValues(
  prompt: string,
  kinds: VariableKinds,
  schema: StandardSchemaV1 | undefined,
  given: unknown,
): Values {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw wrong(prompt, undefined, 'takes its variables as an object: `{ name: value }`');
  const values = schema === undefined ? (given as Values) : letThrough(prompt, schema, given);
  if (schema === undefined) {
    for (const name of Object.keys(values))
      if (!kinds.has(name)) throw wrong(prompt, name, unknown(name, [...kinds.keys()]));
  }
  for (const [name, kind] of kinds) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined || value === null)
      throw wrong(prompt, name, `needs a value for its variable \`${name}\``);
    if (kind === 'image' ? imageSource(value) === undefined : !isText(value))
      throw wrong(
        prompt,
        name,
        `cannot render its variable \`${name}\`: ${kind === 'image' ? anImage : aText}, not ${kindOf(value)}`,
      );
  }
  return values;
}

const anImage = 'it must be a web address, a data URL or `{ data, mediaType }`, of JPEG, PNG, GIF or WebP';
const aText = 'it must be a text, a finite number, a boolean or `untrusted(…)`';

function isText(value: unknown): boolean {
  return (
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value)) ||
    isUntrusted(value)
  );
}

function kindOf(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value === 'string' ? 'text' : typeof value}`;
}

function unknown(name: string, known: readonly string[]): string {
  const nearest = nearestOf(name, known);
  if (nearest !== undefined) return `has no variable \`${name}\`. Did you mean \`${nearest}\`?`;
  return `has no variable \`${name}\`${known.length === 0 ? '' : `. Variables: ${known.join(', ')}`}`;
}

function letThrough(prompt: string, schema: StandardSchemaV1, given: object): Values {
  const checked = checkNow(schema, given);
  if (checked === undefined)
    throw wrong(prompt, undefined, 'has a schema of variables that has to wait: rendering does not');
  if (checked.ok) return Object(checked.value) as Values;
  const places = checked.issues.map(({ path }) => (path === '' ? 'as a whole' : `at \`${path}\``));
  throw wrong(
    prompt,
    checked.issues[0]?.path,
    `was given variables that do not fit its schema ${[...new Set(places)].join(', ')}`,
    checked.issues,
  );
}

function wrong(
  prompt: string,
  variable: string | undefined,
  problem: string,
  issues?: readonly Issue[],
): ManagedLLMError {
  return new ManagedLLMError({
    code: 'prompt-variables',
    message: `Prompt \`${prompt}\` ${problem}${problem.endsWith('?') ? '' : '.'}`,
    details: {
      prompt,
      ...(variable === undefined || variable === '' ? {} : { variable }),
      ...(issues === undefined ? {} : { issues }),
    },
  });
}
