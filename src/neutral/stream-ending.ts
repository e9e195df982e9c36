import type { CallError } from '../core/call-error.ts';
import { stopFailure } from '../core/endings.ts';
import type { Ticket } from '../core/gate.ts';
import type { CoreReply } from '../core/reply.ts';
import type { Settlement } from '../core/settlement.ts';
import { neutralCodec } from '../dialects/neutral/translation.ts';
import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import { thrownFor, type FailedCall } from './errors.ts';
import { singleReply, turnOf, type ChatReply } from './reply.ts';

/** How a stream ended. Told by its settlement too, so it must not lead to whoever reads the stream. */
export class Ending {
  readonly #ticket: Ticket;
  readonly #call: FailedCall;
  readonly #reply = Promise.withResolvers<ChatReply>();
  #failure: { readonly thrown: unknown } | undefined;

  constructor(ticket: Ticket, call: FailedCall) {
    this.#ticket = ticket;
    this.#call = call;
    // Those who ask for it hear of its failure, and nobody has to ask.
    this.#reply.promise.catch(() => {});
  }

  get reply(): Promise<ChatReply> {
    return this.#reply.promise;
  }

  finished(reply: unknown): void {
    const { value } = neutralCodec.reply.decode(reply);
    this.#reply.resolve(this.#ticket.receipt.then((receipt) => singleReply(turnOf(value, receipt))));
  }

  /** Also where nobody reads on. */
  settled({ outcome, error }: Settlement): void {
    if (outcome === 'finished') return;
    if (error !== undefined) this.#failure = { thrown: thrownFor(error, this.#call) };
    this.failed(
      this.#failure?.thrown ?? thrownFor(stopFailure(this.#call.callId, { cause: 'reader' }), this.#call),
    );
  }

  failed(thrown: unknown): void {
    this.#reply.reject(thrown);
  }

  /** For an error that the stream tells in band. By then the settlement knows more of it. */
  thrownFor(error: CallError): unknown {
    return this.#failure?.thrown ?? thrownFor(error, this.#call);
  }

  /** What reading rejects with is ours or the caller's own reason, or a transport's. */
  thrownBy(thrown: unknown): unknown {
    return ManagedLLMError.isInstance(thrown) ? thrown : (this.#failure?.thrown ?? thrown);
  }
}

/** At module scope, so that the listener keeps the ending and nothing else. */
export function endingOf(reply: CoreReply, ticket: Ticket, failed: FailedCall): Ending {
  const ending = new Ending(ticket, failed);
  reply.onSettled((settlement) => ending.settled(settlement));
  return ending;
}
