import type { FailureKind } from './call-error.ts';

/**
 * What only the message tells. Each is held to the message's beginning and to the server's own sentence, so that a
 * prompt which an error quotes cannot pass for one. Asked only of requests that were refused as wrong, and of failures
 * that neither a status nor a code says anything of.
 */
const wordings: readonly (readonly [FailureKind, RegExp])[] = [
  // Anthropic, API docs, "Errors", common validation errors, and as Bedrock and Vertex shorten them (November 2026).
  ['context-overflow', /^prompt is too long(?:$|: \d+ tokens > \d+ maximum)/i],
  ['context-overflow', /^input length and `max_tokens` exceed context limit: \d+ \+ \d+ > \d+/],
  ['context-overflow', /^Input is too long for requested model/],
  // OpenAI before it had a code for it; DeepSeek; vLLM (its issues 6301, 20409, 19464 and 4667).
  ['context-overflow', /^This model's maximum context length is \d+ tokens[.,]/],
  [
    'context-overflow',
    /^'max_tokens' or 'max_completion_tokens' is too large: \d+\. This model's maximum context/,
  ],
  [
    'context-overflow',
    /^You passed \d+ input tokens and requested \d+ output tokens\. However, the model's context/,
  ],
  [
    'context-overflow',
    /^The (?:decoder )?prompt \(length \d+\) is longer than the maximum model length of \d+/,
  ],
  ['context-overflow', /^max_tokens must be at least 1, got -\d+/],
  // xAI, Gemini's compatible endpoint, Mistral, text-generation-inference.
  ['context-overflow', /^This model's maximum prompt length is \d+ but the request contains \d+ tokens/],
  ['context-overflow', /^The input token count \(\d+\) exceeds the maximum number of tokens allowed/],
  [
    'context-overflow',
    /^Prompt contains \d+ tokens .{0,40}too large for model with \d+ maximum context length/,
  ],
  ['context-overflow', /^Input validation error: `inputs` (?:tokens \+ `max_new_tokens` )?must (?:be|have)/],
  // Ollama's server and its cloud.
  ['context-overflow', /^(?:the )?input length exceeds the (?:maximum )?context length/],
  ['context-overflow', /^prompt too long; exceeded max context length by \d+ tokens/],
  // llama.cpp before its own type, llama-cpp-python (its issue 416).
  ['context-overflow', /^(?:the )?request (?:\(\d+ tokens\) )?exceeds the available context size/],
  ['context-overflow', /^Requested tokens \(\d+\) exceed context window of \d+/],
  // LM Studio (its bug tracker, issues 546, 2205 and 2339).
  ['context-overflow', /^Trying to keep the first \d+ tokens when context the overflows/],
  [
    'context-overflow',
    /^The number of tokens to keep from the initial prompt is greater than the context length/,
  ],
  ['context-overflow', /^Context size has been exceeded/],

  // Anthropic tells a spent balance and a limit of one's own with status 400 and no code ("Errors", November 2026).
  ['quota', /^Your credit balance is too low to access the Anthropic API/],
  ['quota', /^You have reached your specified (?:workspace )?API usage limits/],

  // OpenAI's reasoning models, under the code `invalid_prompt`; Anthropic's output filter.
  ['content-policy', /^Invalid prompt: your prompt was flagged as potentially violating/],
  ['content-policy', /^Output blocked by content filtering policy/],

  // OpenRouter, Bedrock and LM Studio name a missing model with status 400.
  ['not-found', /^\S{1,200} is not a valid model ID/],
  ['not-found', /^The provided model identifier is invalid/],
  ['not-found', /^No models loaded\b/],

  // xAI and Gemini refuse a key with status 400.
  ['auth', /^Incorrect API key provided/],
  ['auth', /^API key not valid\. Please pass a valid API key/],
];

/** The kind that a message tells in a server's own words, if it is one of those known. */
export function kindOfWording(message: string | undefined): FailureKind | undefined {
  if (message === undefined) return undefined;
  return wordings.find(([, pattern]) => pattern.test(message))?.[0];
}
