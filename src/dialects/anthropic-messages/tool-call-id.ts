/**
 * The API takes ids of tool calls that match `^[a-zA-Z0-9_-]+$` (its own message for others, November 2026). Any other
 * id becomes one that does: always the same one, so that call and result still meet, and another for another id.
 */
export function legalToolCallId(id: string): string {
  if (/^[a-zA-Z0-9_-]+$/.test(id)) return id;
  return `${id.replaceAll(/[^a-zA-Z0-9_-]/g, '_')}_${fingerprint(id)}`;
}

/** FNV-1a over UTF-16 code units. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
