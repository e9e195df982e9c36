import type { PromptParameters } from './definition.ts';
import type { PromptImageSource } from './image.ts';
import type { Rendering } from './rendering.ts';

/** How a prompt is written in one dialect. */
export interface PromptFormat {
  /** The members of a request that the prompt gives. */
  write(rendering: Rendering): Readonly<Record<string, unknown>>;
  /** Parameters that have no place there. */
  readonly leavesOut: readonly (keyof PromptParameters)[];
}

/** A data URL of an image, or its address. */
export function addressOf(source: PromptImageSource): string {
  return source.type === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`;
}
