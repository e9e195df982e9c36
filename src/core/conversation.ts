import type { Call } from './call.ts';
import { hashOf } from './hash.ts';

/** Beginnings that differ later than this are one conversation: what a provider has cached begins alike. */
const mostCharacters = 8_192;

/** What ends a conversation's beginning: from here on it grows. */
const answers = new Set(['assistant', 'tool', 'model', 'function']);

/**
 * What tells a conversation from others, the same for all its turns: the conversation's own id where a provider holds
 * it, else its beginning, all that is said before the first answer. `undefined` where the request does not tell: one that
 * names only the turn before (`previous_response_id`), and one without texts.
 */
export function conversationKey(call: Call): number | undefined {
  const { body } = call;
  if (typeof body !== 'object' || body === null) return undefined;
  const kept = keys.get(body);
  if (kept !== undefined) return kept.key;
  const key = keyOf(call, body);
  keys.set(body, { key });
  return key;
}

/** A rule inside a rule is asked several times for one call. */
const keys = new WeakMap<object, { readonly key: number | undefined }>();

function keyOf({ dialect }: Call, body: object): number | undefined {
  const held = dialect.request.held?.(body, 'passthrough')?.path;
  if (held !== undefined) {
    const id = idAt(body, held);
    return id === undefined ? undefined : hashOf(id);
  }
  let key = hashOf('');
  let characters = 0;
  let answered = false;
  dialect.request.mapTexts(body, (text, role) => {
    answered ||= answers.has(role);
    if (!answered && characters < mostCharacters) {
      const part = text.slice(0, mostCharacters - characters);
      characters += part.length;
      // Who says it, and where it ends, count too.
      key = hashOf(`${role}\u0000${part}\u0000`, key);
    }
    return text;
  });
  return characters === 0 ? undefined : key;
}

/** `conversation: 'conv_1'` and `thread: { id: 'th_1' }`, also inside `extras`. Turns have ids too, but each its own. */
function idAt(body: object, path: string): string | undefined {
  if (path.endsWith('previous_response_id')) return undefined;
  let value: unknown = body;
  for (const key of path.split('.')) value = memberOf(value, key);
  const id = memberOf(value, 'id') ?? value;
  return typeof id === 'string' ? id : undefined;
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
