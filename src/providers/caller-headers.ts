/**
 * Never shown to interceptors nor sent to another provider: credentials, by the names they go under at providers and
 * gateways, and our own namespace, which would let a request say who it is.
 */
const hidden = /authorization|cookie|api-?key|goog-api|(^|-)auth(-|$)|token|secret|^x-managed-llm-/;

/** The caller's own headers of a call, lower-case, without credentials. Accepts every shape both SDKs accept. */
export function callerHeaders(given: unknown): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of entriesOf(given)) {
    const key = name.toLowerCase();
    if (!hidden.test(key) && typeof value === 'string') headers.set(key, value);
  }
  return headers;
}

/** Whether any of the names is ours, so that it must be kept from going out. */
export function hasManagedHeaders(given: unknown): boolean {
  for (const [name] of entriesOf(given)) if (name.toLowerCase().startsWith('x-managed-llm-')) return true;
  return false;
}

/** Removes our namespace from a request's headers. */
export function removeManagedHeaders(headers: Headers): void {
  const ours = Array.from(headers.keys()).filter((name) => name.startsWith('x-managed-llm-'));
  for (const name of ours) headers.delete(name);
}

/** Applies what interceptors changed: sets what is there, removes what they took away. */
export function applyHeaders(
  headers: Headers,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): void {
  for (const name of before.keys()) if (!after.has(name)) headers.delete(name);
  for (const [name, value] of after) if (before.get(name) !== value) headers.set(name, value);
}

/** The same as rows for a request that is yet to be built. */
export function changedRows(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): (readonly [string, string | null])[] {
  const removed = [...before.keys()].filter((name) => !after.has(name));
  return [...removed.map((name) => [name, null] as const), ...after];
}

/** Headers in any shape as rows that both SDKs take, `null` for those to be left out; without our namespace. */
export function headerRows(given: unknown): (readonly [string, unknown])[] {
  const rows = [...entriesOf(given)];
  if (typeof given === 'object' && given !== null && 'nulls' in given && given.nulls instanceof Set)
    for (const name of given.nulls as ReadonlySet<string>) rows.push([name, null]);
  return rows.filter(([name]) => !name.toLowerCase().startsWith('x-managed-llm-'));
}

function entriesOf(given: unknown): Iterable<readonly [string, unknown]> {
  if (given === null || given === undefined || typeof given !== 'object') return [];
  if (given instanceof Headers) return given;
  if (Array.isArray(given)) return given as Iterable<readonly [string, unknown]>;
  if ('values' in given && given.values instanceof Headers) return given.values;
  return Object.entries(given);
}
