import type { Quirks } from '../core/provider.ts';

/** Servers whose ways are known. */
export type QuirksName = 'ollama' | 'vllm' | 'llama.cpp' | 'lm-studio';

/**
 * How the OpenAI-compatible endpoints of local servers differ, by their documentation and the traffic recorded from
 * them (November 2026).
 *
 * - Ollama: takes `max_tokens`, and does not read `max_completion_tokens`.
 * - vLLM: as the protocol; reports usage when asked.
 * - llama.cpp's server: takes `max_tokens`.
 * - LM Studio: takes `max_tokens`.
 */
const known: Readonly<Record<QuirksName, Quirks>> = {
  ollama: { maxTokensField: 'max_tokens' },
  vllm: {},
  'llama.cpp': { maxTokensField: 'max_tokens' },
  'lm-studio': { maxTokensField: 'max_tokens' },
};

export const quirksNames = Object.keys(known) as QuirksName[];

export function quirksOf(given: Quirks | QuirksName | undefined): Quirks {
  return typeof given === 'string' ? known[given] : (given ?? {});
}
