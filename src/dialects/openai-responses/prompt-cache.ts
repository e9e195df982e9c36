import type { PromptCacheLens } from '../../core/prompt-cache-lens.ts';
import { withHints } from '../openai-cache-hints.ts';
import { asText, member } from '../record.ts';
import { withStableTools } from '../stable-tools.ts';

export const promptCache: PromptCacheLens = {
  withStableTools: (body) => withStableTools(body, nameOf),
  withHints,
};

/** SDK type `Tool`: OpenAI's own have a type alone, MCP servers a label. */
function nameOf(tool: unknown): string {
  return (
    asText(member(tool, 'name')) ?? asText(member(tool, 'server_label')) ?? asText(member(tool, 'type')) ?? ''
  );
}
