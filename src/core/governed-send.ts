import { AsyncLocalStorage } from 'node:async_hooks';
import { isPromise } from './is-promise.ts';

/** What an attempt sends. One object for each, told apart by identity. */
type Send = Readonly<Record<never, never>>;

/** Holds what attempts send, as long as somebody wants to tell it from what others send. */
const sends = new AsyncLocalStorage<Send>();
/** Those of which no request has been seen yet, in order. */
const unseen = new Set<Send>();
/** What was decided of requests: several watchers see the same one. */
const decided = new WeakMap<object, boolean>();
let watchers = 0;

/** Sends for an attempt. Costs nothing while nobody watches. */
export function governedSend<T>(send: () => T): T {
  if (watchers === 0) return send();
  const own: Send = {};
  unseen.add(own);
  const forget = (): void => void unseen.delete(own);
  const sent = sends.run(own, send);
  if (isPromise(sent)) sent.then(forget, forget);
  else forget();
  return sent;
}

/**
 * Whether a request that is being made is what an attempt sends. Only while somebody watches.
 *
 * @param request its identity
 * @param waited whether it had to wait for a connection: it is then made on behalf of whichever request used that before. Of
 *   such requests, as many are taken for attempts' as attempts still wait to send theirs
 */
export function isGovernedSend(request: object, waited: boolean): boolean {
  const known = decided.get(request);
  if (known !== undefined) return known;
  const [longestWaiting] = unseen;
  const own = waited ? longestWaiting : sends.getStore();
  if (own !== undefined) unseen.delete(own);
  decided.set(request, own !== undefined);
  return own !== undefined;
}

/** Begins to tell apart what attempts send, until the returned function is called. */
export function watchSends(): () => void {
  watchers++;
  let isWatching = true;
  return () => {
    if (isWatching) watchers--;
    isWatching = false;
  };
}
