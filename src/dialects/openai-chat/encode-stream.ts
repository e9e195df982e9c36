import { StreamEvent } from '../../core/stream-event.ts';
import type { Asked, EventEncoder } from '../neutral/codec.ts';
import type { FinishEvent, ForeignEvent, NeutralEvent, PartEnd, StartEvent } from '../neutral/event.ts';
import { type Extras, foreignExtras } from '../neutral/extras.ts';
import type { Loss } from '../neutral/loss.ts';
import { streamedUsage } from '../neutral/usage.ts';
import { openaiErrors } from '../openai-errors.ts';
import { asRecord, items, type JsonRecord } from '../record.ts';
import { ContentDeltas } from './encode-content-deltas.ts';
import { asksForFunctions, contentExtras, foreignMembers, replyFrame, secondCall } from './encode-reply.ts';
import { ToolDeltas } from './encode-tool-deltas.ts';
import { encodeUsage } from './encode-usage.ts';
import { own, ownExtras, withMembers } from './extras.ts';
import { encodeStop, unknownWord } from './finish-reason.ts';

const done = new StreamEvent(new TextEncoder().encode('data: [DONE]\n\n'));

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
  readonly #content = new ContentDeltas();
  #start: StartEvent | undefined;
  #frame: JsonRecord | undefined;
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
      case 'refusal-delta':
      case 'reasoning-delta':
        return this.#content.say(event);
      case 'citation':
        this.#content.cite(event);
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

  #endPart({ part, extras }: PartEnd, path: string): readonly JsonRecord[] {
    this.#tellForeign(extras, path);
    if (this.#content.isReasoning(part)) this.#whole = withMembers(this.#whole, ownExtras(extras));
    else this.losses.push(...contentExtras(extras, path));
    return this.#content.end(part);
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
    const annotations = this.#content.annotations(this.losses);
    const manner = {
      legacy: this.#legacy,
      refused: this.#content.refused,
      word: ownExtras(extras)[unknownWord],
    };
    const finish_reason = encodeStop(stop, manner, this.losses);
    const told = streamedUsage(this.#start, { usage });
    const last = this.#lastChoice(finish_reason, told?.serviceTier, extras);
    const whole = withMembers(annotations.length === 0 ? {} : { annotations }, this.#whole);
    const before = this.#deltas(
      ...this.#content.drain(),
      ...this.#toolDeltas(this.#calls.drain()),
      ...(Object.keys(whole).length === 0 ? [] : [whole]),
    );
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
