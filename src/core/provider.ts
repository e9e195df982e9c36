import type { Dialect } from './dialect.ts';
import type { CallSettings } from './settings.ts';

/** How a server differs from the protocol it speaks. */
export interface Quirks {
  /** Whether chat streams may be asked for usage (`stream_options`). Default `true`. */
  readonly includeUsage?: boolean;
  /** The name it expects for the output limit of chat completions. Default: whatever the request uses. */
  readonly maxTokensField?: 'max_tokens' | 'max_completion_tokens';
  /** Whether its streams may end without their terminal event. Default `false`: that is a failure. */
  readonly mayEndWithoutTerminal?: boolean;
  /** Whether an OpenAI-compatible server has `/responses`. Default `true`; `false`: such calls are translated to chat. */
  readonly responsesApi?: boolean;
  /**
   * Whether it takes `prompt_cache_key` and `prompt_cache_retention`. Default: OpenAI itself does, and Azure where the base
   * URL has no dated version (`/openai/v1`); others refuse requests with members that they do not know.
   */
  readonly promptCacheKey?: boolean;
  /**
   * Whether an Anthropic-compatible server takes breakpoints of a prompt cache (`cache_control`) that `promptCaching` sets.
   * Default `true`. The caller's own are sent either way.
   */
  readonly cacheControl?: boolean;
}

/** What is done about parts of a request that the target's dialect has no place for. */
export type OnUnsupported = 'drop' | 'refuse';

/** A request for another provider's client, in a dialect it speaks. */
export interface ProviderRequest {
  /** Below the client's base URL. */
  readonly path: string;
  readonly dialect: Dialect;
  readonly body: unknown;
  readonly stream: boolean;
  readonly headers: ReadonlyMap<string, string>;
  readonly signal: AbortSignal;
  /** 0 for the first try at this target. */
  readonly retryCount: number;
  /** Who asks, for providers that are one client a caller. */
  readonly settings: CallSettings;
}

/** An SDK client the user handed us, under its name. */
export interface Provider {
  readonly name: string;
  /** The base URL that its requests go to, which tells whose prices hold; absent where it has none, or has several. */
  readonly origin?: string | undefined;
  readonly quirks: Quirks;
  /** Whether its own model ids contain slashes, so that `a/b` names one of them. */
  readonly slashIds: boolean;
  /** What to do about what cannot be translated, unless the route or the call says otherwise. Default `drop`. */
  readonly onUnsupported: OnUnsupported | undefined;
  /** The dialect it is asked in when a call is written in this one: itself, another to translate to, or none. */
  dialectFor(dialect: Dialect): Dialect | undefined;
  /** Whose key it is asked with, where each caller has one; absent where all share one. */
  credential?(settings: CallSettings): string;
  /** The provider for this caller, where each has one. Throws `caller-required` when there is none. */
  serving(settings: CallSettings): Provider;
  /** Sends through the client, so that its credentials, base URL and signing apply. Rejects only when no answer came. */
  post(request: ProviderRequest): Promise<Response>;
}
