import { canonical, hash, isRecord } from '../translation/wire.ts';
import type { Format } from './finder.ts';

/** What does not shape an answer, as the documentation says: how it is delivered, who asks, and hints for prompt caches. */
const unshaping: Readonly<Record<Format, readonly string[]>> = {
  chat: openAIsOwn('stream', 'stream_options'),
  responses: openAIsOwn('stream', 'stream_options'),
  messages: ['stream', 'metadata', 'user_profile_id', 'workspace_id', 'diagnostics'],
  embeddings: ['user', 'metadata', 'safety_identifier'],
  neutral: ['endUserId', 'maxSteps'],
};

function openAIsOwn(...more: readonly string[]): readonly string[] {
  const caching = ['prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention'];
  return ['user', 'metadata', 'safety_identifier', ...caching, ...more];
}

/**
 * Text that two bodies share exactly where they ask for the same: what goes over the wire, but for what does not shape it.
 *
 * @param sent what went over the wire, where that is of the same format
 */
export function saidBy(format: Format, body: object, sent: string | undefined): string {
  const said = JSON.parse(sent ?? JSON.stringify(body)) as Record<string, unknown>;
  // Models go over the wire by their own names, without that of who is asked.
  said['model'] = (body as { readonly model?: unknown }).model;
  for (const name of unshaping[format]) delete said[name];
  return canonical(format === 'neutral' ? shortened(said) : said);
}

const formatsOfExtras: Readonly<Record<string, Format>> = {
  'openai-chat': 'chat',
  'openai-responses': 'responses',
  'anthropic-messages': 'messages',
};

/** A text stands for one message of the user; extras are members of their own format, and without members none. */
function shortened(said: Readonly<Record<string, unknown>>): object {
  const { messages, extras, ...rest } = said;
  const turns = typeof messages === 'string' ? [{ role: 'user', content: messages }] : messages;
  if (!isRecord(extras)) return { ...rest, messages: turns, ...(extras === undefined ? {} : { extras }) };
  const shaping = Object.entries(extras).flatMap(([dialect, members]) => {
    const format = Object.hasOwn(formatsOfExtras, dialect) ? formatsOfExtras[dialect] : undefined;
    if (format === undefined || !isRecord(members)) return [[dialect, members] as const];
    const kept = Object.entries(members).filter(([name]) => !unshaping[format].includes(name));
    return kept.length === 0 ? [] : [[dialect, Object.fromEntries(kept)] as const];
  });
  return {
    ...rest,
    messages: turns,
    ...(shaping.length === 0 ? {} : { extras: Object.fromEntries(shaping) }),
  };
}

/** Requests and their keys: whoever asks for the same has the same key, and nobody else. */
export class Sameness {
  /** By their keys, what those who had them asked for, as a hash, and what that was. */
  readonly #byKey = new Map<string, { readonly said: string; readonly what: string }>();
  readonly #bySaid = new Map<string, string>();

  /**
   * What is wrong with this pair, beside those seen before.
   *
   * @param what it is, for a message
   */
  fault(text: string, key: string, what: string): string | undefined {
    const said = hash(text);
    const other = this.#byKey.get(key);
    const known = this.#bySaid.get(said);
    this.#byKey.set(key, { said, what });
    this.#bySaid.set(said, key);
    if (other !== undefined && other.said !== said) return `shares its key with ${other.what}`;
    return known !== undefined && known !== key ? 'has two keys' : undefined;
  }
}
