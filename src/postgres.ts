export type { PostgresConnection, PostgresPool, PostgresQuestion } from './state/postgres/postgres-pool.ts';
export { postgresSchema, type PostgresSchemaOptions } from './state/postgres/postgres-schema.ts';
export { postgresState, type PostgresStateOptions } from './state/postgres/postgres-state.ts';
export { postgresVectors, type PostgresVectorsOptions } from './vectors/postgres/postgres-vectors.ts';
export {
  postgresVectorsSchema,
  type PostgresVectorsSchemaOptions,
} from './vectors/postgres/postgres-vectors-schema.ts';
