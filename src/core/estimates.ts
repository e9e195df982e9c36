import type { Target } from './target.ts';
import type { Usage } from './usage.ts';

/** A picture in a request. */
export interface ImageMeasure {
  /** As the request says it: `low`, `high`, `auto`, `original`. */
  readonly detail?: string;
  /** Pixels, where they can be read off the data in the request. */
  readonly width?: number;
  readonly height?: number;
}

/** A file in a request: a document, or sound. */
export interface FileMeasure {
  readonly kind: 'document' | 'audio';
  /** Bytes of its data in the request; absent where it is only referred to. */
  readonly bytes?: number;
}

/** What a request asks a provider to do by itself, inside the same request. */
export interface ServerTool {
  /** As the request names it: `web_search`, `web_search_20260209`. */
  readonly type: string;
  /** How often it may be used; `undefined`: as often as the model likes. */
  readonly maxUses: number | undefined;
}

/** What can be told of a request before it is sent. Made by the dialect's lens. */
export interface RequestMeasure {
  /** UTF-16 units of all texts: system, turns, tool definitions, arguments, results, schema. */
  readonly characters: number;
  /**
   * UTF-8 bytes of the same, and of whatever else the provider may read, such as names, ids and members that are not known:
   * no text has more tokens.
   */
  readonly bytes: number;
  /** Tokens of the texts as their look suggests, before anything is known of the tokenizer. */
  readonly guessedTokens: number;
  /** Of these, in definitions of tools and of the form that the answer is to have. */
  readonly definitionTokens: number;
  /** The texts themselves, collected when asked for. */
  texts(): readonly string[];
  /** Turns, system prompts, tool calls and results: each is framed by some tokens of its own. */
  readonly messages: number;
  /** Tool definitions: each is framed likewise. */
  readonly tools: number;
  readonly images: readonly ImageMeasure[];
  readonly files: readonly FileMeasure[];
  /** Tokens that the request itself holds (embeddings). */
  readonly tokens: number;
  /** `false` where the provider adds what the request does not show: conversations that it holds, stored prompts. */
  readonly complete: boolean;
  /** Most tokens of one answer, as the request says; `undefined` where it does not. Infinity never. */
  readonly maxOutputTokens: number | undefined;
  /** What the output limit must exceed for the request to be valid (a budget for thinking). Default 0. */
  readonly leastOutputTokens: number;
  /** How many answers are asked for at once. */
  readonly answers: number;
  readonly serverTools: readonly ServerTool[];
  /** As the request says it. */
  readonly serviceTier: string | undefined;
  /** Whether it is answered later, to be fetched by its id. */
  readonly background: boolean;
}

/** What an attempt is expected to use, and what it cannot exceed. */
export interface UsageEstimate {
  /** As expected, from what was learnt. */
  readonly inputTokens: number;
  /** As expected, within the request's limit. */
  readonly outputTokens: number;
  /**
   * No attempt with this request is billed for more input; `undefined` where nothing bounds it.
   */
  readonly inputBound: number | undefined;
  /** Likewise, all answers together; `undefined` without an output limit. */
  readonly outputBound: number | undefined;
}

/** Counts tokens exactly, or better than the built-in estimate. */
export interface Tokenizer {
  /**
   * Tokens of a text of a request for a model: a prompt, a part of a turn, the definitions of tools as JSON. `undefined` leaves
   * the request to the estimate. Synchronous. What it throws is told through `onError`, and the estimate stands.
   */
  count(text: string, target: Target): number | undefined;
}

/** Token counts before they are known. Learns for each target from what providers report. */
export interface Estimates {
  /** Whether somebody asks for estimates who counts no attempts: then those that nobody counts are learnt from as well. */
  readonly wanted: boolean;
  want(): void;
  /**
   * @param contextTokens of the model, where it is known: bounds what the request does not show
   */
  estimate(target: Target, measure: RequestMeasure, contextTokens: number | undefined): UsageEstimate;
  /** Learns from an attempt that was reported. Ignores usage that was not. */
  learn(target: Target, measure: RequestMeasure, usage: Usage, generatingMs: number): void;
  /** Tokens a second that the target generates, as learnt; a fair guess before. */
  tokensPerSecond(target: Target): number;
}
