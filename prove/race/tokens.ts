import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import type { Provider } from './plan.ts';

/** What providers add to a request's texts. */
interface Frames {
  readonly request: number;
  readonly message: number;
  /** Once, where there are tools. */
  readonly tools: number;
}

/** OpenAI cookbook, "How to count tokens with tiktoken". */
const usual: Frames = { request: 3, message: 3, tools: 12 };
/** As much as was ever seen: rules of a format, the date, marks, how tools work (Anthropic docs, "Tool use"). */
const most: Frames = { request: 190, message: 12, tools: 804 };
/** Names of what is no text. */
const silent = new Set(['role', 'type', 'id', 'call_id', 'tool_call_id', 'tool_use_id', 'status', 'strict']);
const counted = new Map<string, number>();

/**
 * Tokens of a request's input by a real tokenizer. Anthropic's is not public: taken to make half as many more, but never
 * more than there are bytes.
 *
 * @param isFramed whether the provider adds as much as any was seen to
 */
export function inputTokensOf(body: unknown, provider: Provider, isFramed: boolean): number {
  const { messages, input, system, instructions, tools }: Readonly<Record<string, unknown>> = Object(body);
  const turns = [messages, input].flatMap((list) => (Array.isArray(list) ? list : []));
  const { request, message, tools: perTools } = isFramed ? most : usual;
  let tokens =
    request + message * (turns.length + (system === undefined && instructions === undefined ? 0 : 1));
  for (const text of textsIn([messages, input, system, instructions])) tokens += tokensOf(text, provider);
  if (Array.isArray(tools) && tools.length > 0) {
    tokens += perTools;
    for (const tool of tools) tokens += tokensOf(JSON.stringify(tool), provider);
  }
  return tokens;
}

function tokensOf(text: string, provider: Provider): number {
  const key = `${provider} ${text}`;
  let tokens = counted.get(key);
  if (tokens === undefined) {
    const exact = countTokens(text, { disallowedSpecial: new Set() });
    tokens = provider === 'openai' ? exact : Math.min(Buffer.byteLength(text), Math.ceil(exact * 1.5));
    counted.set(key, tokens);
  }
  return tokens;
}

function* textsIn(value: unknown): Generator<string, void, undefined> {
  if (typeof value === 'string') yield value;
  else if (Array.isArray(value)) for (const item of value) yield* textsIn(item);
  else if (typeof value === 'object' && value !== null)
    for (const [key, member] of Object.entries(value)) if (!silent.has(key)) yield* textsIn(member);
}
