/** A tool the request offers. */
export interface OfferedTool {
  readonly name: string;
  readonly schema: unknown;
}

/** What a request asks for, read out of whichever protocol it was written in. */
export interface Prompt {
  readonly model: string;
  readonly stream: boolean;
  /** All text of the last user turn. */
  readonly lastUserText: string;
  /** Texts of tool results that end the conversation; `undefined` when it ends otherwise. */
  readonly toolResult: string | undefined;
  readonly tools: readonly OfferedTool[];
  readonly toolChoice: 'auto' | 'none' | 'required' | { readonly name: string };
  /** The JSON schema the answer must follow, `true` for any JSON object. */
  readonly schema: unknown;
  readonly stopSequences: readonly string[];
  readonly maxOutputTokens: number | undefined;
  readonly inputTokens: number;
  /** How many alternatives are wanted. */
  readonly choices: number;
}
