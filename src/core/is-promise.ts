/** Whether there is something to wait for: JavaScript may hand in either, and so do the SDKs. */
export function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as Partial<Promise<unknown>> | null | undefined)?.then === 'function';
}
