import * as z from 'zod/mini';
import { parseOptions } from '../../core/parse-options.ts';
import { accountFunctions } from './account-functions.ts';
import { accountOverviews } from './account-overviews.ts';
import { accountTables } from './account-tables.ts';
import { bucketFunctions, bucketTables } from './bucket-functions.ts';
import { cacheFunctions, cacheTables } from './cache-functions.ts';
import { commonFunctions } from './common-functions.ts';
import { documentFunctions, documentTables } from './document-functions.ts';
import { raised } from './postgres-failure.ts';
import { namesIn, quoteText, type Names } from './postgres-names.ts';
import { receiptFunctions, receiptTables } from './receipt-functions.ts';
import { slotFunctions, slotTables } from './slot-functions.ts';
import { sweepFunction } from './sweep-function.ts';
import { tallyFunctions, tallyTables } from './tally-functions.ts';

/** Options of {@link postgresSchema}. */
export interface PostgresSchemaOptions {
  /** That of `postgresState`. Default `managed_llm`. */
  readonly schema?: string;
}

const postgresSchemaOptionsSchema = z.strictObject({ schema: z.optional(z.string()) });

/** Brings the tables of the version before to the next one; the first makes them. */
export type Migration = (names: Names) => string;

/** One for each version, the oldest first. */
export const migrations: readonly Migration[] = [
  (names) =>
    `${bucketTables(names)}${slotTables(names)}${accountTables(names)}${receiptTables(names)}${cacheTables(names)}`,
  (names) => `${documentTables(names)}${tallyTables(names)}`,
];

/** What says which version of the store is in a schema, and that it is ours. */
export function versionTable({ table }: Names): string {
  return table('managed_llm_version');
}

/** Makes the store, or brings it to this version, in one transaction; does nothing to one that is as it should be. */
export function installScript(names: Names, steps = migrations): string {
  const { schema, quoted, version } = names;
  const namespace = `to_regnamespace(${quoteText(quoted)})`;
  // A function's body may hold any dollar quotes but these.
  return `begin isolation level read committed;
do $managed_llm$
declare
  _found integer := 0;
  _function text;
begin
  -- Of processes that begin together, one goes first.
  perform pg_advisory_xact_lock(hashtextextended(${quoteText(`managed_llm ${schema}`)}, 0));
  if ${namespace} is null then
    create schema ${quoted};
  elsif to_regclass(${quoteText(versionTable(names))}) is not null then
    select version into strict _found from ${versionTable(names)};
  elsif exists (select from pg_catalog.pg_class where relnamespace = ${namespace}) then
    raise exception 'the schema holds tables of something else' using errcode = '${raised.foreign}';
  end if;
  if _found > ${version} then
    raise exception 'the schema is of version %', _found using errcode = '${raised.newer}';
  end if;
  if _found = ${version} then return; end if;
  for _function in
    select p.oid::regprocedure from pg_catalog.pg_proc as p where pronamespace = ${namespace} and proname ~ '_v[0-9]+$'
  loop
    execute 'drop function ' || _function;
  end loop;
${steps.map((step, index) => `if _found < ${index + 1} then\n${step(names)}\nend if;`).join('\n')}
${commonFunctions(names)}
${bucketFunctions(names)}
${slotFunctions(names)}
${accountOverviews(names)}
${accountFunctions(names)}
${receiptFunctions(names)}
${cacheFunctions(names)}
${documentFunctions(names)}
${tallyFunctions(names)}
${sweepFunction(names)}
  create table if not exists ${versionTable(names)} (version integer not null);
  delete from ${versionTable(names)};
  insert into ${versionTable(names)} values (${version});
end $managed_llm$;
commit;
`;
}

/**
 * The SQL that `postgresState` runs on first use, for those whose role may not: it makes the schema, its tables and its
 * functions, or brings older ones to this version, in one transaction, and does nothing to what is as it should be. Print
 * it, and let the owner of the database run it with `psql`; then let the role use what it made, as its last lines say.
 *
 * @example
 * ```ts
 * import { postgresSchema } from 'managed-llm/postgres';
 *
 * process.stdout.write(postgresSchema());
 * ```
 * @throws `invalid-options` for what cannot be the name of a schema.
 */
export function postgresSchema(options: PostgresSchemaOptions = {}): string {
  const { schema = 'managed_llm' } = parseOptions(postgresSchemaOptionsSchema, options, 'postgresSchema');
  const names = namesIn(schema, 'postgresSchema.schema');
  return `${installScript(names)}
-- For the role that the application connects as:
--   grant usage on schema ${names.quoted} to the_role;
--   grant select, insert, update, delete on all tables in schema ${names.quoted} to the_role;
`;
}
