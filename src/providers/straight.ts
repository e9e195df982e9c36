import { carried } from './carried-options.ts';

/** A client whose own way to the network is its `fetch`. See decision 003. */
export interface FetchingClient {
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
}

/**
 * Sends as the SDKs' `fetchWithTimeout` does (openai 7.57, anthropic 1.12), but for their timer, which ours stands in
 * for, and for the listener on the caller's signal, which the gate has.
 */
export function sendStraight(
  client: FetchingClient,
  url: string | URL | Request,
  init: RequestInit,
  controller: AbortController,
): Promise<Response> {
  const straight: RequestInit & { duplex?: 'half'; [carried]?: unknown } = {
    ...init,
    signal: controller.signal,
    method: init.method?.toUpperCase() ?? 'GET',
    [carried]: undefined,
  };
  const { body } = init;
  if (typeof body === 'object' && body !== null && Symbol.asyncIterator in body) straight.duplex = 'half';
  return client.fetch.call(undefined, url, straight);
}
