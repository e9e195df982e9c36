import type { ItemAnswer, ItemsLens, RequestItem } from '../../core/items-lens.ts';
import { canonicalText } from '../canonical-text.ts';
import { items as itemsOf, member, withMember, withoutMembers } from '../record.ts';
import { silentToEmbeddings } from './silent.ts';

const noPartOfTheFrame = new Set([...silentToEmbeddings, 'input']);
/** Tokens are seldom of fewer bytes than this, in the languages that most is written in. */
const bytesPerToken = 4;

/**
 * OpenAI API reference, "Create embeddings" and "The embedding object", November 2026: `input` is a text, texts, a list of
 * tokens, or lists of tokens; each gets a row of `data` with its place as `index`. Servers that speak like it leave that out
 * of every row: they answer in order.
 */
export const items: ItemsLens = {
  split(body) {
    // Jina's `late_chunking` (its API reference, November 2026) embeds all texts as one, each in the light of the others.
    if (member(body, 'late_chunking')) return undefined;
    const input = member(body, 'input');
    const values = isTokens(input) || typeof input === 'string' ? [input] : itemsOf(input);
    const split = values.flatMap((value) => itemOf(value) ?? []);
    if (split.length === 0 || split.length < values.length) return undefined;
    const frame = canonicalText(body, noPartOfTheFrame);
    return frame === undefined ? undefined : { frame, items: split };
  },
  withItems: (body, values) => withMember(body, 'input', values),
  answers(json, count) {
    const rows = itemsOf(member(json, 'data'));
    if (rows.length !== count) return undefined;
    const isInOrder = rows.every((row) => member(row, 'index') === undefined);
    const answers = new Map<number, ItemAnswer>();
    for (const [at, row] of rows.entries()) {
      const index = isInOrder ? at : member(row, 'index');
      const size = sizeOf(member(row, 'embedding'));
      if (typeof index !== 'number' || size === undefined) return undefined;
      answers.set(index, { text: JSON.stringify(withoutMembers(row, 'index')), size });
    }
    const inOrder = rows.flatMap((_, index) => answers.get(index) ?? []);
    const isOfOneSize = inOrder.every(({ size }) => size === inOrder[0]?.size);
    return inOrder.length === count && isOfOneSize ? inOrder : undefined;
  },
  reply(texts, { model, inputTokens }) {
    const rows = texts.map((text, index) => `{"index":${index},${text.slice(1)}`);
    const usage =
      inputTokens === undefined
        ? ''
        : `,"usage":{"prompt_tokens":${inputTokens},"total_tokens":${inputTokens}}`;
    const told = model === undefined ? '' : `,"model":${JSON.stringify(model)}`;
    return `{"object":"list","data":[${rows.join(',')}]${told}${usage}}`;
  },
};

function itemOf(value: unknown): RequestItem | undefined {
  if (typeof value === 'string')
    return { value, text: JSON.stringify(value), bytes: Buffer.byteLength(value) };
  if (isTokens(value)) return { value, text: JSON.stringify(value), bytes: value.length * bytesPerToken };
  return undefined;
}

function isTokens(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every((token) => Number.isSafeInteger(token));
}

/** Numbers, or the bytes of floats as base64. `undefined` for what is no vector, or an empty one. */
function sizeOf(embedding: unknown): number | undefined {
  const isVector =
    typeof embedding === 'string' ||
    (Array.isArray(embedding) && embedding.every((value) => typeof value === 'number'));
  return isVector && embedding.length > 0 ? embedding.length : undefined;
}
