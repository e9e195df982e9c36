import type { Middleware } from './govern.ts';

interface Sending {
  fetchWithTimeout(
    url: string,
    init: RequestInit,
    timeoutMs: number,
    controller: AbortController,
  ): Promise<Response>;
}

const handsOn: Middleware = (request, next) => next(request);

/**
 * Rejects as the client's own `fetch` would have. Behind middleware the SDK knows such a failure, which it wraps in its
 * connection error, from one that a middleware threw, which it hands on as it is, only if it saw its `fetch` reject with
 * it (anthropic 1.0 to 1.12, `isRetryableError`). A request that went to another SDK's provider did not pass there.
 */
export function rejectAsFetch<C extends Sending>(
  client: C,
  send: C['fetchWithTimeout'],
  thrown: unknown,
): Promise<Response> {
  const failing: C = Object.create(client, {
    fetch: { value: () => Promise.reject(thrown) },
    middleware: { value: [handsOn] },
    backendMiddleware: { value: () => [] },
  });
  return send.call(failing, 'https://failed.invalid', {}, 1_000, new AbortController());
}
