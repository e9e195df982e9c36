import type { Loss } from '../core/translation.ts';
import type { PromptImageSource } from './image.ts';
import type { RenderedMessage, RenderedPart, Rendering } from './rendering.ts';

/** Reads the text of an answer as a prompt's output. Throws for what is none. */
export type ReadOutput = (content: string) => unknown;

/** What a prompt says beside its messages. */
export type Said = Omit<Rendering, 'messages'>;

type Output = NonNullable<Rendering['output']>;

/** How a prompt is written in one dialect. */
export interface PromptFormat {
  /**
   * The members of a request that the prompt gives.
   *
   * @param read how the text of an answer is read, where the prompt has an output
   */
  write(rendering: Rendering, read: ReadOutput | undefined): Readonly<Record<string, unknown>>;
  /** What of it has no place there, as translation would tell it. */
  losses(said: Said): readonly Loss[];
}

/** A message whose parts are written in a dialect; one of a text alone stays so. */
export function inParts<Role extends RenderedMessage['role'], Part>(
  { role, content }: RenderedMessage & { readonly role: Role },
  write: (part: RenderedPart) => Part,
): { role: Role; content: string | Part[] } {
  return { role, content: typeof content === 'string' ? content : content.map(write) };
}

/** What is made of an output and lost by it, made once for each: outputs of prompts are frozen. */
export function oncePerOutput<T extends object>(
  make: (output: Output, losses: Loss[]) => T,
): (output: Output, losses: Loss[]) => T {
  const made = new WeakMap<Output, { readonly value: T; readonly lost: readonly Loss[] }>();
  return (output, losses) => {
    let known = made.get(output);
    if (known === undefined) {
      const lost: Loss[] = [];
      known = { value: make(output, lost), lost };
      made.set(output, known);
    }
    for (const loss of known.lost) losses.push(loss);
    return known.value;
  };
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
