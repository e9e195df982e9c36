import type { Quirks } from '../core/provider.ts';

/** Servers whose ways are known. */
export type QuirksName = 'ollama' | 'vllm' | 'llama.cpp' | 'lm-studio';

/**
 * How the OpenAI-compatible endpoints of local servers differ. All of them take `max_tokens`, report usage in a stream
 * that is asked for it (old versions of LM Studio do not, and go on all the same), end chat streams with `[DONE]`, and
 * have `/v1/responses` in their present versions, Ollama without turns that it holds: an older server is declared with
 * `{ responsesApi: false }` beside the rest. Read in November 2026:
 *
 * - Ollama: does not read `max_completion_tokens` (docs.ollama.com/api/openai-compatibility; `ChatCompletionRequest` in
 *   ollama/ollama `openai/openai.go`; pull request 14464 is open). Its recorded streams end with a chunk of usage.
 * - vLLM: knows both names and calls `max_tokens` deprecated (vllm-project/vllm, `chat_completion/protocol.py`).
 * - llama.cpp's server: reads `max_completion_tokens` since February 2026 (ggml-org/llama.cpp, pull request 19831); a
 *   server from before ignores it and generates without end.
 * - LM Studio: documents `max_tokens` alone (lmstudio.ai/docs/developer/openai-compat/chat-completions).
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
