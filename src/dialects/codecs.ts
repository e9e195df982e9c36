import type { DialectId } from '../core/dialect.ts';
import type { Codec } from './neutral/codec.ts';

/** The codec of a dialect, loaded when first asked for. `undefined` for those that are not translated. */
export async function codecFor(id: DialectId): Promise<Codec | undefined> {
  switch (id) {
    case 'openai-chat':
      return (await import('./openai-chat/translation.ts')).openaiChatCodec;
    case 'openai-responses':
      return (await import('./openai-responses/translation.ts')).openaiResponsesCodec;
    case 'anthropic-messages':
      return (await import('./anthropic-messages/translation.ts')).anthropicMessagesCodec;
    case 'neutral':
      return (await import('./neutral/translation.ts')).neutralCodec;
    case 'openai-embeddings':
    case 'passthrough':
      return undefined;
    default:
      return id satisfies never;
  }
}
