import type { Call } from '../../../core/call.ts';
import type { Host, Next } from '../../../core/interceptor.ts';
import { orAborted } from '../../../core/or-aborted.ts';
import type { Reply } from '../../../core/reply.ts';
import type { AnswerRules } from '../answers.ts';
import { askerOf, headOf, isToKeep, type Asker } from '../keeping.ts';
import { whereTo } from '../key.ts';
import { keepsNew } from '../modes.ts';
import type { Shelf } from '../shelf.ts';
import { BatchFlight } from './batch-flight.ts';
import { Batches } from './batches.ts';
import { boughtBy, type Bought } from './bought.ts';
import type { Question } from './question.ts';
import { entryOf, type KeyedItem } from './item-vector.ts';

/** A request that a call waits for. */
export interface Boarded {
  readonly batch: BatchFlight;
  /** Rejects when the call that waits is to stop. */
  readonly landed: Promise<Reply>;
  /** The call waits for it no more. */
  leave(): void;
}

/** Asks for items, and keeps what has come. */
export class ItemRequests {
  readonly underWay = new Batches();
  readonly #host: Host;
  readonly #shelf: Shelf;
  readonly #rules: Pick<AnswerRules, 'keeping'>;
  /** Keys of items that are asked for anew. */
  readonly #refreshing = new Set<string>();

  constructor(host: Host, shelf: Shelf, rules: Pick<AnswerRules, 'keeping'>) {
    this.#host = host;
    this.#shelf = shelf;
    this.#rules = rules;
  }

  /** @param call asks for just these items */
  begin(call: Call, next: Next, { lens, mode }: Question, items: readonly KeyedItem[]): BatchFlight {
    const asker = this.#asker(call);
    const batch = new BatchFlight(call, next, lens, items, (self, reply) => {
      this.underWay.delete(self);
      if (!self.flight.keeps || reply.error !== undefined) return;
      const bought = self.boughtLater(reply);
      this.#shelf.inBackground(bought.then((all) => this.#keep(all, asker, mode !== 'write')));
    });
    this.underWay.add(batch);
    return batch;
  }

  /** A call waits for a request, its own or another's. */
  board(call: Call, { mode }: Question, batch: BatchFlight): Boarded {
    const { flight } = batch;
    flight.keeps ||= this.#rules.keeping.ttlMs > 0 && keepsNew(mode);
    const leave = flight.join();
    const landed = orAborted(flight.landed, call.signal, leave).then(({ reply }) => reply);
    // Whoever gives up waits for none of them any more.
    landed.catch(() => {});
    return { batch, landed, leave };
  }

  /** A call of its own asks anew for those that nobody asks anew for. */
  refresh(call: Call, { lens }: Question, stale: readonly KeyedItem[]): void {
    const items = stale.filter(({ key }) => !this.#refreshing.has(key));
    if (items.length === 0) return;
    for (const { key } of items) this.#refreshing.add(key);
    const asker = this.#asker(call);
    const { dialect } = call;
    const values = items.map(({ value }) => value);
    const body = lens.withItems(call.body, values);
    const asked = this.#host.call(call, { dialect, model: whereTo(this.#host, call), body, again: true });
    this.#shelf.inBackground(
      asked
        .then(async (reply) => {
          if (reply.error !== undefined) return reply.discard();
          const bought = await boughtBy(dialect, lens, items, reply, await reply.settled);
          await this.#keep(bought, asker, true);
        })
        .finally(() => {
          for (const { key } of items) this.#refreshing.delete(key);
        }),
    );
  }

  async #keep(bought: Bought | undefined, asker: Asker, replaces: boolean): Promise<void> {
    const { keeping } = this.#rules;
    if (bought === undefined || !isToKeep(asker, bought.json, bought.settlement, keeping)) return;
    const head = headOf(asker, 'plain', bought.settlement, keeping);
    const kept = [...bought.vectors].filter(
      ([, { text }]) => Buffer.byteLength(text) <= keeping.maxEntryBytes,
    );
    await this.#shelf.keepAll(
      kept.map(([key, vector]) => [key, entryOf(head, vector)]),
      replaces,
    );
  }

  #asker(call: Call): Asker {
    return askerOf(call, this.#host.clock.now(), this.#rules.keeping);
  }
}
