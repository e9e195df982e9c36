/** Something that is held until its lease ends. */
export interface Lease {
  readonly lengthMs: number;
  /** Epoch milliseconds. */
  readonly endsAt: number;
}

/** Leases by when they end. Those of one length stand in one queue, where whoever came first ends first: no search, no sorting. */
export class LeaseQueue<Held extends Lease> {
  readonly #queues = new Map<number, Set<Held>>();
  /** None ends before this. */
  #soonestEnd = Infinity;

  add(lease: Held): void {
    let queue = this.#queues.get(lease.lengthMs);
    if (queue === undefined) {
      queue = new Set();
      this.#queues.set(lease.lengthMs, queue);
    }
    queue.add(lease);
    this.#soonestEnd = Math.min(this.#soonestEnd, lease.endsAt);
  }

  delete(lease: Held): void {
    const queue = this.#queues.get(lease.lengthMs);
    if (queue?.delete(lease) === true && queue.size === 0) this.#queues.delete(lease.lengthMs);
  }

  /** Takes out those that have ended by now. */
  takeEnded(nowMs: number): readonly Held[] {
    if (nowMs < this.#soonestEnd) return [];
    const ended: Held[] = [];
    this.#soonestEnd = Infinity;
    for (const queue of this.#queues.values()) {
      for (const lease of queue) {
        if (lease.endsAt > nowMs) {
          this.#soonestEnd = Math.min(this.#soonestEnd, lease.endsAt);
          break;
        }
        ended.push(lease);
      }
    }
    for (const lease of ended) this.delete(lease);
    return ended;
  }
}
