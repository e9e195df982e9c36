import type { RequestParameters } from '../../core/parameters-lens.ts';
import type { Extras } from './extras.ts';
import type { Message } from './message.ts';

/** What is asked for, in no provider's words. Members that are absent are left to the provider's default. */
export interface NeutralRequest extends Omit<RequestParameters, 'reasoning'> {
  readonly model: string;
  readonly messages: readonly Message[];
  readonly tools?: readonly ToolDefinition[];
  /** Default: the provider's, `auto` where there are tools. */
  readonly toolChoice?: ToolChoice;
  /** Whether several tools may be called in one turn. */
  readonly parallelToolCalls?: boolean;
  /** The shape the answer's text must have. Default: free text. */
  readonly output?: OutputFormat;
  readonly reasoning?: Reasoning;
  /** A stable, opaque id of the end user, for the provider's abuse detection. */
  readonly endUserId?: string;
  readonly extras?: Extras;
}

/** How much the model thinks first. */
export interface Reasoning {
  readonly effort?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';
  /** Tokens for thinking, where the format takes a number. */
  readonly budgetTokens?: number;
  /** Whether the thinking, or a summary of it, is shown. */
  readonly show?: boolean;
  /** The effort is for the answer as a whole, and whether it thinks is left to the model: Anthropic asks for the two apart. */
  readonly effortOnly?: boolean;
}

/** A tool that the application runs. */
export interface ToolDefinition {
  readonly name: string;
  readonly description?: string;
  /** JSON schema of the arguments object. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Whether the arguments are held to the schema by the provider. */
  readonly strict?: boolean;
  readonly extras?: Extras;
}

export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

export type OutputFormat =
  | { readonly type: 'json' }
  | {
      readonly type: 'json-schema';
      readonly schema: Readonly<Record<string, unknown>>;
      readonly name?: string;
      readonly description?: string;
      readonly strict?: boolean;
    };
