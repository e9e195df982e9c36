import type { PromptMessage } from '../definition.ts';
import { wrongFile } from './wrong-file.ts';

const begins = /^(system|developer|user|assistant):[ \t]*$/;
/** What would begin a message, but for how it is written: it would be sent as a text of the message before it. */
const nearly = /^(system|developer|user|assistant)[ \t]*:[ \t]*$|^(system|developer)[ \t]*:/i;
const escaped = /^\\(?=\\*((system|developer|user|assistant)[ \t]*:[ \t]*$|(system|developer)[ \t]*:))/i;

/**
 * The messages that a text is made of: lines such as `user:` begin them. Blank lines round them are not theirs.
 *
 * @param firstLine number of its first line in the file
 * @throws `prompt-invalid` for text before them, and for lines that look as if they were to begin one
 */
export function messagesOf(path: string, text: string, firstLine: number): readonly PromptMessage[] {
  const messages: { role: PromptMessage['role']; lines: string[] }[] = [];
  const before: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const role = begins.exec(line)?.[1] as PromptMessage['role'] | undefined;
    if (role === undefined && nearly.test(line))
      throw wrongFile(
        path,
        `has a line ${firstLine + index} that begins no message, and looks as if it was to: write the role alone and small, as \`system:\`, or \`\\\` before the line where it is a text`,
      );
    if (role !== undefined) messages.push({ role, lines: [] });
    else (messages.at(-1)?.lines ?? before).push(line.replace(escaped, ''));
  }
  if (messages.length === 0) messages.push({ role: 'user', lines: before });
  else if (before.some((line) => line.trim() !== ''))
    throw wrongFile(
      path,
      'has text before its first message: begin it with a line `system:`, or write such a line in a text as `\\user:`',
    );
  return messages.map(({ role, lines }) => ({ role, content: withoutBlankEnds(lines).join('\n') }));
}

function withoutBlankEnds(lines: readonly string[]): readonly string[] {
  const isText = (line: string): boolean => line.trim() !== '';
  const last = lines.findLastIndex(isText);
  return last < 0 ? [] : lines.slice(lines.findIndex(isText), last + 1);
}
