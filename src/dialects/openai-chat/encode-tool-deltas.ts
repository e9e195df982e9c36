import type { ToolCallDelta, ToolCallEvent, ToolCallStart } from '../neutral/event.ts';
import type { JsonRecord } from '../record.ts';
import { argumentsOrNone } from './encode-tool-call.ts';
import { ownExtras, withMembers } from './extras.ts';
import { Lane } from './lane.ts';

/**
 * Tool calls as deltas, numbered among themselves, one call behind the other: the SDK's helper takes a call for whole as
 * soon as another has a delta, and parses its arguments.
 */
export class ToolDeltas {
  readonly #lane = new Lane<JsonRecord>();
  /** Calls of which some of the arguments' text has come. */
  readonly #begun = new Set<number>();

  start({ part, id, name }: Pick<ToolCallStart, 'part' | 'id' | 'name'>): readonly JsonRecord[] {
    const call = { id, type: 'function', function: { name, arguments: '' } };
    return this.#lane.send(part, [{ index: this.#lane.indexOf(part), ...call }]);
  }

  delta({ part, text }: ToolCallDelta): readonly JsonRecord[] {
    if (text === '') return [];
    this.#begun.add(part);
    return this.#lane.send(part, [{ index: this.#lane.indexOf(part), function: { arguments: text } }]);
  }

  end(event: ToolCallEvent): readonly JsonRecord[] {
    const { part, extras } = event;
    const started = this.#lane.has(part) ? [] : this.start(event);
    const text = this.#begun.has(part) ? {} : { function: { arguments: argumentsOrNone(event.arguments) } };
    const rest = withMembers(text, ownExtras(extras));
    const last = Object.keys(rest).length === 0 ? [] : [{ index: this.#lane.indexOf(part), ...rest }];
    return [...started, ...this.#lane.send(part, last), ...this.#lane.end(part)];
  }

  /** A call of a tool that is no function, which has no deltas. */
  whole(part: number, call: JsonRecord): readonly JsonRecord[] {
    const told = this.#lane.send(part, [{ index: this.#lane.indexOf(part), ...call }]);
    return [...told, ...this.#lane.end(part)];
  }

  drain(): readonly JsonRecord[] {
    return this.#lane.drain();
  }

  isFirst(part: number): boolean {
    return this.#lane.indexOf(part) === 0;
  }
}
