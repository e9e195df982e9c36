import type { ServerTool } from './estimates.ts';

/**
 * How often a request's tools may be used at most, under the names that usage has them by: `web_search_20260209` is told in
 * `web_search_requests`. `undefined` where one may be used as often as the model likes.
 */
export function serverToolRequests(
  tools: readonly ServerTool[],
): Readonly<Record<string, number>> | undefined {
  const requests: Record<string, number> = {};
  for (const { type, maxUses } of tools) {
    if (maxUses === undefined) return undefined;
    const name = `${type.replace(/(_preview)?(_\d{4}_?\d{2}_?\d{2})?$/, '')}_requests`;
    requests[name] = (requests[name] ?? 0) + maxUses;
  }
  return requests;
}
