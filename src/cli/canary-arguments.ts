import type { Source } from './open-state.ts';
import { unknownAction } from './unknown-action.ts';
import { Wrong } from './wrong.ts';

/** What is asked of the canaries of one name. */
export type AskedOfCanary = {
  readonly name: string;
  /** Which of several definitions is meant. */
  readonly definition: string | undefined;
} & (
  | { readonly action: 'status' }
  | { readonly action: 'abort' | 'promote'; readonly by: string; readonly reason: string }
);

/** What is asked, and of which store. */
export type CanaryCommand = AskedOfCanary & { readonly source: Source };

interface Given {
  readonly by?: string;
  readonly reason?: string;
  readonly definition?: string;
}

const longest = { by: 128, reason: 512 };

/** @param words behind `canary`. @throws {@link Wrong} */
export function canaryCommandOf(words: readonly string[], { by, reason, definition }: Given): AskedOfCanary {
  const [action = '', name = ''] = words;
  if (action !== 'status' && action !== 'abort' && action !== 'promote')
    throw new Wrong(unknownAction('canary', action, ['status', 'abort', 'promote']));
  const usage = `\`managed-llm canary ${action} NAME${action === 'status' ? '' : ' --by WHO'} …\``;
  if (words.length !== 2 || name === '') throw new Wrong(`Write ${usage}.`);
  if (action === 'status') {
    if ((by ?? reason) === undefined) return { action, name, definition };
    throw new Wrong(`\`--by\` and \`--reason\` are for those who end a canary: write ${usage}.`);
  }
  if (by === undefined) throw new Wrong(`Nothing says who it is, for the history: write ${usage}.`);
  if (by.length > longest.by) throw new Wrong(`\`--by\` may have ${longest.by} characters.`);
  if (reason !== undefined && reason.length > longest.reason)
    throw new Wrong(`\`--reason\` may have ${longest.reason} characters.`);
  return { action, name, definition, by, reason: reason ?? 'by hand' };
}
