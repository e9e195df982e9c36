import type { PromptCacheLens } from '../../core/prompt-cache-lens.ts';
import { withHints } from '../openai-cache-hints.ts';
import { asText, member } from '../record.ts';
import { withStableTools } from '../stable-tools.ts';

export const promptCache: PromptCacheLens = {
  withStableTools: (body) => withStableTools(body, nameOf),
  withHints,
};

/** SDK type `ChatCompletionTool`: a tool's name stands in the member that its type names. */
function nameOf(tool: unknown): string {
  const type = asText(member(tool, 'type')) ?? '';
  return asText(member(member(tool, type), 'name')) ?? '';
}
