import type { ImagePart, TextPart } from '../dialects/neutral/message.ts';
import type { OutputFormat } from '../dialects/neutral/request.ts';
import type { PromptMessage, PromptParameters } from './definition.ts';
import { imageSource, type PromptImageSource } from './image.ts';
import type { Segment } from './template.ts';
import { fenced, isUntrusted } from './untrusted.ts';
import { variablesError } from './variables-error.ts';

/** An image of a rendered message. */
export interface RenderedImage extends ImagePart {
  readonly source: PromptImageSource;
}

/** A part of a message that has images. */
export type RenderedPart = TextPart | RenderedImage;

/** Instructions with their variables put in. */
export interface RenderedInstructions {
  readonly role: 'system' | 'developer';
  readonly content: string;
}

/** A message with its variables put in. */
export type RenderedMessage =
  | RenderedInstructions
  | { readonly role: 'assistant'; readonly content: string }
  | { readonly role: 'user'; readonly content: string | readonly RenderedPart[] };

/** A prompt with its variables put in: members of a request of the neutral API. */
export interface Rendering extends PromptParameters {
  readonly model?: string;
  readonly messages: readonly RenderedMessage[];
  readonly output?: Extract<OutputFormat, { readonly type: 'json-schema' }>;
}

/** A message whose template has been read. */
export interface ReadMessage {
  readonly role: PromptMessage['role'];
  readonly segments: readonly Segment[];
}

/**
 * Puts values in, once: what stands in a value is never read as a template.
 *
 * @param prompt its name and version, for a message
 * @throws `prompt-variables` where nothing is said in a turn: providers refuse such
 */
export function renderedMessage(
  { role, segments }: ReadMessage,
  values: Readonly<Record<string, unknown>>,
  prompt: string,
): RenderedMessage {
  const parts: RenderedPart[] = [];
  let text = '';
  const endText = (): void => {
    if (text !== '') parts.push({ type: 'text', text });
    text = '';
  };
  for (const segment of segments) {
    if (typeof segment === 'string') text += segment;
    else if (segment.kind === 'text') text += textOf(values[segment.name]);
    else {
      const source = imageSource(values[segment.name]);
      endText();
      if (source !== undefined) parts.push({ type: 'image', source });
    }
  }
  if (parts.length === 0 && text.trim() === '' && (role === 'user' || role === 'assistant'))
    throw variablesError(prompt, ...saysNothing(role, segments));
  // Images stand in messages of the user alone: the definition was checked for it.
  if (role !== 'user' || parts.length === 0) return { role, content: text };
  endText();
  return { role, content: parts };
}

function saysNothing(
  role: string,
  segments: readonly Segment[],
): [variable: string | undefined, problem: string] {
  const names = segments.flatMap((segment) => (typeof segment === 'string' ? [] : [segment.name]));
  const [first] = names;
  const told = names.map((name) => `\`${name}\``).join(', ');
  return [first, `has nothing to say in a message of role "${role}": ${told} must not be blank`];
}

function textOf(value: unknown): string {
  return isUntrusted(value) ? fenced(value) : String(value);
}
