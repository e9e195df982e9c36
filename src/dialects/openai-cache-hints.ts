import type { CacheHints } from '../core/prompt-cache-lens.ts';
import { member, withMember } from './record.ts';

/**
 * Hints for OpenAI's prompt cache, the same in chat completions and responses; those that the request has stay. OpenAI API
 * reference, "Create chat completion" and "Create a model response", November 2026.
 */
export function withHints(body: unknown, { key, retention }: CacheHints): unknown {
  return withAbsent(withAbsent(body, 'prompt_cache_key', key), 'prompt_cache_retention', retention);
}

/** `null` is a word too: the caller's own. */
function withAbsent(body: unknown, name: string, value: string | undefined): unknown {
  return value === undefined || member(body, name) !== undefined ? body : withMember(body, name, value);
}
