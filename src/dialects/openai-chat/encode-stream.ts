import { StreamEvent } from '../../core/stream-event.ts';
import type { Asked, EventEncoder } from '../neutral/codec.ts';
import type { FinishEvent, ForeignEvent, NeutralEvent, PartEnd, StartEvent } from '../neutral/event.ts';
import { type Extras, foreignExtras } from '../neutral/extras.ts';
import type { Loss } from '../neutral/loss.ts';
import type { Citation } from '../neutral/message.ts';
import { streamedUsage } from '../neutral/usage.ts';
import { openaiErrors } from '../openai-errors.ts';
import { asRecord, items, type JsonRecord } from '../record.ts';
import { encodeCitation } from './citations.ts';
import { asksForFunctions, contentExtras, foreignMembers, replyFrame, secondCall } from './encode-reply.ts';
import { ToolDeltas } from './encode-tool-deltas.ts';
import { encodeUsage } from './encode-usage.ts';
import { own, ownExtras, withMembers } from './extras.ts';
import { encodeStop, unknownWord } from './finish-reason.ts';
import { Lane } from './lane.ts';

const done = new StreamEvent(new TextEncoder().encode('data: [DONE]\n\n'));

/** Members of a delta, by what a part is. */
const members = { text: 'content', refusal: 'refusal', reasoning: 'reasoning_content' } as const;
const kinds = ['text', 'refusal', 'reasoning'] as const;

/** A part of the one text that a message's content is. */
interface TextPlace {
  length: number;
  readonly citations: Citation[];
}

/**
 * Neutral events as chunks, as OpenAI sends them: the role first, usage behind the finish reason in a chunk without
 * choices, `[DONE]` at the end. Usage is always told where it is known; who did not ask for it is spared it elsewhere.
 * What comes whole (annotations, audio, details) comes with the finish, where helpers that keep the last of several
 * values keep all.
 */
