import {
  asRecord,
  asText,
  changeItems,
  changeMember,
  depthLimit,
  items,
  member,
  withoutMembers,
} from '../record.ts';

/**
 * Members of wire formats with something that was written to be read, wherever they stand: summaries of reasoning,
 * transcripts of sound, titles of documents. The names are those that the lenses of the wire formats change.
 */
const texts = new Set([
  'text',
  'content',
  'refusal',
  'thinking',
  'reasoning',
  'reasoning_content',
  'summary',
  'transcript',
  'title',
  'context',
]);

/** Changes the texts in the `extras` of a message, a part, a reply or an event; names may be paths with dots. */
export function changeExtraTexts(holder: unknown, change: (text: string) => string): unknown {
  return changeMember(holder, 'extras', (extras) => changeNamed(extras, change, 0));
}

/** Without log probabilities in its `extras`: they spell a text out token by token, and would tell the old one. */
export function withoutLogprobs(holder: unknown): unknown {
  return changeMember(holder, 'extras', (extras) => {
    let changed = extras;
    for (const dialect of Object.keys(asRecord(extras) ?? {})) {
      changed = changeMember(changed, dialect, (members) =>
        withoutMembers(members, ...Object.keys(asRecord(members) ?? {}).filter(isLogprobs)),
      );
    }
    return changed;
  });
}

/** The text that log probabilities in its `extras` spell out; `''` where there are none. */
export function spelledByLogprobs(holder: unknown): string {
  return Object.values(asRecord(member(holder, 'extras')) ?? {})
    .flatMap((members) => Object.entries(asRecord(members) ?? {}))
    .map(([name, value]) => (isLogprobs(name) ? spelled(value) : ''))
    .join('');
}

/** Chat lists tokens by `content` and `refusal`, Responses at once. */
function spelled(logprobs: unknown): string {
  const lists = Array.isArray(logprobs) ? [logprobs] : Object.values(asRecord(logprobs) ?? {});
  return lists.flatMap((list) => items(list).map((entry) => asText(member(entry, 'token')) ?? '')).join('');
}

function isLogprobs(name: string): boolean {
  return lastWord(name) === 'logprobs';
}

function changeNamed(value: unknown, change: (text: string) => string, depth: number): unknown {
  if (depth > depthLimit) return value;
  if (Array.isArray(value)) return changeItems(value, (item) => changeNamed(item, change, depth + 1));
  let changed: unknown = value;
  for (const name of Object.keys(asRecord(value) ?? {})) {
    changed = changeMember(changed, name, (content) =>
      texts.has(lastWord(name)) && typeof content === 'string'
        ? change(content)
        : changeNamed(content, change, depth + 1),
    );
  }
  return changed;
}

function lastWord(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
