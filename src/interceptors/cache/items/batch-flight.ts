import { setImmediate as turn } from 'node:timers/promises';
import type { Call } from '../../../core/call.ts';
import type { Next } from '../../../core/interceptor.ts';
import type { ItemsLens } from '../../../core/items-lens.ts';
import type { Reply } from '../../../core/reply.ts';
import { Flight } from '../flight.ts';
import type { Asker } from '../asker.ts';
import type { KeptSettlement } from '../keeping-rules.ts';
import { boughtBy, settledNow, type Bought } from './bought.ts';
import type { KeyedItem } from './item-vector.ts';

/** One request under way for several items, whose answers other calls may wait for, too. */
export class BatchFlight {
  readonly flight: Flight;
  /** As they were sent. */
  readonly items: readonly KeyedItem[];
  readonly #read: (reply: Reply) => Promise<Bought | undefined>;
  #bought: Promise<Bought | undefined> | undefined;

  /**
   * @param call asks for these items
   * @param landed told when the reply has come, before anybody who waits for it
   */
  constructor(
    call: Call,
    next: Next,
    asker: Asker,
    lens: ItemsLens,
    items: readonly KeyedItem[],
    landed: (self: BatchFlight, reply: Reply) => void,
  ) {
    const { dialect, run } = call;
    const before = run.attempts.length;
    let settlement: KeptSettlement | undefined;
    this.items = items;
    this.#read = (reply) => boughtBy(dialect, lens, items, reply, settlement);
    this.flight = new Flight(call, next, asker, (_flight, reply) => {
      settlement = settledNow(reply, run.attempts.slice(before));
      landed(this, reply);
      return undefined;
    });
  }

  /** What its reply has brought. Read once, for all who wait for it. */
  bought(reply: Reply): Promise<Bought | undefined> {
    return (this.#bought ??= this.#read(reply));
  }

  /** The same, after whoever waits for the reply has it: large ones take a while to read. */
  async boughtLater(reply: Reply): Promise<Bought | undefined> {
    await turn();
    return this.bought(reply);
  }
}
