import { asCount, items, member } from '../record.ts';

/**
 * The vectors of an answer whose `encoding_format` is `float`, in the order of the texts, whatever the order they come in.
 * OpenAI API reference, "The embedding object", November 2026.
 */
export function vectorsOf(json: unknown): readonly (readonly number[])[] {
  return items(member(json, 'data'))
    .map((row, at) => ({ row, index: asCount(member(row, 'index')) ?? at }))
    .toSorted((a, b) => a.index - b.index)
    .map(({ row }) => items(member(row, 'embedding')).filter((value) => typeof value === 'number'));
}
