import { invalidOption } from '../../core/parse-options.ts';
import type { CarriedPrompt } from '../../core/prompt-mark.ts';
import { Prompt } from '../prompt.ts';
import { lineChanges, unified, type LineChange } from './line-changes.ts';
import { writtenOut, writtenTemplate } from './written-out.ts';

/** A value before and after; left out where there is none. */
export interface PromptValueChange {
  readonly from?: unknown;
  readonly to?: unknown;
}

/** A message that is not the same in both. */
export interface PromptMessageChange {
  readonly change: 'added' | 'removed' | 'changed';
  /** As it is in the later one, or was in the earlier one where it was removed. */
  readonly role: string;
  /** The role that it had, where it has another one. */
  readonly roleBefore?: string;
  /** Its place among the messages of the later one, or of the earlier one where it was removed. From 0. */
  readonly index: number;
  readonly lines: readonly LineChange[];
}

/** What is different between two versions, as plain data and as text. */
export interface PromptDiff {
  readonly from: { readonly name: string; readonly version: string; readonly hash: string };
  readonly to: { readonly name: string; readonly version: string; readonly hash: string };
  /** Whether both give the same requests. */
  readonly same: boolean;
  /** `undefined`: it is the same. */
  readonly model: PromptValueChange | undefined;
  /** Only those that are different. */
  readonly parameters: Readonly<Record<string, PromptValueChange>>;
  readonly variables: { readonly added: readonly string[]; readonly removed: readonly string[] };
  /** Whether another output is asked for. */
  readonly output: boolean;
  /** Only those that are different, with partials in their places. */
  readonly messages: readonly PromptMessageChange[];
  /** For people: a unified diff. Blanks at ends of lines are shown as \`·\`, tabs as \`→\`. Empty where nothing is different. */
  readonly text: string;
}

/**
 * What is different in `b`. Nobody is asked for anything; the library that compares lines is loaded with the first one.
 *
 * @throws `invalid-options` for what is no prompt of this package
 */
export async function diffPrompts(a: CarriedPrompt, b: CarriedPrompt): Promise<PromptDiff> {
  checkPrompt(a, 'from');
  checkPrompt(b, 'to');
  const [before, after] = [a.read, b.read];
  const [had, has] = [before.kinds, after.kinds];
  const parameters: Record<string, PromptValueChange> = {};
  const { parameters: earlier = {} } = before.definition;
  const { parameters: later = {} } = after.definition;
  for (const name of Object.keys({ ...earlier, ...later }) as (keyof typeof later)[]) {
    const change = changeOf(earlier[name], later[name]);
    if (change !== undefined) parameters[name] = change;
  }
  return {
    from: identity(a),
    to: identity(b),
    same: a.hash === b.hash,
    model: changeOf(a.model, b.model),
    parameters,
    variables: {
      added: [...has.keys()].filter((name) => had.get(name) !== has.get(name)),
      removed: [...had.keys()].filter((name) => had.get(name) !== has.get(name)),
    },
    output: changeOf(before.output, after.output) !== undefined,
    messages: await messageChanges(a, b),
    text: await unified(writtenOut(a), writtenOut(b), `${a.name}@${a.version}`, `${b.name}@${b.version}`),
  };
}

function checkPrompt(prompt: CarriedPrompt, path: string): asserts prompt is Prompt {
  if (!(prompt instanceof Prompt))
    throw invalidOption(`diffPrompts.${path}`, 'must be a prompt, as `definePrompt` makes one');
}

function identity({ name, version, hash }: Prompt): PromptDiff['from'] {
  return { name, version, hash };
}

function changeOf(from: unknown, to: unknown): PromptValueChange | undefined {
  if (JSON.stringify(from) === JSON.stringify(to)) return undefined;
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

/** Message by message: from the front, then from the back, and what is between them in order. */
async function messageChanges(a: Prompt, b: Prompt): Promise<readonly PromptMessageChange[]> {
  const [before, after] = [a, b].map(({ read }) =>
    read.messages.map(({ role, segments }) => ({ role, text: writtenTemplate(segments) })),
  );
  if (before === undefined || after === undefined) return [];
  const isSame = (x: number, y: number): boolean =>
    before[x]?.role === after[y]?.role && before[x]?.text === after[y]?.text;
  let [front, back] = [0, 0];
  const most = Math.min(before.length, after.length);
  while (front < most && isSame(front, front)) front += 1;
  while (back < most - front && isSame(before.length - 1 - back, after.length - 1 - back)) back += 1;
  const changes: PromptMessageChange[] = [];
  for (let index = front; index < Math.max(before.length, after.length) - back; index += 1) {
    const from = index < before.length - back ? before[index] : undefined;
    const to = index < after.length - back ? after[index] : undefined;
    const role = to?.role ?? from?.role;
    if (role === undefined) continue;
    changes.push({
      change: to === undefined ? 'removed' : from === undefined ? 'added' : 'changed',
      role,
      ...(from === undefined || from.role === role ? {} : { roleBefore: from.role }),
      index,
      lines: await lineChanges(from?.text ?? '', to?.text ?? ''),
    });
  }
  return changes;
}
