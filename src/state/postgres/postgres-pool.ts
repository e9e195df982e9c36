import { invalidOption } from '../../core/parse-options.ts';

/** What is used of a pool of `pg` (node-postgres), 8 or later. */
export interface PostgresPool {
  readonly totalCount: number;
  connect(): Promise<PostgresConnection>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'connect', listener: (connection: PostgresConnection) => void): unknown;
}

/** What is used of a connection that such a pool lends. */
export interface PostgresConnection {
  query(question: PostgresQuestion): Promise<{ readonly rows: readonly (readonly (string | null)[])[] }>;
  /** `true` closes it. */
  release(destroy?: boolean): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeListener(event: 'error', listener: (error: Error) => void): unknown;
}

/** A statement without a name: where connections are shared by transactions, as behind pgbouncer, names are lost. */
export interface PostgresQuestion {
  text: string;
  values?: unknown[];
  rowMode: 'array';
  types: { getTypeParser(): (text: string) => string };
}

/** Whether it is what `pg` makes, by its shape. */
export function isPool(given: unknown): boolean {
  const { totalCount, connect, on }: Partial<PostgresPool> = given ?? {};
  return typeof totalCount === 'number' && typeof connect === 'function' && typeof on === 'function';
}

/** Throws `invalid-options` for what is no pool of `pg`, known by its shape: the package itself is never loaded. */
export function checkPool(pool: unknown, path: string): void {
  if (isPool(pool)) return;
  const { connect, begin, unsafe, raw }: Readonly<Record<string, unknown>> = Object(pool);
  if (typeof begin === 'function' && typeof unsafe === 'function')
    throw invalidOption(path, `is of postgres.js (\`postgres\`), which is not supported: ${remedy}`);
  if (typeof connect === 'function')
    throw invalidOption(
      path,
      `is a single \`Client\`, which does one thing at a time and never reconnects: ${remedy}`,
    );
  if (typeof raw === 'function')
    throw invalidOption(path, `is of a query builder, which is not supported: ${remedy}`);
  throw invalidOption(path, `is no pool of \`pg\`: ${remedy}`);
}

const remedy = "give a pool of `pg`, `new pg.Pool({ connectionString: 'postgres://…' })`";
