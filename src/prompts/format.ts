import type { PromptParameters } from './definition.ts';
import type { PromptImageSource } from './image.ts';
import type { RenderedMessage, RenderedPart, Rendering } from './rendering.ts';

/** How a prompt is written in one dialect. */
export interface PromptFormat {
  /** The members of a request that the prompt gives. */
  write(rendering: Rendering): Readonly<Record<string, unknown>>;
  /** Parameters that have no place there. */
  readonly leavesOut: readonly (keyof PromptParameters)[];
}

/** A message whose parts are written in a dialect; one of a text alone stays so. */
export function inParts<Role extends RenderedMessage['role'], Part>(
  { role, content }: RenderedMessage & { readonly role: Role },
  write: (part: RenderedPart) => Part,
): { role: Role; content: string | Part[] } {
  return { role, content: typeof content === 'string' ? content : content.map(write) };
}

/** A data URL of an image, or its address. */
export function addressOf(source: PromptImageSource): string {
  return source.type === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`;
}
