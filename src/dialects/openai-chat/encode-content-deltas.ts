import type { CitationEvent, TextDelta } from '../neutral/event.ts';
import type { Loss } from '../neutral/loss.ts';
import type { Citation } from '../neutral/message.ts';
import type { JsonRecord } from '../record.ts';
import { encodeCitation } from './citations.ts';
import { Lane } from './lane.ts';

/** Members of a delta, by the event that fills them. */
const members = {
  'text-delta': 'content',
  'refusal-delta': 'refusal',
  'reasoning-delta': 'reasoning_content',
} as const;

type Kind = keyof typeof members;

/**
 * Text, refusal and reasoning as deltas. A message has one of each, so parts of one kind are put behind one another, and
 * citations count from the beginning of all text.
 */
export class ContentDeltas {
  readonly #lanes = new Map<Kind, Lane<string>>();
  readonly #texts = new Map<number, { length: number; readonly citations: Citation[] }>();
  refused = false;

  say({ type, part, text }: TextDelta): readonly JsonRecord[] {
    if (type === 'text-delta') this.#textAt(part).length += text.length;
    if (type === 'refusal-delta') this.refused ||= text !== '';
    let lane = this.#lanes.get(type);
    if (lane === undefined) this.#lanes.set(type, (lane = new Lane()));
    return deltas(type, lane.send(part, [text]));
  }

  cite({ part, citation }: CitationEvent): void {
    this.#textAt(part).citations.push(citation);
  }

  isReasoning(part: number): boolean {
    return this.#lanes.get('reasoning-delta')?.has(part) === true;
  }

  end(part: number): readonly JsonRecord[] {
    return [...this.#lanes].flatMap(([kind, lane]) => (lane.has(part) ? deltas(kind, lane.end(part)) : []));
  }

  /** What waits for parts that never ended. */
  drain(): readonly JsonRecord[] {
    return [...this.#lanes].flatMap(([kind, lane]) => deltas(kind, lane.drain()));
  }

  annotations(losses: Loss[]): readonly JsonRecord[] {
    const annotations: JsonRecord[] = [];
    let offset = 0;
    for (const [part, { citations, length }] of [...this.#texts].sort(([a], [b]) => a - b)) {
      for (const [index, citation] of citations.entries()) {
        const path = `content.${part}.citations.${index}`;
        const annotation = encodeCitation(citation, { offset, length }, path, losses);
        if (annotation !== undefined) annotations.push(annotation);
      }
      offset += length;
    }
    return annotations;
  }

  #textAt(part: number): { length: number; readonly citations: Citation[] } {
    let place = this.#texts.get(part);
    if (place === undefined) this.#texts.set(part, (place = { length: 0, citations: [] }));
    return place;
  }
}

/** An empty text is still a text; nothing else is told by being empty. */
function deltas(kind: Kind, pieces: readonly string[]): readonly JsonRecord[] {
  return pieces
    .filter((piece) => piece !== '' || kind === 'text-delta')
    .map((piece) => ({ [members[kind]]: piece }));
}
