import { StreamEvent } from '../../core/stream-event.ts';
import type { Usage } from '../../core/usage.ts';
import type { Asked, EventEncoder } from '../neutral/codec.ts';
import type { FinishEvent, NeutralEvent, StartEvent } from '../neutral/event.ts';
import { foreignExtras } from '../neutral/extras.ts';
import type { Loss } from '../neutral/loss.ts';
import type { AssistantPart } from '../neutral/message.ts';
import { asRecord, asText, type JsonRecord } from '../record.ts';
import { BlockQueue, type PartEvent } from './block-queue.ts';
import { BlockWriter } from './block-writer.ts';
import { ending, envelope } from './encode-reply.ts';
import { encodeUsage, lostUsage } from './encode-usage.ts';
import { errors } from './errors.ts';
import { dialect, membersExcept, ownMembers } from './own-extras.ts';
import { encodeStopReason } from './stop.ts';

/** Anthropic, "Streaming messages", November 2026: one block after another, each event under its name. */
export function encoder(asked: Asked): EventEncoder {
  return new MessageEncoder(asked);
}

class MessageEncoder implements EventEncoder {
  readonly losses: Loss[] = [];
  readonly #asked: Asked;
  readonly #queue = new BlockQueue();
  readonly #blocks = new BlockWriter(this.losses);
  readonly #kinds = new Set<AssistantPart['type']>();
  #started: Usage | undefined;
  #hasStarted = false;
  #isOver = false;

  constructor(asked: Asked) {
    this.#asked = asked;
  }

  push(event: NeutralEvent): readonly StreamEvent[] {
    if (this.#isOver) return [];
    switch (event.type) {
      case 'start':
        return this.#hasStarted ? [] : [this.#start(event)];
      case 'error':
        this.#isOver = true;
        return [errors.event(event.error)];
      case 'finish':
        this.#isOver = true;
        return [...this.#begin(), ...this.#write(this.#queue.end()), ...this.#finish(event)];
      default:
        return [...this.#begin(), ...this.#write(this.#queue.push(event))];
    }
  }

  /** Nothing is made up for a stream without an end: who reads it must see that it was cut. */
  end(): readonly StreamEvent[] {
    return [];
  }

  #begin(): readonly StreamEvent[] {
    const nothing: StartEvent = { type: 'start', id: undefined, model: undefined, usage: undefined };
    return this.#hasStarted ? [] : [this.#start(nothing)];
  }

  #start({ id, model, usage }: StartEvent): StreamEvent {
    this.#hasStarted = true;
    this.#started = usage;
    return named({
      type: 'message_start',
      message: {
        ...envelope(id, model, this.#asked),
        content: [],
        stop_reason: null,
        stop_sequence: null,
        stop_details: null,
        usage: encodeUsage(usage),
      },
    });
  }

  #write(events: readonly PartEvent[]): readonly StreamEvent[] {
    return events.flatMap((event) => {
      const kind = kindOf(event);
      if (kind !== undefined) this.#kinds.add(kind);
      return this.#blocks.write(event).map(named);
    });
  }

  #finish({ stop, usage, extras }: FinishEvent): readonly StreamEvent[] {
    const known = usage === undefined ? this.#started : { ...this.#started, ...usage };
    this.losses.push(...foreignExtras(extras, dialect, ''), ...lostUsage(known));
    const own = ownMembers(extras);
    const stopReason = encodeStopReason(stop, own['stop_reason'], this.#kinds, this.losses);
    return [
      ...this.#blocks.end().map(named),
      named({
        type: 'message_delta',
        delta: {
          container: null,
          ...membersExcept(own, 'usage', 'stop_reason', 'stop_details'),
          ...ending(stopReason, stop.sequence, this.#blocks.stopDetails ?? own['stop_details']),
        },
        usage: { ...membersExcept(encodeUsage(known)), ...asRecord(own['usage']) },
      }),
      named({ type: 'message_stop' }),
    ];
  }
}

function kindOf(event: PartEvent): AssistantPart['type'] | undefined {
  if (event.type === 'tool-call') return 'tool-call';
  return event.type === 'refusal-delta' ? 'refusal' : undefined;
}

function named(json: JsonRecord): StreamEvent {
  return StreamEvent.of(json, asText(json['type']));
}
