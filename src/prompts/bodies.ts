import type { PromptImageType } from './image.ts';

/** Content of a message for Chat Completions. */
export type OpenAIChatPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image_url'; readonly image_url: { readonly url: string } };

/** A message for Chat Completions, as far as prompts have such. */
export type OpenAIChatMessage =
  | { role: 'system' | 'developer' | 'assistant'; content: string }
  | { role: 'user'; content: string | OpenAIChatPart[] };

/** JSON that is asked for by a schema. */
interface JsonSchemaFormat {
  name: string;
  schema: Record<string, unknown>;
  description?: string;
  strict?: boolean;
}

/**
 * A member that asks for a prompt's output, where it has one. OpenAI's helpers (`parse`, `stream`) type and read what is
 * parsed by members of the format that are not sent (`zodResponseFormat` of openai 6.0 to 7.57 makes such).
 */
type OutputMember<Member extends object, Output> = [Output] extends [never]
  ? {}
  : unknown extends Output
    ? Partial<Member>
    : Member;

interface ReadByOpenAI<Output> {
  __output: Output;
  $brand: 'auto-parseable-response-format';
  $parseRaw(content: string): Output;
}

type FormatOf<Format, Reader, Output> = unknown extends Output ? Format : Format & Reader;

/**
 * Never there: a member that only the other API has, typed so that it refuses the body. All that the one asks for is optional
 * in the other, or the same, and what is sent would be answered by an error.
 */
interface OtherApi {
  readonly takes: never;
}

/** What a prompt gives to a request of Chat Completions. `Effort`: the reasoning that it asks for. */
export type OpenAIChatBody<Effort, Output> = OpenAIChatMembers<Effort> &
  OutputMember<
    {
      response_format: FormatOf<
        { type: 'json_schema'; json_schema: JsonSchemaFormat },
        ReadByOpenAI<Output>,
        Output
      >;
    },
    Output
  >;

interface OpenAIChatMembers<Effort> {
  /** For Responses: `.responses(…)`. */
  input?: OtherApi;
  messages: OpenAIChatMessage[];
  max_completion_tokens?: number;
  stop?: string[];
  temperature?: number;
  top_p?: number;
  seed?: number;
  frequency_penalty?: number;
  presence_penalty?: number;
  reasoning_effort?: Effort;
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
export type OpenAIResponsesBody<Effort, Output> = OpenAIResponsesMembers<Effort> &
  OutputMember<
    { text: { format: FormatOf<{ type: 'json_schema' } & JsonSchemaFormat, ReadByOpenAI<Output>, Output> } },
    Output
  >;

interface OpenAIResponsesMembers<Effort> {
  instructions?: string;
  input: OpenAIResponsesMessage[];
  max_output_tokens?: number;
  temperature?: number;
  top_p?: number;
  reasoning?: { effort: Effort };
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
export type AnthropicBody<Output> = AnthropicMembers & AnthropicOutput<Output>;

export type AnthropicEffort = 'low' | 'medium' | 'high' | 'xhigh' | 'max';

/** Its helpers (`parse`, `stream`) read by `parse` of the format, which is not sent (anthropic 1.0 to 1.12, `zodOutputFormat`). */
type AnthropicOutput<Output> = [Output] extends [never]
  ? { output_config?: { effort?: AnthropicEffort } }
  : OutputMember<
      {
        output_config: {
          effort?: AnthropicEffort;
          format: FormatOf<
            { type: 'json_schema'; schema: Record<string, unknown> },
            { parse(content: string): Output },
            Output
          >;
        };
      },
      Output
    >;

interface AnthropicMembers {
  /** For Responses: `.responses(…)`. */
  input?: OtherApi;
  /** For Chat Completions: `.openai(…)`. */
  max_completion_tokens?: OtherApi;
  /** 16,384 where the prompt says nothing: the API must have one. */
  max_tokens: number;
  system?: string | { type: 'text'; text: string }[];
  messages: AnthropicMessage[];
  stop_sequences?: string[];
  thinking?: AnthropicThinking;
}

export type AnthropicThinking = { type: 'adaptive' } | { type: 'disabled' };
