import type { DialectId } from '../core/dialect.ts';
import type { Translation } from '../core/translation.ts';
import type { Codec } from './neutral/codec.ts';

/** The codec of a dialect, loaded when first asked for. `undefined` for those that are not translated. */
export async function codecFor(id: DialectId): Promise<Codec | undefined> {
  switch (id) {
    case 'openai-chat':
      return (await import('./on-demand.ts')).openaiChatCodec;
    case 'openai-responses':
      return (await import('./on-demand.ts')).openaiResponsesCodec;
    case 'anthropic-messages':
      return (await import('./on-demand.ts')).anthropicMessagesCodec;
    case 'neutral':
      return (await import('./on-demand.ts')).neutralCodec;
    case 'openai-embeddings':
    case 'passthrough':
      return undefined;
    default:
      return id satisfies never;
  }
}

const made = new Map<string, Translation>();

/** Between two dialects; one for each pair, made when first asked for. */
export async function translationBetween(
  caller: DialectId,
  target: DialectId,
): Promise<Translation | undefined> {
  const pair = `${caller} ${target}`;
  let found = made.get(pair);
  if (found === undefined) {
    const [{ translation }, from, to] = await Promise.all([
      import('./on-demand.ts'),
      codecFor(caller),
      codecFor(target),
    ]);
    if (from === undefined || to === undefined) return undefined;
    found = translation(from, to);
    made.set(pair, found);
  }
  return found;
}
