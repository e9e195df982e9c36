import type { PromptParameters } from './definition.ts';
import type { PromptImageSource } from './image.ts';
import type { RenderedMessage, RenderedPart, Rendering } from './rendering.ts';

/** Reads the text of an answer as a prompt's output. Throws for what is none. */
export type ReadOutput = (content: string) => unknown;

/** How a prompt is written in one dialect. */
export interface PromptFormat {
  /**
   * The members of a request that the prompt gives.
   *
   * @param read how the text of an answer is read, where the prompt has an output
   */
  write(rendering: Rendering, read: ReadOutput | undefined): Readonly<Record<string, unknown>>;
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

/** A format with what helpers of an SDK look for in it, out of sight of what is sent. */
export function withHidden<F extends object>(format: F, members: Readonly<Record<string, unknown>>): F {
  for (const [name, value] of Object.entries(members)) Object.defineProperty(format, name, { value });
  return format;
}

/** What OpenAI's helpers look for. */
export function readByOpenAI(read: ReadOutput | undefined): Readonly<Record<string, unknown>> {
  return read === undefined ? {} : { $brand: 'auto-parseable-response-format', $parseRaw: read };
}

/** A data URL of an image, or its address. */
export function addressOf(source: PromptImageSource): string {
  return source.type === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`;
}
