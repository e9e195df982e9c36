import type { DialectId } from '../../core/dialect.ts';
import type { StreamEvent } from '../../core/stream-event.ts';
import type { Asked, Loss, Translated } from '../../core/translation.ts';
import type { NeutralEvent } from './event.ts';
import type { NeutralReply } from './reply.ts';
import type { NeutralRequest } from './request.ts';

export type { Asked };

/**
 * Between one wire format and ours, both ways. Pure: no chain, no clock, no I/O. Decoders take whatever a provider or an
 * application sends, never throw and never mutate; what they do not know goes into `extras` under this dialect's id.
 * Encoders give what the format's own SDK accepts, and tell what had no place in it.
 */
export interface Codec {
  readonly id: DialectId;
  readonly request: {
    decode(body: unknown): Translated<NeutralRequest>;
    /** `stream`: as it shall be sent. */
    encode(request: NeutralRequest, stream: boolean): Translated<unknown>;
  };
  readonly reply: {
    /** Whether it is an answer at all. What is none decodes to an empty one, which nobody gave. */
    isAnswer(json: unknown): boolean;
    decode(json: unknown): Translated<NeutralReply>;
    encode(reply: NeutralReply, asked: Asked): Translated<unknown>;
  };
  readonly stream: {
    decoder(): EventDecoder;
    encoder(asked: Asked): EventEncoder;
  };
}

/** One stream's way in. Events come in as the wire cuts them; what they mean comes out at once, nothing is held back. */
export interface EventDecoder {
  push(event: StreamEvent): readonly NeutralEvent[];
  /** After the last: closes what is open, if the stream had its regular end. */
  end(): readonly NeutralEvent[];
  /** What neutral events have no place for, so far: further choices, say. Absent where the format has nothing such. */
  readonly losses?: readonly Loss[];
}

/** One stream's way out: legal events in the order that the format's SDK demands. */
export interface EventEncoder {
  push(event: NeutralEvent): readonly StreamEvent[];
  /** After the last. */
  end(): readonly StreamEvent[];
  /** What had no place, so far. */
  readonly losses: readonly Loss[];
}
