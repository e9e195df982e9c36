import { invalidOption } from '../../core/parse-options.ts';
import type { ManagedLLMError } from '../../errors/managed-llm-error.ts';

/** What is used of a client of `ioredis`, 5 or 6: of its `Redis`, to one server or to sentinels, and of its `Cluster`. */
export interface RedisClient {
  readonly status: string;
  evalsha(sha1: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
  eval(script: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** Whether it is what ioredis makes, by its shape. */
export function isClient(given: unknown): boolean {
  const { status, evalsha, eval: evaluate }: Partial<RedisClient> = given ?? {};
  return typeof status === 'string' && typeof evalsha === 'function' && typeof evaluate === 'function';
}

/** Throws `invalid-options` for what is no ioredis client, known by its shape: the package itself is never loaded. */
export function checkClient(client: RedisClient, path: string): void {
  if (!isClient(client)) throw notOfIoredis(client, path);
}

/** What is wrong with one that has not the shape that was looked for. */
export function notOfIoredis(client: unknown, path: string): ManagedLLMError {
  return invalidOption(
    path,
    typeof client === 'object' && client !== null && ('isOpen' in client || 'connected' in client)
      ? "is a client of node-redis (`redis`), which is not supported: give one of `ioredis`, `new Redis('redis://…')`"
      : "is no client of `ioredis`: give `new Redis('redis://…')` or a `Cluster`",
  );
}
