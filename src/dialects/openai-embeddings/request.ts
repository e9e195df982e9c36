import type { RequestLens } from '../../core/dialect.ts';
import { canonicalJson } from '../canonical-json.ts';
import { asRecord, asText, changeItems, changeMember, items, member, withMember } from '../record.ts';
import { RequestSize } from '../request-size.ts';
import { changeText } from '../text-leaves.ts';

const noPartOfTheKey = new Set(['user', 'metadata', 'safety_identifier']);

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
  sizeHint(body) {
    const input = member(body, 'input');
    const size = new RequestSize().turns(input).partial(asRecord(body) === undefined);
    size.characters += 4 * tokensIn(input);
    return size.hint();
  },
  fingerprint: (body) => canonicalJson(body, noPartOfTheKey),
  askForUsage: () => undefined,
};

/** Input may be token numbers, or lists of them; a token stands for about four characters. */
function tokensIn(input: unknown): number {
  let tokens = 0;
  for (const item of items(input)) tokens += typeof item === 'number' ? 1 : tokensInList(item);
  return tokens;
}

function tokensInList(list: unknown): number {
  return items(list).filter((item) => typeof item === 'number').length;
}
