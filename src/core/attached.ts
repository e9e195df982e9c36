import { invalidOption } from './parse-options.ts';

/**
 * What an interceptor got when its `ManagedLLM` was made.
 *
 * @param name of the interceptor
 * @throws `invalid-options` before then
 */
export function attached<T>(given: T | undefined, name: string): T {
  if (given !== undefined) return given;
  throw invalidOption(
    name,
    'belongs to no ManagedLLM yet: list it in `interceptors` before it is asked for anything',
  );
}
