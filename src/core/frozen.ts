/** Freezes plain JSON, and all that is in it: many are given the same. Returns it. */
export function frozen<T>(json: T): T {
  if (typeof json !== 'object' || json === null) return json;
  for (const value of Object.values(json)) frozen(value);
  return Object.freeze(json);
}
