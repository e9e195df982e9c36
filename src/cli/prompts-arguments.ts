import type { Source } from './open-state.ts';
import { unknownAction } from './unknown-action.ts';
import { Wrong } from './wrong.ts';

/** What is asked of the labels of one prompt. */
export type AskedOfPrompts =
  | { readonly action: 'labels' | 'versions' | 'history'; readonly name: string }
  | { readonly action: 'diff'; readonly name: string; readonly from: string; readonly to: string }
  | ({ readonly action: 'label'; readonly label: string; readonly version: string } & Mover)
  | ({ readonly action: 'rollback' | 'unlabel'; readonly label: string } & Mover);

interface Mover {
  readonly name: string;
  readonly by: string;
  readonly note?: string;
}

/** What is asked, and of which store. */
export type PromptsCommand = AskedOfPrompts & { readonly source: Source };

/** What each takes, for messages. */
const actions = {
  labels: ['NAME'],
  versions: ['NAME'],
  history: ['NAME'],
  diff: ['NAME', 'VERSION', 'VERSION'],
  label: ['NAME', 'LABEL', 'VERSION'],
  rollback: ['NAME', 'LABEL'],
  unlabel: ['NAME', 'LABEL'],
} as const;

/** @param words behind `prompts`. @throws {@link Wrong} */
export function promptsCommandOf(
  words: readonly string[],
  { by, note }: { readonly by: string | undefined; readonly note: string | undefined },
): AskedOfPrompts {
  const [action = '', name = '', second = '', third = ''] = words;
  if (!isAction(action)) throw new Wrong(unknownAction('prompts', action, Object.keys(actions)));
  const takes = actions[action];
  const moves = action === 'label' || action === 'rollback' || action === 'unlabel';
  const usage = `\`managed-llm prompts ${[action, ...takes].join(' ')}${moves ? ' --by WHO' : ''} …\``;
  if (words.length !== takes.length + 1 || words.includes('')) throw new Wrong(`Write ${usage}.`);
  if (!moves && (by ?? note) !== undefined)
    throw new Wrong(`\`--by\` and \`--note\` are for those who move a label: write ${usage}.`);
  if (action === 'diff') return { action, name, from: second, to: third };
  if (!moves) return { action, name };
  if (by === undefined) throw new Wrong(`Nothing says who it is, for the history: write ${usage}.`);
  const mover = { name, label: second, by, ...(note === undefined ? {} : { note }) };
  return action === 'label' ? { action, ...mover, version: third } : { action, ...mover };
}

function isAction(action: string): action is keyof typeof actions {
  return Object.hasOwn(actions, action);
}
