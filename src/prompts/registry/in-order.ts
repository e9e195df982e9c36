interface Version {
  readonly version: string;
}

/** Versions of two lists in one: those that only the second has stand behind the one that they stand behind there. */
export function inOrder<T extends Version>(listed: readonly T[], order: readonly T[]): readonly T[] {
  const all = [...listed];
  const placeOf = ({ version }: Version): number => all.findIndex((one) => one.version === version);
  let place = order.map(placeOf).find((at) => at >= 0) ?? all.length;
  for (const one of order) {
    const at = placeOf(one);
    if (at < 0) all.splice(place, 0, one);
    place = (at < 0 ? place : at) + 1;
  }
  return all;
}
