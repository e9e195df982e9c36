import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import { promptOfDefinition } from '../define-prompt.ts';
import type { PromptDefinition } from '../definition.ts';
import { isDraft } from '../registry/natural-order.ts';
import { isMarkdown, named } from './file-names.ts';
import { messagesOf } from './messages-of.ts';
import { readYaml } from './read-yaml.ts';
import { wrongFile } from './wrong-file.ts';

/**
 * The definition that a file holds.
 *
 * @param path from the folder
 * @param used partials that it takes in, by {@link usedOf}
 * @throws `prompt-invalid` with the path
 */
export async function definitionOf(
  path: string,
  text: string,
  used: Readonly<Record<string, string>>,
): Promise<PromptDefinition> {
  const given = isMarkdown(path) ? await ofMarkdown(path, text) : await readYaml(path, text);
  const { name, version } = named(path);
  const definition = {
    ...given,
    ...(Object.keys(used).length === 0 ? {} : { partials: { ...used, ...partialsOf(given) } }),
    name: agreed(path, 'name', given['name'], name),
    version: agreed(path, 'version', given['version'], version),
  };
  if (typeof definition.version === 'string' && isDraft(definition.version))
    throw wrongFile(path, 'has a version that begins with `draft-`: those are for files without one');
  try {
    const { hash } = promptOfDefinition({
      ...definition,
      version: definition.version ?? 'draft',
    } as PromptDefinition);
    return { ...definition, version: definition.version ?? `draft-${hash}` } as PromptDefinition;
  } catch (thrown) {
    if (!ManagedLLMError.isInstance(thrown)) throw thrown;
    throw wrongFile(path, `is wrong: ${thrown.message.replace(/\.$/, '')}`, thrown);
  }
}

/** Blanks behind it and blank lines before it are not seen in an editor. */
const fence = /^(?:[ \t]*\n)*---[ \t]*\n/;

async function ofMarkdown(path: string, text: string): Promise<Readonly<Record<string, unknown>>> {
  const begin = fence.exec(text)?.[0];
  if (begin === undefined) return { messages: messagesOf(path, text, 1) };
  const body = text.slice(begin.length);
  const end = /^---[ \t]*(\n|$)/m.exec(body);
  if (end === null) throw wrongFile(path, 'opens a front matter that nothing closes: end it by a line `---`');
  const front = body.slice(0, end.index);
  // Lines are told as they are counted in the file.
  const before = '\n'.repeat(linesOf(begin));
  const given = front.trim() === '' ? {} : await readYaml(path, before + front);
  for (const member of ['messages', 'template'])
    if (Object.hasOwn(given, member))
      throw wrongFile(
        path,
        `has \`${member}\` in its front matter: in Markdown, what follows it is the messages`,
      );
  const ended = end.index + end[0].length;
  const line = linesOf(begin) + linesOf(body.slice(0, ended)) + 1;
  return { ...given, messages: messagesOf(path, body.slice(ended), line) };
}

function linesOf(text: string): number {
  return text.split('\n').length - 1;
}

/** What the file says and what its path says, if they are the same. */
function agreed(path: string, member: string, said: unknown, byPath: string | undefined): unknown {
  if (said === undefined || byPath === undefined) return said ?? byPath;
  // A name of digits is a number of YAML.
  if (said === byPath || (typeof said === 'number' && String(said) === byPath)) return byPath;
  throw wrongFile(
    path,
    `says \`${member}: ${String(said)}\`, and its path says \`${byPath}\`: leave it out of the file, or move it`,
  );
}

/** Those that a text takes in, and that these take in. What is no tag is told where the template is read. */
export function usedOf(
  text: string,
  partials: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const used: Record<string, string> = {};
  const take = (from: string): void => {
    for (const [, name = ''] of from.matchAll(/\{\{>\s*(\w+)\s*\}\}/g)) {
      const partial = Object.hasOwn(partials, name) ? partials[name] : undefined;
      if (partial === undefined || Object.hasOwn(used, name)) continue;
      used[name] = partial;
      take(partial);
    }
  };
  take(text);
  return used;
}

function partialsOf({ partials }: Readonly<Record<string, unknown>>): object {
  return typeof partials === 'object' && partials !== null ? partials : {};
}
