import { isPromise } from './is-promise.ts';
import { invalidOption } from './parse-options.ts';

/**
 * A schema of any library that follows Standard Schema 1 (zod from 3.24, valibot, arktype), with its JSON schema where the
 * library gives one (zod from 4.2). Both as at standardschema.dev, November 2026.
 */
export interface StandardSchemaV1<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    readonly jsonSchema?: {
      readonly input: (options: { readonly target: 'draft-2020-12' }) => Record<string, unknown>;
    };
  };
}

/** What validating gives. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The type of what a schema lets through. */
export type InferOutput<S extends StandardSchemaV1> = NonNullable<S['~standard']['types']>['output'];

/** The type of what a schema takes in. */
export type InferInput<S extends StandardSchemaV1> = NonNullable<S['~standard']['types']>['input'];

/** A JSON schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What does not fit a schema, and where. */
export interface Issue {
  /** Names and indexes joined by dots; `''` for the whole. */
  readonly path: string;
  readonly message: string;
}

/** A value that fits, or what is wrong with it. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly Issue[] };

export function isStandardSchema(value: unknown): value is StandardSchemaV1 {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const standard: unknown = '~standard' in value ? value['~standard'] : undefined;
  return typeof standard === 'object' && standard !== null && 'validate' in standard;
}

export async function check<S extends StandardSchemaV1>(
  schema: S,
  value: unknown,
): Promise<Checked<InferOutput<S>>> {
  return checkedBy(await schema['~standard'].validate(value));
}

/** The same at once; `undefined` for a schema that has to wait for something. */
export function checkNow<S extends StandardSchemaV1>(
  schema: S,
  value: unknown,
): Checked<InferOutput<S>> | undefined {
  const result = schema['~standard'].validate(value);
  return isPromise(result) ? undefined : checkedBy(result);
}

function checkedBy<Output>(result: StandardResult<Output>): Checked<Output> {
  if (result.issues === undefined) return { ok: true, value: result.value };
  return {
    ok: false,
    issues: result.issues.map(({ message, path = [] }) => ({
      path: path.map((step) => String(typeof step === 'object' ? step.key : step)).join('.'),
      message,
    })),
  };
}

/** Issues as one line. */
export function told(issues: readonly Issue[]): string {
  return issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
}

/** Made once for a schema: with zod it takes two milliseconds. */
const made = new WeakMap<StandardSchemaV1, JsonSchema>();

/**
 * The JSON schema of what a schema takes in: the given one, else its own.
 *
 * @param option path of the schema in a message
 * @throws `invalid-options` when there is none
 */
export function jsonSchemaOf(
  schema: StandardSchemaV1,
  given: JsonSchema | undefined,
  option: string,
): JsonSchema {
  const known = given ?? made.get(schema);
  if (known !== undefined) return known;
  const { vendor, jsonSchema } = schema['~standard'];
  if (jsonSchema === undefined) {
    throw invalidOption(
      option,
      `is a schema of ${vendor} that does not tell its JSON schema: give that too, as \`jsonSchema\``,
    );
  }
  const { $schema: _draft, ...own } = convert(jsonSchema, option);
  made.set(schema, own);
  return own;
}

function convert(
  { input }: NonNullable<StandardSchemaV1['~standard']['jsonSchema']>,
  option: string,
): Record<string, unknown> {
  try {
    return input({ target: 'draft-2020-12' });
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw invalidOption(option, `cannot be told as a JSON schema (${why}): give that too, as \`jsonSchema\``);
  }
}
