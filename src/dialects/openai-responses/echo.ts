import { asRecord, type JsonRecord } from '../record.ts';

/**
 * Members that a response repeats from its request, with what it says where the request left them out (SDK type
 * `Response`; OpenAI API reference, "Create a model response", November 2026). `null` where the default is the
 * provider's own affair.
 */
const defaults = {
  access_programs: null,
  background: false,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  prompt: null,
  prompt_cache_key: null,
  prompt_cache_options: undefined,
  prompt_cache_retention: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  store: undefined,
  temperature: null,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  top_logprobs: 0,
  top_p: null,
  truncation: 'disabled',
  user: undefined,
  frequency_penalty: undefined,
  presence_penalty: undefined,
} as const satisfies JsonRecord;

/** The names of what a response repeats. */
export const echoed: readonly string[] = Object.keys(defaults);

/** What a response to this request repeats of it. */
export function echoOf(body: unknown): JsonRecord {
  const asked = asRecord(body) ?? {};
  return Object.fromEntries(
    Object.entries({ ...defaults, text: { ...defaults.text, ...asRecord(asked['text']) } }).flatMap(
      ([name, unasked]) => {
        const value = name === 'text' ? unasked : (asked[name] ?? unasked);
        return value === undefined ? [] : [[name, value]];
      },
    ),
  );
}