export class ChunkEncoder implements EventEncoder {
  readonly losses: Loss[] = [];
  readonly #asked: Asked;
  readonly #legacy: boolean;
  readonly #calls = new ToolDeltas();
  readonly #lanes = {
    text: new Lane<string>(),
    refusal: new Lane<string>(),
    reasoning: new Lane<string>(),
  };
  readonly #texts = new Map<number, TextPlace>();
  #start: StartEvent | undefined;
  #frame: JsonRecord | undefined;
  #refused = false;
  #whole: JsonRecord = {};
  #ended = false;

  constructor(asked: Asked) {
    this.#asked = asked;
    this.#legacy = asksForFunctions(asked);
  }

  push(event: NeutralEvent): readonly StreamEvent[] {
    if (this.#ended) return [];
    switch (event.type) {
      case 'error':
        this.#ended = true;
        return [openaiErrors.event(event.error)];
      case 'start':
        this.#start = event;
        return this.#deltas();
      case 'finish':
        this.#ended = true;
        return this.#finish(event);
      default:
        return this.#deltas(...this.#part(event));
    }
  }

  /** Nothing: a stream without its finish was cut, and must not look as if it were whole. */
  end(): readonly StreamEvent[] {
    this.#ended = true;
    return [];
  }

  #part(
    event: Exclude<NeutralEvent, StartEvent | FinishEvent | { readonly type: 'error' }>,
  ): readonly JsonRecord[] {
    const path = `content.${event.part}`;
    switch (event.type) {
      case 'text-delta':
        this.#textAt(event.part).length += event.text.length;
        return this.#say('text', this.#lanes.text.send(event.part, [event.text]));
      case 'refusal-delta':
        this.#refused ||= event.text !== '';
        return this.#say('refusal', this.#lanes.refusal.send(event.part, [event.text]));
      case 'reasoning-delta':
        return this.#say('reasoning', this.#lanes.reasoning.send(event.part, [event.text]));
      case 'citation':
        this.#textAt(event.part).citations.push(event.citation);
        return [];
      case 'part-end':
        return this.#endPart(event, path);
      case 'tool-call-start':
        return this.#toolDeltas(this.#calls.start(event));
      case 'tool-call-delta':
        return this.#toolDeltas(this.#calls.delta(event));
      case 'tool-call':
        this.#tellForeign(event.extras, path);
        return this.#toolDeltas(this.#calls.end(event), event.part);
      case 'foreign':
        return this.#foreign(event, path);
      default:
        return event satisfies never;
    }
  }

  #textAt(part: number): TextPlace {
    let place = this.#texts.get(part);
    if (place === undefined) this.#texts.set(part, (place = { length: 0, citations: [] }));
    return place;
  }

  /** An empty text is still a text; nothing else is told by being empty. */
  #say(kind: keyof typeof members, pieces: readonly string[]): readonly JsonRecord[] {
    return pieces
      .filter((piece) => piece !== '' || kind === 'text')
      .map((piece) => ({ [members[kind]]: piece }));
  }

  #endPart({ part, extras }: PartEnd, path: string): readonly JsonRecord[] {
    this.#tellForeign(extras, path);
    const kind = kinds.find((kind) => this.#lanes[kind].has(part));
    if (kind === 'reasoning') this.#whole = withMembers(this.#whole, ownExtras(extras));
    else this.losses.push(...contentExtras(extras, path));
    return kind === undefined ? [] : this.#say(kind, this.#lanes[kind].end(part));
  }

  /** What waits for parts that never ended. */
  #unended(): readonly JsonRecord[] {
    return [
      ...kinds.flatMap((kind) => this.#say(kind, this.#lanes[kind].drain())),
      ...this.#toolDeltas(this.#calls.drain()),
    ];
  }

  #tellForeign(extras: Extras | undefined, path: string): void {
    this.losses.push(...foreignExtras(extras, own, path));
  }

  /** The older form has one call, without id or index. */
  #toolDeltas(deltas: readonly JsonRecord[], ended?: number): readonly JsonRecord[] {
    if (!this.#legacy) return deltas.map((delta) => ({ tool_calls: [delta] }));
    if (ended !== undefined && !this.#calls.isFirst(ended)) this.losses.push(secondCall(`content.${ended}`));
    return deltas.flatMap((delta) => (delta['index'] === 0 ? [{ function_call: delta['function'] }] : []));
  }

  #foreign({ part, value }: ForeignEvent, path: string): readonly JsonRecord[] {
    const { tool_calls, ...members } = foreignMembers(value, path, this.losses) ?? {};
    this.#whole = withMembers(this.#whole, members);
    return items(tool_calls).flatMap((call) =>
      this.#toolDeltas(this.#calls.whole(part, asRecord(call) ?? {})),
    );
  }

  #finish({ stop, usage, extras }: FinishEvent): readonly StreamEvent[] {
    this.#tellForeign(extras, '');
    const annotations = this.#annotations();
    const manner = { legacy: this.#legacy, refused: this.#refused, word: ownExtras(extras)[unknownWord] };
    const finish_reason = encodeStop(stop, manner, this.losses);
    const told = streamedUsage(this.#start, { usage });
    const last = this.#lastChoice(finish_reason, told?.serviceTier, extras);
    const whole = withMembers(annotations.length === 0 ? {} : { annotations }, this.#whole);
    const before = this.#deltas(...this.#unended(), ...(Object.keys(whole).length === 0 ? [] : [whole]));
    const counts = encodeUsage(told, this.losses);
    return [
      ...before,
      this.#chunk(last),
      ...(counts === undefined ? [] : [this.#chunk({ choices: [], usage: counts })]),
      done,
    ];
  }

  /** The chunk with the finish reason, and what only this format knows: of a message, that is the delta's. */
  #lastChoice(finish_reason: string, tier: string | undefined, extras: Extras | undefined): JsonRecord {
    const told = tier === undefined ? {} : { service_tier: tier };
    const chunk = { ...told, choices: [{ index: 0, delta: {}, logprobs: null, finish_reason }] };
    const own = Object.entries(ownExtras(extras)).map(([name, value]) => [
      name.replace(/^choices\.0\.message\./, 'choices.0.delta.'),
      value,
    ]);
    return withMembers(chunk, Object.fromEntries(own));
  }

  #annotations(): readonly JsonRecord[] {
    const annotations: JsonRecord[] = [];
    let offset = 0;
    for (const [part, { citations, length }] of [...this.#texts].sort(([a], [b]) => a - b)) {
      for (const [index, citation] of citations.entries()) {
        const path = `content.${part}.citations.${index}`;
        const annotation = encodeCitation(citation, { offset, length }, path, this.losses);
        if (annotation !== undefined) annotations.push(annotation);
      }
      offset += length;
    }
    return annotations;
  }

  /** Chunks of deltas, the first of which tells the role. */
  #deltas(...deltas: readonly JsonRecord[]): readonly StreamEvent[] {
    const first = this.#frame === undefined ? [{ role: 'assistant', content: null }] : [];
    return [...first, ...deltas].map((delta) =>
      this.#chunk({ choices: [{ index: 0, delta, logprobs: null, finish_reason: null }] }),
    );
  }

  #chunk(members: JsonRecord): StreamEvent {
    this.#frame ??= {
      ...replyFrame(this.#start?.id, this.#start?.model, this.#asked),
      object: 'chat.completion.chunk',
    };
    return StreamEvent.of({ ...this.#frame, ...members });
  }
}
