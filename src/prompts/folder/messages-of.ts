import type { PromptMessage } from '../definition.ts';
import { wrongFile } from './wrong-file.ts';

const begins = /^(system|developer|user|assistant):[ \t]*$/;
const escaped = /^\\(?=\\*(system|developer|user|assistant):[ \t]*$)/;

/** The messages that a text is made of: lines such as `user:` begin them. Blank lines round them are not theirs. */
export function messagesOf(path: string, text: string): readonly PromptMessage[] {
  const messages: { role: PromptMessage['role']; lines: string[] }[] = [];
  const before: string[] = [];
  for (const line of text.split('\n')) {
    const role = begins.exec(line)?.[1] as PromptMessage['role'] | undefined;
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
