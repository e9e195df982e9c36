import { invalidOption } from '../../core/parse-options.ts';

/** Of the stored tables and functions. A store that has another is migrated, or refused where it is higher. */
export const schemaVersion = 2;

/** How what is in one schema is named in SQL. */
export interface Names {
  /** As given. */
  readonly schema: string;
  /** `"managed_llm"` */
  readonly quoted: string;
  readonly version: number;
  /** `"managed_llm".buckets` */
  table(name: string): string;
  /**
   * `"managed_llm".take_v1`. The version is part of every function's name: a process that is older than the store it finds
   * itself on does not find its functions, rather than another version's.
   */
  call(name: string): string;
  /**
   * `create function … language plpgsql`, without the body. Waits for no lock longer than an answer may take, and finds rows
   * by their keys.
   */
  define(name: string, parameters: string, returns: string): string;
  /** The same for a function that looks at many rows. */
  defineOverview(name: string, parameters: string, returns: string): string;
}

/**
 * A session plans once, maybe when tables are empty, and keeps to it: it must not go through all rows when they are many.
 * Whatever is planned is right for all arguments.
 */
const byKey = [
  'enable_seqscan = off',
  'enable_hashjoin = off',
  'enable_mergejoin = off',
  'plan_cache_mode = force_generic_plan',
]
  .map((setting) => ` set ${setting}`)
  .join('');

/** Longest name that PostgreSQL keeps whole, in bytes. */
const longestName = 63;

/** @throws `invalid-options` for what cannot be the name of a schema. */
export function namesIn(schema: string, path: string, version = schemaVersion): Names {
  if (schema === '' || schema.includes('\0') || !schema.isWellFormed())
    throw invalidOption(path, 'must be the name of a schema');
  if (schema.includes('$'))
    throw invalidOption(path, 'has a dollar sign, which ends what functions are quoted in');
  if (Buffer.byteLength(schema) > longestName)
    throw invalidOption(path, `is longer than the ${longestName} bytes that PostgreSQL keeps of a name`);
  if (/^pg_|^information_schema$/i.test(schema))
    throw invalidOption(path, "is one of PostgreSQL's own: give it one of ours");
  const quoted = `"${schema.replaceAll('"', '""')}"`;
  const call = (name: string): string => `${quoted}.${name}_v${version}`;
  const create = (name: string, parameters: string, returns: string): string =>
    `create function ${call(name)}(${parameters}) returns ${returns}\nlanguage plpgsql set lock_timeout = '900ms' set jit = off`;
  return {
    schema,
    quoted,
    version,
    table: (name) => `${quoted}.${name}`,
    call,
    define: (name, parameters, returns) => `${create(name, parameters, returns)}${byKey}`,
    defineOverview: create,
  };
}

/** As a text in SQL, whatever `standard_conforming_strings` says. */
export function quoteText(text: string): string {
  return `${text.includes('\\') ? 'E' : ''}'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
