import { asRecord, asText, items, member } from '../record.ts';

/**
 * Content with the next piece of it. Pieces are text, or lists of parts as Mistral streams them beside text; parts of
 * one kind that follow each other are one part.
 */
export function grownContent(before: unknown, added: unknown): unknown {
  if (added === undefined || added === null || added === '') return before ?? added;
  if (before === undefined || before === null || before === '') {
    return Array.isArray(added) ? grownParts([], items(added)) : added;
  }
  if (typeof before === 'string' && typeof added === 'string') return before + added;
  return grownParts(partsOf(before), partsOf(added));
}

function partsOf(content: unknown): readonly unknown[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : items(content);
}

function grownParts(before: readonly unknown[], added: readonly unknown[]): readonly unknown[] {
  const parts = [...before];
  for (const part of added) {
    const last = parts.at(-1);
    const type = asText(member(part, 'type'));
    const follows = type !== undefined && type === asText(member(last, 'type'));
    if (follows && type === 'text') {
      const text = (asText(member(last, 'text')) ?? '') + (asText(member(part, 'text')) ?? '');
      parts[parts.length - 1] = { ...asRecord(last), ...asRecord(part), text };
    } else if (follows && type === 'thinking') {
      const thinking = grownContent(member(last, 'thinking'), member(part, 'thinking'));
      parts[parts.length - 1] = { ...asRecord(last), ...asRecord(part), thinking };
    } else parts.push(part);
  }
  return parts;
}
