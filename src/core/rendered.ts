import { isDeepStrictEqual } from 'node:util';
import type { Call } from './call.ts';
import { marked, notePrompt, promptOf, type CarriedPrompt } from './prompt-mark.ts';

type Members = Readonly<Record<string, unknown>>;

/** Members that hold turns: a prompt's stand among those of the conversation. */
const turns: ReadonlySet<string> = new Set(['messages', 'input']);
/** Members that hold instructions: others may stand before the prompt's. */
const instructions: ReadonlySet<string> = new Set(['system', 'instructions']);

/**
 * The call as another prompt, or another version of its own, would have rendered it, from the same variables. What the
 * application or an interceptor has put into the body stays: turns before and behind the prompt's own, instructions
 * before its own, and every other member that is not as the prompt gave it. `undefined` where the call is not from a
 * prompt, no longer holds it as it was rendered, or is no conversation (tokens are counted). Notes `facts.prompt` anew.
 *
 * @throws `prompt-variables` where one that the other prompt names is missing; those that it does not name are passed over.
 */
export function rendered(call: Call, other: CarriedPrompt): Call | undefined {
  const mark = promptOf(call);
  if (mark === undefined) return undefined;
  const { prompt, variables } = mark;
  const given = call.body as Members;
  const before = prompt.bodyIn(call.dialect.id, variables, 'another');
  if (Object.keys(before).length === 0) return undefined;
  const after = other.bodyIn(call.dialect.id, variables, 'another');
  const body: Record<string, unknown> = marked({ ...given }, { prompt: other, variables });
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const change = replaced(name, given[name], before[name], after[name]);
    if (change === undefined) return undefined;
    if (change.value === undefined) delete body[name];
    else body[name] = change.value;
  }
  const model = body['model'];
  const changed = call.with({
    body,
    ...(call.model === before['model'] && typeof model === 'string' ? { model } : {}),
  });
  notePrompt(changed);
  return changed;
}

/** One member with the new prompt's content in the place of the old one's; `undefined` where that is not to be found. */
function replaced(
  name: string,
  given: unknown,
  before: unknown,
  after: unknown,
): { readonly value: unknown } | undefined {
  // A prompt without a model is asked of whichever one the call names.
  if (name === 'model') return { value: given === before ? (after ?? given) : given };
  if (isDeepStrictEqual(given, before)) return { value: after };
  if (turns.has(name)) return amongTurns(given, before, after);
  if (instructions.has(name)) return behindInstructions(given, before, after);
  return { value: given };
}

function amongTurns(
  given: unknown,
  before: unknown,
  after: unknown,
): { readonly value: unknown } | undefined {
  if (!Array.isArray(given)) return undefined;
  const own = listOf(before);
  const all: readonly unknown[] = given;
  for (let at = 0; at + own.length <= all.length; at++) {
    if (!isDeepStrictEqual(all.slice(at, at + own.length), own)) continue;
    return { value: [...all.slice(0, at), ...listOf(after), ...all.slice(at + own.length)] };
  }
  return undefined;
}

const gap = '\n\n';

/** Others' instructions stand before the prompt's: that is where `withInstruction` of the lenses puts them. */
function behindInstructions(
  given: unknown,
  before: unknown,
  after: unknown,
): { readonly value: unknown } | undefined {
  if (Array.isArray(given)) {
    const own = blocksOf(before);
    const others: readonly unknown[] = given.slice(0, given.length - own.length);
    if (!isDeepStrictEqual(given.slice(others.length), own)) return undefined;
    return { value: [...others, ...blocksOf(after)] };
  }
  if (typeof given !== 'string' || Array.isArray(before) || Array.isArray(after)) return undefined;
  const end = typeof before === 'string' ? `${gap}${before}` : '';
  if (!given.endsWith(end)) return undefined;
  const others = given.slice(0, given.length - end.length);
  return { value: typeof after === 'string' ? `${others}${gap}${after}` : others };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function blocksOf(value: unknown): readonly unknown[] {
  return typeof value === 'string' ? [{ type: 'text', text: value }] : listOf(value);
}
