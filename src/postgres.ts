export type { PostgresConnection, PostgresPool, PostgresQuestion } from './state/postgres/postgres-pool.ts';
export { postgresSchema, type PostgresSchemaOptions } from './state/postgres/postgres-schema.ts';
export { postgresState, type PostgresStateOptions } from './state/postgres/postgres-state.ts';
