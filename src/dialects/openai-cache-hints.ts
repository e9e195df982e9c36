import type { CacheHints } from '../core/prompt-cache-lens.ts';
import { member, withMember } from './record.ts';

/**
 * Hints for OpenAI's prompt cache, the same in chat completions and responses; those that the request has stay. Of how long
 * something is kept a request that says `prompt_cache_options` itself is told nothing. OpenAI API reference, "Create chat
 * completion" and "Create a model response", November 2026.
 */
export function withHints(body: unknown, { key, retention }: CacheHints): unknown {
  const keyed = withAbsent(body, 'prompt_cache_key', key);
  return member(body, 'prompt_cache_options') === undefined
    ? withAbsent(keyed, 'prompt_cache_retention', retention)
    : keyed;
}

/** `null` is a word too: the caller's own. */
function withAbsent(body: unknown, name: string, value: string | undefined): unknown {
  return value === undefined || member(body, name) !== undefined ? body : withMember(body, name, value);
}
