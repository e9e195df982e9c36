import type { PromptImageType } from './image.ts';

/** Content of a message for Chat Completions. */
export type OpenAIChatPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image_url'; readonly image_url: { readonly url: string } };

/** A message for Chat Completions, as far as prompts have such. */
export type OpenAIChatMessage =
  | { role: 'system' | 'developer' | 'assistant'; content: string }
  | { role: 'user'; content: string | OpenAIChatPart[] };

/** What a prompt gives to a request of Chat Completions. `Effort`: the reasoning that it asks for. */
export interface OpenAIChatBody<Effort> {
  messages: OpenAIChatMessage[];
  max_completion_tokens?: number;
  stop?: string[];
  temperature?: number;
  top_p?: number;
  seed?: number;
  frequency_penalty?: number;
  presence_penalty?: number;
  reasoning_effort?: Effort;
  response_format?: {
    type: 'json_schema';
    json_schema: { name: string; schema: Record<string, unknown>; description?: string; strict?: boolean };
  };
}

/** Content of a message for Responses. */
export type OpenAIResponsesPart =
  | { type: 'input_text'; text: string }
  | { type: 'input_image'; detail: 'auto'; image_url: string };

/** A message for Responses, as far as prompts have such. */
export type OpenAIResponsesMessage =
  | { role: 'system' | 'developer' | 'assistant'; content: string }
  | { role: 'user'; content: string | OpenAIResponsesPart[] };

/** What a prompt gives to a request of Responses. */
export interface OpenAIResponsesBody<Effort> {
  instructions?: string;
  input: OpenAIResponsesMessage[];
  max_output_tokens?: number;
  temperature?: number;
  top_p?: number;
  reasoning?: { effort: Effort };
  text?: {
    format: {
      type: 'json_schema';
      name: string;
      schema: Record<string, unknown>;
      description?: string;
      strict?: boolean;
    };
  };
}

/** Content of a message for Anthropic. */
export type AnthropicPart =
  | { type: 'text'; text: string }
  | {
      type: 'image';
      source: { type: 'url'; url: string } | { type: 'base64'; media_type: PromptImageType; data: string };
    };

/** A message for Anthropic, as far as prompts have such. */
export type AnthropicMessage =
  | { role: 'assistant'; content: string }
  | { role: 'user'; content: string | AnthropicPart[] };

/** What a prompt gives to a request of Anthropic. */
export interface AnthropicBody {
  /** 16,384 where the prompt says nothing: the API must have one. */
  max_tokens: number;
  system?: string | { type: 'text'; text: string }[];
  messages: AnthropicMessage[];
  stop_sequences?: string[];
  thinking?: { type: 'adaptive' } | { type: 'disabled' };
  output_config?: {
    effort?: 'low' | 'medium' | 'high' | 'xhigh' | 'max';
    format?: { type: 'json_schema'; schema: Record<string, unknown> };
  };
}
