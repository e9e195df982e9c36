import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';

/** Told when a request of an attempt looks for a connection, and when it has left on one. */
export interface Connecting {
  connecting(): void;
  connected(): void;
}

/**
 * Whose requests are made. Node's fetch (undici, in 22 to 26) announces a request where it was made, but sends it wherever
 * a connection became free: the first is told from the context, the second from the request.
 */
const sending = new AsyncLocalStorage<Connecting>();
const requests = new WeakMap<object, Connecting>();
let isListening = false;

/** Sends with the connect phase told. A transport that announces nothing has none. */
export function tellingConnection<T>(connecting: Connecting, send: () => T): T {
  if (!isListening) listen();
  return sending.run(connecting, send);
}

/** Once for the process, and only when somebody limits connecting: announcing costs nothing while nobody listens. */
function listen(): void {
  isListening = true;
  subscribe('undici:request:create', (message) => {
    const request = requestOf(message);
    const connecting = sending.getStore();
    if (request === undefined || connecting === undefined) return;
    requests.set(request, connecting);
    connecting.connecting();
  });
  subscribe('undici:client:sendHeaders', (message) => {
    const request = requestOf(message);
    if (request !== undefined) requests.get(request)?.connected();
  });
}

function requestOf(message: unknown): object | undefined {
  const { request } = message as { readonly request?: unknown };
  return typeof request === 'object' && request !== null ? request : undefined;
}
