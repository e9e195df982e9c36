import type { Dialect } from '../../../core/dialect.ts';
import type { ItemAnswer, ItemsLens, RequestItem } from '../../../core/items-lens.ts';
import type { ToldAnswer } from '../../../core/reply.ts';
import type { Settlement } from '../../../core/settlement.ts';
import type { Target } from '../../../core/target.ts';
import type { Entry, EntryHead } from '../entry.ts';
import { toldOf } from '../replay.ts';
import { sharesOf } from './shares.ts';

/** The answer to one item, and its share of what it was bought for. */
export interface ItemVector extends ItemAnswer {
  readonly target: Target | undefined;
  readonly servedModel: string | undefined;
  /** `undefined`: the provider did not say. */
  readonly inputTokens: number | undefined;
  /** `undefined`: a price or a usage was not known. */
  readonly costNanoUsd: number | undefined;
}

/** An item, and what it is known by. */
export interface KeyedItem extends RequestItem {
  readonly key: string;
}

/**
 * What a reply holds for the items that it was asked for, by their keys. `undefined` where it is not one answer to each.
 *
 * @param items as they were sent
 */
export function vectorsIn(
  { reply }: Pick<Dialect, 'reply'>,
  lens: ItemsLens,
  items: readonly KeyedItem[],
  json: unknown,
  { target, servedModel, costNanoUsd }: Pick<Settlement, 'target' | 'servedModel' | 'costNanoUsd'>,
): ReadonlyMap<string, ItemVector> | undefined {
  const answers = lens.answers(json, items.length);
  if (answers === undefined) return undefined;
  const weights = items.map(({ bytes }) => bytes);
  const shares = (total: number | undefined): readonly number[] | undefined =>
    total === undefined ? undefined : sharesOf(total, weights);
  const [tokens, costs] = [shares(reply.usage(json)?.inputTokens), shares(costNanoUsd)];
  return new Map(
    items.flatMap(({ key }, at) => {
      const answer = answers[at];
      const bought = { target, servedModel, inputTokens: tokens?.[at], costNanoUsd: costs?.[at] };
      return answer === undefined ? [] : [[key, { ...answer, ...bought }] as const];
    }),
  );
}

/** @param head of what it was bought with */
export function entryOf(head: EntryHead, { size, text, inputTokens, costNanoUsd }: ItemVector): Entry {
  const usage = inputTokens === undefined ? undefined : ({ inputTokens, provenance: 'reported' } as const);
  return { head: { ...head, usage, costNanoUsd }, body: `${size}\n${text}` };
}

/** `undefined` for what is kept otherwise. */
export function vectorOf({ head, body }: Entry): ItemVector | undefined {
  const end = body.indexOf('\n');
  const size = Number(body.slice(0, Math.max(0, end)));
  if (!Number.isSafeInteger(size) || size < 1) return undefined;
  const { target, servedModel, usage } = toldOf(head);
  const { inputTokens } = usage ?? {};
  return { text: body.slice(end + 1), size, target, servedModel, inputTokens, costNanoUsd: head.costNanoUsd };
}

/** One reply to a whole request, its vectors in the order of its items, with what the whole has cost in tokens. */
export function replyOf(
  lens: ItemsLens,
  items: readonly KeyedItem[],
  vectors: ReadonlyMap<string, ItemVector>,
): { readonly text: string; readonly told: ToldAnswer } {
  const inOrder = items.flatMap(({ key }) => vectors.get(key) ?? []);
  if (inOrder.length < items.length) throw new TypeError('A vector is missing in what was put together.');
  const [first] = inOrder;
  const { target, servedModel } = first ?? {};
  const inputTokens = sumOf(inOrder.map((vector) => vector.inputTokens));
  const texts = inOrder.map(({ text }) => text);
  const usage = inputTokens === undefined ? undefined : ({ inputTokens, provenance: 'reported' } as const);
  return {
    text: lens.reply(texts, { model: servedModel, inputTokens }),
    told: { usage, servedModel, target },
  };
}

/** `undefined` as soon as one is not known. */
export function sumOf(counts: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const count of counts) {
    if (count === undefined) return undefined;
    sum += count;
  }
  return sum;
}
