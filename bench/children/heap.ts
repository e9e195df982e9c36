/** What is alive: heap and buffers after a full collection. Needs --expose-gc. */
export function heapBytes(): number {
  if (globalThis.gc === undefined) throw new Error('Run with --expose-gc.');
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
