import type { RequestMeasure } from '../../core/estimates.ts';
import { asRecord, asText, items, member } from '../record.ts';
import { measured, RequestTally } from '../request-tally.ts';
import { silentMembers } from '../silent-members.ts';

const known = new Set([...silentMembers, 'input', 'dimensions', 'encoding_format']);

/** OpenAI API reference, "Create embeddings", November 2026: `input` is text, texts, or tokens. */
export function measure(body: unknown): RequestMeasure {
  return measured((collected) => tally(body, collected), {
    serviceTier: asText(member(body, 'service_tier')),
  });
}

function tally(body: unknown, collected: string[] | undefined): RequestTally {
  const size = new RequestTally(collected);
  const input = member(body, 'input');
  if (!Array.isArray(input)) size.conversation(input);
  else if (typeof items(input)[0] === 'number') {
    size.messages = 1;
    size.tokens = items(input).length;
  } else for (const item of items(input)) addInput(size, item);
  return size.others(body, known).partial(asRecord(body) === undefined);
}

/** One of several inputs: a text, or tokens by their numbers. */
function addInput(size: RequestTally, item: unknown): void {
  if (!Array.isArray(item)) {
    size.conversation([item]);
    return;
  }
  size.messages++;
  for (const token of items(item)) {
    if (typeof token === 'number') size.tokens++;
    else size.turns(token);
  }
}
