import type { CacheMode } from '../../../core/cache-settings.ts';
import type { Call } from '../../../core/call.ts';
import type { Host, Next } from '../../../core/interceptor.ts';
import type { AnswerRules } from '../answers.ts';
import type { Boarded } from '../flights.ts';
import type { Landed } from '../flight.ts';
import { askerOf, type Asker } from '../asker.ts';
import { isToKeep } from '../keeping-rules.ts';
import { headOf } from '../new-entry.ts';
import { whereTo } from '../key.ts';
import { keepsNew } from '../modes.ts';
import type { Shelf } from '../shelf.ts';
import { BatchFlight } from './batch-flight.ts';
import { Batches } from './batches.ts';
import { boughtBy, type Bought } from './bought.ts';
import type { AskedItems } from './asked-items.ts';
import { entryOf, type KeyedItem } from './item-vector.ts';

/** Asks for items, and keeps what has come. */
export class ItemRequests {
  readonly underWay: Batches;
  readonly #host: Host;
  readonly #shelf: Shelf;
  readonly #rules: Pick<AnswerRules, 'keeping'>;
  /** Keys of items that are asked for anew. */
  readonly #refreshing = new Set<string>();

  constructor(host: Host, shelf: Shelf, rules: Pick<AnswerRules, 'keeping'>) {
    this.#host = host;
    this.#shelf = shelf;
    this.#rules = rules;
    this.underWay = new Batches(host, shelf);
  }

  /** @param call asks for just these items */
  begin(call: Call, next: Next, { lens, mode }: AskedItems, items: readonly KeyedItem[]): BatchFlight {
    const batch = new BatchFlight(call, next, this.#asker(call), lens, items, (self, reply) => {
      const { kept } = self.flight;
      if (kept === undefined || reply.error !== undefined) return;
      const bought = self.boughtLater(reply);
      this.#shelf.inBackground(bought.then((all) => this.#keep(all, kept, mode !== 'write')));
    });
    this.underWay.begun(batch);
    return batch;
  }

  /** A call waits for its own request. */
  board(call: Call, { mode }: AskedItems, { flight }: BatchFlight): Boarded<Landed> {
    return this.underWay.board(call, flight, this.#sharer(call, mode));
  }

  /** A call waits for another's request; for `undefined` where nothing came of it for this one, which then looks again. */
  share(call: Call, { mode }: AskedItems, { flight }: BatchFlight): Boarded<Landed | undefined> {
    return this.underWay.share(call, flight, this.#sharer(call, mode));
  }

  /** A call of its own asks anew for those that nobody asks anew for. */
  refresh(call: Call, { lens, mode }: AskedItems, stale: readonly KeyedItem[]): void {
    const items = stale.filter(({ key }) => !this.#refreshing.has(key));
    if (items.length === 0 || !keepsNew(mode)) return;
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
    await this.#shelf.putAll(
      kept.map(([key, vector]) => [key, entryOf(head, vector)]),
      replaces,
    );
  }

  #sharer(call: Call, mode: CacheMode): Asker | undefined {
    return this.#rules.keeping.ttlMs > 0 && keepsNew(mode) ? this.#asker(call) : undefined;
  }

  #asker(call: Call): Asker {
    return askerOf(call, this.#host.clock.now(), this.#rules.keeping);
  }
}
