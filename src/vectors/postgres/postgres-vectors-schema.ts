import * as z from 'zod/mini';
import { parseOptions } from '../../core/parse-options.ts';
import { namesIn, quoteText, type Names } from '../../state/postgres/postgres-names.ts';

/** Options of {@link postgresVectorsSchema}. */
export interface PostgresVectorsSchemaOptions {
  /** That of `postgresVectors`. Default `managed_llm_vectors`. */
  readonly schema?: string;
}

/** Schema of {@link PostgresVectorsSchemaOptions}. */
const postgresVectorsSchemaOptionsSchema = z.strictObject({ schema: z.optional(z.string()) });

/** Of `postgresVectors`. */
export const defaultVectorsSchema = 'managed_llm_vectors';

/** The version is part of its name: what another version keeps stays out of the way. */
export function vectorTable({ table }: Names): string {
  return table('vectors_v1');
}

/**
 * Makes extension, schema and table where they are not there, in one transaction; of processes that begin together, one goes
 * first. No index of vectors: a group is found by its key, and has few enough to look at all of them, while an index of all
 * groups finds its nearest first and drops those of other groups after, so that a small group is often not found at all.
 *
 * Not logged: it costs half of it, and a server that crashes comes back without any of it, which may be gone at any time.
 * Vectors are stored in their rows as far as they fit in (up to 2,000 numbers or so), which saves as many look-ups as there are.
 */
export function installVectors(names: Names): string {
  const { quoted } = names;
  const table = vectorTable(names);
  return `begin isolation level read committed;
do $managed_llm$
begin
  perform pg_advisory_xact_lock(hashtextextended('managed_llm vectors', 0));
  create extension if not exists vector;
  if to_regnamespace(${quoteText(quoted)}) is null then
    create schema ${quoted};
  end if;
  if to_regclass(${quoteText(table)}) is null then
    execute format(
      'create unlogged table ${table.replaceAll('%', '%%').replaceAll("'", "''")} (
        group_key uuid not null,
        id text collate "C" not null,
        vector %I.vector not null,
        until_ms double precision not null,
        primary key (group_key, id)
      )',
      (select nspname from pg_extension join pg_namespace as n on n.oid = extnamespace where extname = 'vector')
    );
    alter table ${table} alter column vector set storage main;
    create index on ${table} (until_ms);
  end if;
end $managed_llm$;
commit;
`;
}

/**
 * The SQL that `postgresVectors` runs on first use, for those whose role may not: it makes the extension `vector`, the schema and
 * its table, in one transaction, and does nothing to what is there. Print it, and let the owner of the database run it with
 * `psql`; then let the role use what it made, as its last lines say.
 *
 * @example
 * ```ts
 * import { postgresVectorsSchema } from 'managed-llm/postgres';
 *
 * process.stdout.write(postgresVectorsSchema());
 * ```
 * @throws `invalid-options` for what cannot be the name of a schema.
 */
export function postgresVectorsSchema(options: PostgresVectorsSchemaOptions = {}): string {
  const { schema = defaultVectorsSchema } = parseOptions(
    postgresVectorsSchemaOptionsSchema,
    options,
    'postgresVectorsSchema',
  );
  const names = namesIn(schema, 'postgresVectorsSchema.schema');
  return `${installVectors(names)}
-- For the role that the application connects as:
--   grant usage on schema ${names.quoted} to the_role;
--   grant select, insert, update, delete on all tables in schema ${names.quoted} to the_role;
`;
}
