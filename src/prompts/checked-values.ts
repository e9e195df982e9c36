import { nearestOf } from '../core/parse-options.ts';
import { checkNow, type StandardSchemaV1 } from '../core/standard-schema.ts';
import { imageSource } from './image.ts';
import { isUntrusted } from './untrusted.ts';
import { variablesError } from './variables-error.ts';

type Values = Readonly<Record<string, unknown>>;

/** Names of a prompt's variables, and what each stands for. */
export type VariableKinds = ReadonlyMap<string, 'text' | 'image'>;

/**
 * The values to be rendered, checked: every variable of the prompt, of its kind; without a schema nothing else, unless they
 * were given to another prompt.
 *
 * @param prompt its name and version, for a message
 * @param ofAnother whether they are another prompt's: names that this one does not have are passed over
 * @throws `prompt-variables`; the message tells no value.
 */
export function checkedValues(
  prompt: string,
  kinds: VariableKinds,
  schema: StandardSchemaV1 | undefined,
  given: unknown,
  ofAnother: boolean,
): Values {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw variablesError(prompt, undefined, 'takes its variables as an object: `{ name: value }`');
  const values = schema === undefined ? (given as Values) : letThrough(prompt, schema, given);
  if (schema === undefined && !ofAnother) {
    for (const name of Object.keys(values))
      if (!kinds.has(name)) throw variablesError(prompt, name, unknown(name, [...kinds.keys()]));
  }
  for (const [name, kind] of kinds) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined || value === null)
      throw variablesError(prompt, name, `needs a value for its variable \`${name}\``);
    if (kind === 'image' ? imageSource(value) === undefined : !isText(value))
      throw variablesError(
        prompt,
        name,
        `cannot render its variable \`${name}\`: ${kind === 'image' ? anImage : aText}, not ${kindOf(value)}`,
      );
  }
  return values;
}

const anImage =
  'it must be a web address, a data URL or `{ data, mediaType }`, in Base64, of JPEG, PNG, GIF or WebP';
const aText = 'it must be a text, a finite number, a boolean or `untrusted(…)`';

function isText(value: unknown): boolean {
  return (
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value)) ||
    (isUntrusted(value) && typeof value.text === 'string')
  );
}

function kindOf(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return 'a list';
  if (isUntrusted(value)) return `\`untrusted(…)\` of ${kindOf(value.text)}`;
  if (value === undefined || value === null) return 'nothing';
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
    throw variablesError(prompt, undefined, 'has a schema of variables that has to wait: rendering does not');
  if (checked.ok) return Object(checked.value) as Values;
  const places = checked.issues.map(({ path }) => (path === '' ? 'as a whole' : `at \`${path}\``));
  throw variablesError(
    prompt,
    checked.issues[0]?.path,
    `was given variables that do not fit its schema ${[...new Set(places)].join(', ')}`,
    checked.issues,
  );
}
