import { AsyncLocalStorage } from 'node:async_hooks';

/** Holds what attempts send, as long as somebody wants to tell it from what others send. */
const sends = new AsyncLocalStorage<true>();
let watchers = 0;

/** Sends for an attempt. Costs nothing while nobody watches. */
export function governedSend<T>(send: () => T): T {
  return watchers === 0 ? send() : sends.run(true, send);
}

/** Whether what runs now was sent by an attempt. Only while somebody watches. */
export function isGovernedSend(): boolean {
  return sends.getStore() === true;
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
