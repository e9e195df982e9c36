import type { LastQuestion } from '../core/dialect.ts';
import { asText, changeItems, changeMember, items, member } from './record.ts';

/**
 * The words of the last of a request's turns, if it is the user's.
 *
 * @param turns the member with the turns
 * @param part the type of those parts of a turn that are its words
 */
export function lastQuestion(
  body: unknown,
  turns: 'messages' | 'input',
  part: 'text' | 'input_text',
): LastQuestion | undefined {
  const last = items(member(body, turns)).length - 1;
  const texts: string[] = [];
  const frame = changeMember(body, turns, (all) =>
    changeItems(all, (turn, index) => (index === last ? withoutWords(turn, part, texts) : turn)),
  );
  const text = texts.join('\n');
  return text.trim() === '' ? undefined : { text, frame };
}

/** @param texts gets the words */
function withoutWords(turn: unknown, part: string, texts: string[]): unknown {
  if (member(turn, 'role') !== 'user') return turn;
  const take = (content: unknown): unknown => {
    const text = asText(content);
    if (text === undefined) return content;
    texts.push(text);
    return '';
  };
  return changeMember(turn, 'content', (content) =>
    typeof content === 'string'
      ? take(content)
      : changeItems(content, (item) =>
          member(item, 'type') === part ? changeMember(item, 'text', take) : item,
        ),
  );
}
