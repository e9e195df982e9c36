import type { Quirks } from '../core/provider.ts';

/** Servers whose ways are known. */
export type QuirksName = 'ollama' | 'vllm' | 'llama.cpp' | 'lm-studio';

/**
 * How the OpenAI-compatible endpoints of local servers differ, read in November 2026. All of them take `max_tokens`, and
 * all have `/v1/responses` in their present versions: declare an older server with `responsesApi: false`.
 *
 * - Ollama: does not read `max_completion_tokens` (docs.ollama.com/api/openai-compatibility; `ChatCompletionRequest` in
 *   ollama/ollama `openai/openai.go`; pull request 14464 is open). Its recorded streams report usage when asked and end
 *   with `[DONE]`. Its Responses hold no turns.
 * - vLLM: knows both names and calls `max_tokens` deprecated (vllm-project/vllm, `chat_completion/protocol.py`).
 * - llama.cpp's server: reads `max_completion_tokens` since February 2026 (ggml-org/llama.cpp, pull request 19831); one
 *   from before ignores it and generates without a limit. Reads `stream_options` (`tools/server/server-schema.cpp`).
 * - LM Studio: documents `max_tokens` alone, and no `stream_options` (lmstudio.ai/docs/developer/openai-compat). Where it
 *   reports no usage in streams (lmstudio-js, issue 320), the receipt has none; asking does no harm.
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
