import type { RequestLens } from '../../core/dialect.ts';
import { canonicalText } from '../canonical-text.ts';
import { asText, changeItems, changeMember, member, withMember } from '../record.ts';
import { changeText } from '../text-leaves.ts';
import { measure } from './measure.ts';
import { silentToEmbeddings } from './silent.ts';

/** OpenAI API reference, "Create embeddings", November 2026: `input` is text, texts, or tokens. */
export const request: RequestLens = {
  isStream: () => false,
  model: (body) => asText(member(body, 'model')) ?? '',
  withModel: (body, model) => withMember(body, 'model', model),
  withStream: (body) => body,
  mapTexts(body, map) {
    const change = (text: string): string => map(text, 'user');
    return changeMember(body, 'input', (input) =>
      typeof input === 'string' ? change(input) : changeItems(input, (item) => changeText(item, change)),
    );
  },
  /** An embedding takes no instructions. */
  withInstruction: (body) => body,
  /** An embedding generates no tokens. */
  maxOutputTokens: () => undefined,
  withMaxOutputTokens: (body) => body,
  measure,
  fingerprint: (body) => canonicalText(body, silentToEmbeddings),
  askForUsage: () => undefined,
};
