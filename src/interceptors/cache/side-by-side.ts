/**
 * Does something with each value, so many at a time, in their order. Rejects with the first failure, after which nothing
 * more is begun.
 */
export async function sideBySide<V, R>(
  values: readonly V[],
  atOnce: number,
  each: (value: V) => R | Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < values.length; at = next++) {
      try {
        results[at] = await each(values[at] as V);
      } catch (thrown) {
        next = values.length;
        throw thrown;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, values.length) }, work));
  return results;
}
