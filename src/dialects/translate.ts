import type { CallError } from '../core/call-error.ts';
import { readErrorBody } from '../core/error-body.ts';
import type { Asked, Loss, Translated, TranslatedStream, Translation } from '../core/translation.ts';
import type { StreamEvent } from '../core/stream-event.ts';
import type { Usage } from '../core/usage.ts';
import type { Codec, EventDecoder, EventEncoder } from './neutral/codec.ts';
import type { ErrorEvent, NeutralEvent } from './neutral/event.ts';
import type { Stop } from './neutral/reply.ts';

/**
 * Between two dialects, through the neutral format. Made once for a pair; what must be kept between events is kept by
 * the translator of each stream.
 *
 * @param from the dialect of the caller
 * @param to the dialect of the target
 */
export function translation(from: Codec, to: Codec): Translation {
  return {
    request(body: unknown, stream: boolean): Translated<unknown> {
      const decoded = from.request.decode(body);
      return withLosses(decoded.losses, to.request.encode(decoded.value, stream));
    },
    isAnswer: to.reply.isAnswer,
    reply(json: unknown, asked: Asked): Translated<unknown> {
      const decoded = to.reply.decode(json);
      return withLosses(decoded.losses, from.reply.encode(decoded.value, asked));
    },
    stream: (asked: Asked): TranslatedStream =>
      new EventTranslator(to.stream.decoder(), from.stream.encoder(asked)),
  };
}

class EventTranslator implements TranslatedStream {
  usage: Usage | undefined;
  stop: Stop | undefined;
  failure: CallError | undefined;
  readonly #decoder: EventDecoder;
  readonly #encoder: EventEncoder;

  constructor(decoder: EventDecoder, encoder: EventEncoder) {
    this.#decoder = decoder;
    this.#encoder = encoder;
  }

  get losses(): readonly Loss[] {
    return withoutRepeats([...(this.#decoder.losses ?? []), ...this.#encoder.losses]);
  }

  push(event: StreamEvent): readonly StreamEvent[] {
    return this.failure !== undefined ? [] : this.#encoded(this.#decoder.push(event));
  }

  end(): readonly StreamEvent[] {
    if (this.failure !== undefined) return [];
    const last = this.#encoded(this.#decoder.end());
    // An encoder's own end makes the stream look whole, which one that was cut must not.
    return this.failure !== undefined || this.stop === undefined ? last : [...last, ...this.#encoder.end()];
  }

  #encoded(events: readonly NeutralEvent[]): readonly StreamEvent[] {
    const encoded: StreamEvent[] = [];
    for (const event of events) {
      if (event.type === 'start' || event.type === 'finish') this.usage = event.usage ?? this.usage;
      if (event.type === 'finish') this.stop = event.stop;
      if (event.type === 'error') {
        this.failure = event.error;
        return [...encoded, ...this.#encoder.push(inItsOwnWords(event))];
      }
      encoded.push(...this.#encoder.push(event));
    }
    return encoded;
  }
}

/** What the caller's SDK raises says what the provider said, which logs and receipts do not. */
function inItsOwnWords(event: ErrorEvent): ErrorEvent {
  const message = readErrorBody(event.error.cause).message ?? event.error.message;
  return { ...event, error: { ...event.error, message } };
}

function withLosses(before: readonly Loss[], { value, losses }: Translated<unknown>): Translated<unknown> {
  return { value, losses: withoutRepeats([...before, ...losses]) };
}

/** Both codecs of a pair may tell the same, and so may several events. */
function withoutRepeats(losses: readonly Loss[]): readonly Loss[] {
  return [...new Map(losses.map((loss) => [JSON.stringify([loss.path, loss.reason]), loss])).values()];
}
