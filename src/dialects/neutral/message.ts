import type { DialectId } from '../../core/dialect.ts';
import type { Extras } from './extras.ts';

/** One turn of a conversation. */
export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage;

/** Instructions. They may stand anywhere; formats that have one place for them get them joined there, in order. */
export interface SystemMessage {
  readonly role: 'system' | 'developer';
  readonly content: string | readonly TextPart[];
  readonly extras?: Extras;
}

export interface UserMessage {
  readonly role: 'user';
  readonly content: string | readonly UserPart[];
  /** Who of several participants speaks. */
  readonly name?: string;
  readonly extras?: Extras;
}

export interface AssistantMessage {
  readonly role: 'assistant';
  readonly content: string | readonly AssistantPart[];
  readonly extras?: Extras;
}

/** The result of one tool call. Results of parallel calls are messages of their own, one after another. */
export interface ToolMessage {
  readonly role: 'tool';
  /** The `id` of the {@link ToolCallPart} it answers. */
  readonly toolCallId: string;
  readonly content: string | readonly ToolResultPart[];
  /** The tool failed, and `content` says how. Default `false`. */
  readonly isError?: boolean;
  readonly extras?: Extras;
}

export type UserPart = TextPart | ImagePart | FilePart | ForeignPart;
export type AssistantPart = TextPart | ReasoningPart | RefusalPart | ToolCallPart | ForeignPart;
export type ToolResultPart = TextPart | ImagePart | FilePart | ForeignPart;
export type Part = UserPart | AssistantPart;

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
  /** In replies: what the text rests on. */
  readonly citations?: readonly Citation[];
  readonly extras?: Extras;
}

export interface ImagePart {
  readonly type: 'image';
  readonly source: MediaSource;
  readonly extras?: Extras;
}

/** A document: PDF, plain text, whatever the provider reads. */
export interface FilePart {
  readonly type: 'file';
  readonly source: MediaSource;
  /** A title or file name. */
  readonly name?: string;
  readonly extras?: Extras;
}

/** Where an image or a file is. */
export type MediaSource =
  | { readonly type: 'url'; readonly url: string }
  /** Base64. */
  | { readonly type: 'base64'; readonly data: string; readonly mediaType: string }
  /** Plain text, as a document. */
  | { readonly type: 'text'; readonly text: string }
  /** A provider's own file id: it means nothing to another. */
  | { readonly type: 'id'; readonly id: string; readonly dialect: DialectId };

/** The model's thinking, as far as it is shown. What signs or encrypts it is in `extras`. */
export interface ReasoningPart {
  readonly type: 'reasoning';
  /** `''` where the provider shows none. */
  readonly text: string;
  readonly extras?: Extras;
}

/** The model's own words for not answering. */
export interface RefusalPart {
  readonly type: 'refusal';
  readonly text: string;
  readonly extras?: Extras;
}

/** The model wants a tool of the application's to be run. */
export interface ToolCallPart {
  readonly type: 'tool-call';
  readonly id: string;
  readonly name: string;
  /** Parsed JSON; the text itself where what the model wrote is no JSON. */
  readonly arguments: unknown;
  readonly extras?: Extras;
}

/** Something that only one format has (audio, results of a provider's own tools), in its own shape. */
export interface ForeignPart {
  readonly type: 'foreign';
  readonly dialect: DialectId;
  readonly value: unknown;
}

/** What a stretch of text rests on. */
export interface Citation {
  /** A web page, or a document of the request. */
  readonly type: 'url' | 'document';
  readonly url?: string;
  readonly title?: string;
  /** The cited passage itself. */
  readonly quote?: string;
  /** Which document of the request, from 0 in the order they stand there. */
  readonly documentIndex?: number;
  /** Range of the citing text that it supports, in UTF-16 code units; `end` excluded. Absent: the whole part. */
  readonly start?: number;
  readonly end?: number;
  readonly extras?: Extras;
}
