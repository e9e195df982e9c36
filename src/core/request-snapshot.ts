/**
 * A request as it is now. Loops of agents send one object again and again with more turns in it: what becomes of that later
 * belongs to other calls, and what was found out of one request by its body holds for no other. The object and its lists are
 * copied, what stands in them is not.
 */
export function requestSnapshot(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return body;
  const snapshot: Record<string, unknown> = { ...body };
  for (const name of Object.keys(snapshot)) {
    const member = snapshot[name];
    if (Array.isArray(member)) snapshot[name] = member.slice();
  }
  return snapshot;
}
