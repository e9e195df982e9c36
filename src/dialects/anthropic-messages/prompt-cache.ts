import type { PromptCacheLens } from '../../core/prompt-cache-lens.ts';
import { asText, items, member } from '../record.ts';
import { withStableTools } from '../stable-tools.ts';
import { isMarked, withBreakpoints } from './breakpoints.ts';

export const promptCache: PromptCacheLens = {
  /** A breakpoint of the caller's says what stands before it: those tools stay in their places. */
  withStableTools: (body) =>
    withStableTools(body, nameOf, { keepsOrder: items(member(body, 'tools')).some(isMarked) }),
  withBreakpoints,
};

/** Toolsets have a type alone, MCP servers a name of their own. */
function nameOf(tool: unknown): string {
  return (
    asText(member(tool, 'name')) ??
    asText(member(tool, 'mcp_server_name')) ??
    asText(member(tool, 'type')) ??
    ''
  );
}
