import type { DialectId } from '../core/dialect.ts';
import { keptVariables, marked, type CarriedPrompt } from '../core/prompt-mark.ts';
import type { JsonSchema, StandardSchemaV1 } from '../core/standard-schema.ts';
import type { AnthropicBody, OpenAIChatBody, OpenAIResponsesBody } from './bodies.ts';
import type { PromptDefinition, PromptOutput, PromptParameters } from './definition.ts';
import type { ChatExtra, ResponsesExtra, WithExtra } from './extra.ts';
import type { PromptFormat, ReadOutput, Said } from './format.ts';
import { anthropicMessagesFormat } from './anthropic-messages-format.ts';
import { openaiChatFormat } from './openai-chat-format.ts';
import { openaiResponsesFormat } from './openai-responses-format.ts';
import { renderedMessage, type ReadMessage, type Rendering } from './rendering.ts';
import { checkedValues, type VariableKinds } from './checked-values.ts';
import type { UntypedVariables } from './variables.ts';
import { withExtra } from './with-extra.ts';

type Members = Readonly<Record<string, unknown>>;

/** How much a prompt asks the model to think. */
export type PromptEffort = NonNullable<PromptParameters['reasoning']>['effort'];

/** Variables in front of the other arguments: left out where there are none. */
type Given<Variables> = {} extends Variables ? [variables?: Variables] : [variables: Variables];

/** @internal What `definePrompt` has made of a definition. */
export interface ReadPrompt {
  readonly definition: PromptDefinition;
  readonly hash: string;
  readonly messages: readonly ReadMessage[];
  readonly kinds: VariableKinds;
  readonly output: Rendering['output'];
  readonly outputSchema: StandardSchemaV1 | undefined;
  readonly readOutput: ReadOutput | undefined;
}

/** A prompt as JSON: what `promptFromJSON` takes. Of schemas only what the model is shown is left. */
export interface PromptJson extends Omit<PromptDefinition, 'variables' | 'output'> {
  /** {@link Prompt.hash}: what is read again must have it. */
  readonly hash: string;
  readonly output?: Omit<PromptOutput, 'schema'> & { readonly jsonSchema: JsonSchema };
}

/**
 * One version of a prompt. Rendering is pure: the same variables give the same bytes. Nothing in a value is read as a
 * template, and nothing is escaped. Every rendering carries a mark, from which the receipt of its call (`facts.prompt`)
 * and `call:start` tell name, version and hash; the provider does not see it.
 */
export class Prompt<
  Variables extends object = UntypedVariables,
  Output = unknown,
  Model extends string | undefined = string | undefined,
  Effort extends PromptEffort = PromptEffort,
