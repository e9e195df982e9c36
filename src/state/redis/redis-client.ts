import type { Cluster, Redis } from 'ioredis';
import { invalidOption } from '../../core/parse-options.ts';

/** A connection of `ioredis`, 5 or 6: to one server, to sentinels or to a cluster. */
export type RedisClient = Redis | Cluster;

/** Throws `invalid-options` for what is no ioredis client, known by its shape: the package itself is never loaded. */
export function checkClient(client: RedisClient, path: string): void {
  const { status, evalsha, eval: evaluate }: Partial<RedisClient> = client ?? {};
  if (typeof status === 'string' && typeof evalsha === 'function' && typeof evaluate === 'function') return;
  throw invalidOption(
    path,
    typeof client === 'object' && client !== null && ('sendCommand' in client || 'connected' in client)
      ? "is a client of node-redis (`redis`), which is not supported: give one of `ioredis`, `new Redis('redis://…')`"
      : "is no client of `ioredis`: give `new Redis('redis://…')` or a `Cluster`",
  );
}
