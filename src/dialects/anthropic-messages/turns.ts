import type { JsonRecord } from '../record.ts';

/** A turn that grows: its blocks, with results of tools apart, since they must come first. */
interface Turn {
  readonly role: 'user' | 'assistant' | 'system';
  readonly results: JsonRecord[];
  readonly blocks: JsonRecord[];
  /** The text, where that is all there is and it was given as text. */
  plain: string | undefined;
  members: JsonRecord;
}

/**
 * Turns as the API demands them ("Messages" and "Handle tool calls", November 2026): the user begins, turns of one role
 * in a row are one, and results of tools come first in the turn after their calls.
 */
export class Turns {
  readonly #turns: Turn[] = [];

  get lastRole(): Turn['role'] | undefined {
    return this.#turns.at(-1)?.role;
  }

  /** Whether a result of the provider's own tools is the last thing said. */
  get endsInServerTool(): boolean {
    const type = this.#turns.at(-1)?.blocks.at(-1)?.['type'];
    return typeof type === 'string' && type.endsWith('_tool_result');
  }

  /** Adds to the last turn of this role, or begins one. Nothing comes of a message without content. */
  add(role: Turn['role'], content: string | readonly JsonRecord[], members: JsonRecord): void {
    if (content.length === 0 && Object.keys(members).length === 0) return;
    const last = this.#turns.at(-1);
    const isAlone = Object.keys(members).length > 0 && role === 'system';
    if (last?.role === role && !isAlone) {
      last.blocks.push(...blocksOf(content));
      last.members = { ...last.members, ...members };
      last.plain = undefined;
      return;
    }
    const plain = typeof content === 'string' ? content : undefined;
    this.#turns.push({ role, results: [], blocks: blocksOf(content), plain, members });
  }

  /** Adds the result to the user's turn after the call; where there is no such call, to the last one. */
  addResult(result: JsonRecord): void {
    const id = result['tool_use_id'];
    const called = this.#turns.findLastIndex(({ blocks }) =>
      blocks.some((block) => block['type'] === 'tool_use' && block['id'] === id),
    );
    const at = called < 0 ? this.#turns.length - 1 : called + 1;
    let turn = this.#turns[at];
    if (turn?.role !== 'user') {
      turn = { role: 'user', results: [], blocks: [], plain: undefined, members: {} };
      this.#turns.splice(called < 0 ? this.#turns.length : at, 0, turn);
    }
    turn.results.push(result);
    turn.plain = undefined;
  }

  /** Puts a word of the user before a conversation that does not begin with one. */
  begin(text: string): boolean {
    if (this.#turns[0]?.role === 'user') return false;
    this.#turns.unshift({
      role: 'user',
      results: [],
      blocks: blocksOf(text),
      plain: text,
      members: {},
    });
    return true;
  }

  messages(): readonly JsonRecord[] {
    return this.#turns.map(({ role, results, blocks, plain, members }) => ({
      ...members,
      role,
      content: plain ?? [...results, ...blocks],
    }));
  }
}

function blocksOf(content: string | readonly JsonRecord[]): JsonRecord[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : [...content];
}