> implements CarriedPrompt {
  readonly name: string;
  readonly version: string;
  /** SHA-256 of what shapes the request: messages, model, parameters, output. 16 characters of base64url. */
  readonly hash: string;
  /** The label by which a registry found it. */
  readonly label: string | undefined;
  /** What its answers are held to by `llm.object`. `undefined` for a prompt without `output`. */
  readonly outputSchema: StandardSchemaV1<unknown, Output> | undefined;
  /** The model that it is for; `undefined` where the call names one. */
  readonly model: Model;
  readonly #read: ReadPrompt;

  /** @internal Prompts are made by `definePrompt`. */
  constructor(read: ReadPrompt, label?: string) {
    const { name, version, model } = read.definition;
    this.name = name;
    this.version = version;
    this.hash = read.hash;
    this.label = label;
    this.model = model as Model;
    this.outputSchema = read.outputSchema as StandardSchemaV1<unknown, Output> | undefined;
    this.#read = read;
    Object.freeze(this);
  }

  /**
   * Members of a request of the neutral API.
   *
   * @throws `prompt-variables` for a variable that is missing, unknown or of the wrong kind.
   */
  render(...[variables = {} as Variables]: Given<Variables>): Rendering {
    return this.#marked('neutral', variables, undefined, 'messages') as unknown as Rendering;
  }

  /**
   * What `openai.chat.completions.create(…)` takes: `create(...support.openai(variables, { stream: true }))`.
   *
   * @param extra further members of the body, in place of the prompt's own where it has such; its `messages` follow the prompt's.
   *   Where both have `text`, `reasoning` or `output_config`, the members of these are joined.
   * @throws `prompt-variables`, as {@link Prompt.render}
   */
  openai<E extends ChatExtra = {}>(
    ...[variables = {} as Variables, extra]: [...Given<Variables>, extra?: E]
  ): [body: WithExtra<OpenAIChatBody<Effort, Output>, E, 'messages', Model>] {
    return [this.#marked('openai-chat', variables, extra, 'messages') as never];
  }

  /**
   * What `openai.responses.create(…)` takes.
   *
   * @param extra further members of the body; its `input` follows the prompt's
   * @throws `prompt-variables`, as {@link Prompt.render}
   */
  responses<E extends ResponsesExtra = {}>(
    ...[variables = {} as Variables, extra]: [...Given<Variables>, extra?: E]
  ): [body: WithExtra<OpenAIResponsesBody<Effort, Output>, E, 'input', Model>] {
    return [this.#marked('openai-responses', variables, extra, 'input') as never];
  }

  /**
   * What `anthropic.messages.create(…)` takes. Sampling (`temperature`, …) is left out: the API answers it with status 400.
   * So are constraints of the output that it refuses; they are told in descriptions instead.
   *
   * @param extra further members of the body; its `messages` follow the prompt's
   * @throws `prompt-variables`, as {@link Prompt.render}
   */
  anthropic<E extends ChatExtra = {}>(
    ...[variables = {} as Variables, extra]: [...Given<Variables>, extra?: E]
  ): [body: WithExtra<AnthropicBody<Output>, E, 'messages', Model>] {
    return [this.#marked('anthropic-messages', variables, extra, 'messages') as never];
  }

  /** The same prompt as a registry found it: its label is told in receipts. */
  labelled(label: string): Prompt<Variables, Output, Model, Effort> {
    return new Prompt(this.#read, label);
  }

  /** @internal What it was read as. */
  get read(): ReadPrompt {
    return this.#read;
  }

  /** Plain data, for {@link promptFromJSON} and for `JSON.stringify`. */
  toJSON(): PromptJson {
    const { variables: _variables, output: _output, ...definition } = this.#read.definition;
    const { output } = this.#read;
    const { hash } = this;
    if (output === undefined) return { ...definition, hash };
    const { type: _type, schema: jsonSchema, ...told } = output;
    return { ...definition, output: { jsonSchema, ...told }, hash };
  }

  /**
   * The members that it gives to a request of a dialect, unmarked. None where the dialect is not one of conversations.
   *
   * @param of whose variables they are: with `another`'s, names that this prompt does not have are passed over
   * @throws `prompt-variables`, as {@link Prompt.render}
   */
  bodyIn(dialect: DialectId, variables: Members, of: 'own' | 'another' = 'own'): Members {
    const format = formats.get(dialect);
    if (format === undefined) return {};
    const { messages, output, kinds, definition } = this.#read;
    const id = `${this.name}@${this.version}`;
    const values = checkedValues(id, kinds, definition.variables, variables, of === 'another');
    const rendering: Rendering = {
      ...definition.parameters,
      ...(definition.model === undefined ? {} : { model: definition.model }),
      messages: messages.map((message) => renderedMessage(message, values, id)),
      ...(output === undefined ? {} : { output }),
    };
    return format.write(rendering, this.#read.readOutput);
  }

  /** What it says and requests of a dialect have no place for: parameters by their neutral names, with the path in them. */
  leftOutIn(dialect: DialectId): readonly string[] {
    const { definition, output } = this.#read;
    const said: Said = { ...definition.parameters, ...(output === undefined ? {} : { output }) };
    return (
      formats
        .get(dialect)
        ?.losses(said)
        .map(({ path }) => path) ?? []
    );
  }

  #marked(dialect: DialectId, variables: unknown, extra: unknown, turns: 'messages' | 'input'): Members {
    // What is rendered now is what another version may be rendered from later.
    const kept = keptVariables(variables);
    const own = this.bodyIn(dialect, kept);
    return marked(withExtra(this.name, own, extra, turns), { prompt: this, variables: kept });
  }
}

const neutralFormat: PromptFormat = { losses: () => [], write: (rendering) => ({ ...rendering }) };

const formats: ReadonlyMap<DialectId, PromptFormat> = new Map([
  ['neutral', neutralFormat],
  ['openai-chat', openaiChatFormat],
  ['openai-responses', openaiResponsesFormat],
  ['anthropic-messages', anthropicMessagesFormat],
]);
