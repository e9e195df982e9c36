import { hash } from 'node:crypto';
import { frozen } from '../../core/frozen.ts';
import type { Usage } from '../../core/usage.ts';

/** Of what is stored. What another version wrote is not found. */
export const entryVersion = 2;

/** A question, and all it was asked in. */
export interface AskedQuestion {
  readonly question: string;
  /** All but its words, as a key: only who has this in common may be given the answer. */
  readonly context: string;
}
export type Tag = readonly [name: string, value: string];

/** Whether an answer is kept under a tag. */
export function hasTag(
  { tags, otherTags = [] }: Pick<EntryHead, 'otherTags'> & Partial<Pick<EntryHead, 'tags'>>,
  name: string,
  value: string,
): boolean {
  return tags?.[name] === value || otherTags.some((tag) => tag[0] === name && tag[1] === value);
}

/** What is known of a kept answer. */
export interface EntryHead {
  readonly version: typeof entryVersion;
  /** When the call began that bought it. Epoch milliseconds. */
  readonly at: number;
  /** Until when it is fresh, and until when it is given at all. Epoch milliseconds. */
  readonly freshUntil: number;
  readonly staleUntil: number;
  /** `plain`: the body is JSON; `events`: it is a stream, as it went over the wire. */
  readonly form: 'plain' | 'events';
  readonly dialect: string;
  /** As asked for. */
  readonly model: string;
  /** What brought it, `provider/model`. */
  readonly target: string | undefined;
  readonly servedModel: string | undefined;
  readonly stopReason: string | undefined;
  readonly usage: Usage | undefined;
  readonly costNanoUsd: number | undefined;
  readonly durationMs: number;
  readonly tenant: string | undefined;
  readonly tags: Readonly<Record<string, string>> | undefined;
  /** Those of other calls that shared it on its way, and keep answers. */
  readonly otherTags?: readonly Tag[];
  /** What was asked, where it is to be compared with what others ask. */
  readonly asked?: AskedQuestion;
}

export interface Entry {
  readonly head: EntryHead;
  readonly body: string;
}

/** A checksum, the head and the body, each from one line on. */
export function encodeEntry(key: string, { head, body }: Entry): string {
  const rest = `${JSON.stringify(head)}\n${body}`;
  return `${checksum(key, rest)}\n${rest}`;
}

/** `undefined` for what is cut short, changed, kept for another key, of another version, or nothing of ours. */
export function decodeEntry(key: string, stored: unknown): Entry | undefined {
  if (typeof stored !== 'string') return undefined;
  const first = stored.indexOf('\n');
  const second = stored.indexOf('\n', first + 1);
  if (first < 0 || second < 0) return undefined;
  if (stored.slice(0, first) !== checksum(key, stored.slice(first + 1))) return undefined;
  try {
    const head: EntryHead = frozen(JSON.parse(stored.slice(first + 1, second)));
    return head.version === entryVersion ? { head, body: stored.slice(second + 1) } : undefined;
  } catch {
    return undefined;
  }
}

/** Of the key too: an answer that lies under another one is not given as the answer to that. */
function checksum(key: string, text: string): string {
  return hash('sha256', `${key}\n${text}`, 'base64url').slice(0, 16);
}
