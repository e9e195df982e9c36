import type { CallSettings } from '../core/settings.ts';
import type { Message } from '../dialects/neutral/message.ts';
import type { NeutralRequest } from '../dialects/neutral/request.ts';
import type { JsonSchema, StandardSchemaV1 } from '../core/standard-schema.ts';
import type { Prompt } from '../prompts/prompt.ts';
import type { Tool } from './tool.ts';

/** What a call of the neutral API may say for itself: settings, over those of `with` and `run`, and a signal. */
export interface CallOptions extends CallSettings {
  /** Ends the call, all turns of it; it then rejects with the signal's own reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What is common to requests for an answer. */
export interface AnswerRequest<M extends string = string> extends Omit<
  NeutralRequest,
  'model' | 'messages' | 'tools' | 'output'
> {
  /** A route, or `provider/model`. */
  readonly model: M;
  /** A text stands for one message of the user. */
  readonly messages: string | readonly Message[];
}

/** What `llm.stream` takes. Tools are not run: their calls are events. */
export interface StreamRequest<M extends string = string>
  extends AnswerRequest<M>, Pick<NeutralRequest, 'output'> {
  readonly tools?: readonly Tool[];
}

/** What `llm.chat` takes. */
export interface ChatRequest<M extends string = string> extends StreamRequest<M> {
  /**
   * Tools with `execute` are run and their results sent back, until the model calls none. A forced `toolChoice` holds for
   * the first turn; later ones are `auto`.
   */
  readonly tools?: readonly Tool[];
  /** How often the model is asked at most. When it still wants tools then, they are not run and `stop` is `tool-calls`. Default 8. */
  readonly maxSteps?: number;
}

/** What `llm.object` takes. */
export interface ObjectRequest<
  S extends StandardSchemaV1 = StandardSchemaV1,
  M extends string = string,
> extends AnswerRequest<M> {
  /** What the answer is held to, and typed by. At its root stands an object: providers want it so. */
  readonly schema: S;
  /** The JSON schema that the model is shown, where `schema` cannot tell it. */
  readonly jsonSchema?: JsonSchema;
  /** What the object is called; letters, digits, `_` and `-`. */
  readonly name?: string;
  readonly description?: string;
  /** Whether the provider holds the model to the schema, where it can be asked not to. Default: the provider's. */
  readonly strict?: boolean;
  /** How often the model is shown what was wrong and asked again. Default 0. */
  readonly repair?: 0 | 1;
}

/**
 * A request whose messages a prompt renders: {@link Rest} is what else the method takes, over what the prompt says of the
 * same.
 */
export type Prompted<P extends AnyPrompt, M extends string, Rest> = Omit<
  Rest,
  'model' | 'messages' | 'output' | 'schema' | 'jsonSchema'
> & {
  readonly prompt: P;
  /** Turns that follow those of the prompt: the conversation so far. A text stands for one message of the user. */
  readonly messages?: string | readonly Message[];
} & (P extends { readonly model: string }
    ? { readonly model?: M | undefined }
    : {
        /** A route, or `provider/model`. May be left out only where the prompt has one, which must then be such, too. */
        readonly model: M;
      }) &
  VariablesMember<Parameters<P['render']>[0]>;

/** A prompt, whatever it is about. */
export type AnyPrompt = Prompt<never, unknown>;

type VariablesMember<V> = undefined extends V
  ? { readonly variables?: V }
  : {
      /** What the prompt's templates name. */
      readonly variables: V;
    };

/** {@link Prompted} of what `llm.object` takes: of a prompt that is known to have no `output`, it takes none. */
export type PromptedObject<P extends AnyPrompt, M extends string> = Prompted<P, M, ObjectRequest> &
  ([OutputIn<P>] extends [never] ? { readonly prompt: PromptWithOutput } : unknown);

/** What the compiler names where a prompt has no `output`. */
interface PromptWithOutput {
  /** The schema that types the answer. A prompt without one is asked by `llm.chat`. */
  readonly output: never;
}

/** What the answers to a prompt are typed by; `never` for one without `output`. */
export type OutputIn<P extends AnyPrompt> = P extends Prompt<never, infer Output> ? Output : never;

/** What `llm.embed` takes. */
export interface EmbedRequest<M extends string = string> {
  /** A route, or `provider/model`, of an OpenAI-compatible provider. */
  readonly model: M;
  readonly input: string | readonly string[];
  /** Length of each vector, where the model lets one choose. Default: the model's. */
  readonly dimensions?: number;
}
