import { invalidOption } from '../core/parse-options.ts';
import { defined } from '../dialects/openai-chat/members.ts';
import { asRecord, type JsonRecord } from '../dialects/record.ts';

/** Members that hold the prompt's own settings among others: what is said beside them leaves them as they are. */
const joined = ['text', 'reasoning', 'output_config'] as const;

/** A name of {@link joined}. */
export type JoinedMember = (typeof joined)[number];

/**
 * A body of a prompt with further members, those in place of the prompt's own where it has such, and with turns behind the
 * prompt's. A member that is `undefined` says nothing.
 *
 * @param name of the prompt, in a message
 * @throws `invalid-options` for instructions beside the prompt's, and for turns that are no list
 */
export function withExtra(
  name: string,
  own: JsonRecord,
  given: unknown,
  turns: 'messages' | 'input',
): JsonRecord {
  if (given === undefined) return own;
  const said = asRecord(given);
  if (said === undefined)
    throw invalidOption(`${name}.extra`, 'must be an object: the further members of the body');
  for (const instructions of ['system', 'instructions'])
    if (said[instructions] !== undefined)
      throw invalidOption(`${name}.${instructions}`, 'stands in the prompt, as a message of role "system"');
  const { [turns]: further, ...others } = said;
  const body: Record<string, unknown> = { ...own, ...defined(others) };
  for (const member of joined) {
    const mine = asRecord(own[member]);
    const theirs = asRecord(others[member]);
    if (mine !== undefined && theirs !== undefined) body[member] = { ...mine, ...defined(theirs) };
  }
  if (further !== undefined) body[turns] = [...listOf(own[turns]), ...turnsOf(further, `${name}.${turns}`)];
  return body;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text stands for one turn of the user. */
function turnsOf(value: unknown, path: string): readonly unknown[] {
  if (typeof value === 'string') return [{ role: 'user', content: value }];
  if (Array.isArray(value)) return value;
  throw invalidOption(
    path,
    'must be a list of messages, which follow those of the prompt, or a text of the user',
  );
}
