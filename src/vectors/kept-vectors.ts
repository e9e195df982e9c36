import type { Clock } from '../core/clock.ts';
import { asCosine, unitOf } from '../core/unit-vector.ts';
import type { Neighbour, Vector, VectorStore } from '../core/vector-store.ts';
import type { GroupIndex, Indexed } from './group-index.ts';

/** How many vectors are kept in this process, and how much room they may take. */
export interface VectorLimits {
  readonly entries: number;
  readonly bytes: number;
}

/** Makes what the vectors of one group are found by. */
export type MakeIndex = <T extends Indexed>(dimensions: number) => GroupIndex<T>;

interface Kept extends Indexed {
  readonly group: Group;
  readonly id: string;
  readonly untilMs: number;
}

interface Group {
  readonly name: string;
  readonly dimensions: number;
  readonly index: GroupIndex<Kept>;
  readonly ids: Map<string, Kept>;
  /** None ends before. */
  earliestMs: number;
}

/** Measured, for ids and groups of 65 characters. A number takes four, and a quarter is set aside for more. */
const bytesOfNumber = 5;
const bytesOfVector = 400;
const bytesOfGroup = 1_000;

/** Vectors in this process, in groups. What was neither put nor found for the longest makes room. */
export class KeptVectors implements VectorStore {
  readonly #makeIndex: MakeIndex;
  readonly #limits: VectorLimits;
  readonly #clock: Clock;
  readonly #groups = new Map<string, Group>();
  /** What was used last comes last. */
  readonly #order = new Set<Kept>();
  #bytes = 0;

  constructor(makeIndex: MakeIndex, limits: VectorLimits, clock: Clock) {
    this.#makeIndex = makeIndex;
    this.#limits = limits;
    this.#clock = clock;
  }

  nearest(groupName: string, vector: Vector, count: number): readonly Neighbour[] {
    const group = this.#groups.get(groupName);
    const unit = unitOf(vector);
    if (group === undefined || unit?.length !== group.dimensions || count < 1) return [];
    this.#endWhatIsOver(group);
    return group.index.nearest(unit, count).map(({ item, similarity }) => {
      this.#use(item);
      return { id: item.id, similarity: asCosine(similarity) };
    });
  }

  put(groupName: string, id: string, vector: Vector, ttlMs: number): void {
    this.delete(groupName, id);
    const unit = unitOf(vector);
    if (unit === undefined) return;
    const group = this.#group(groupName, unit.length);
    const untilMs = this.#clock.now() + ttlMs;
    const kept = { group, id, untilMs, place: 0 };
    group.index.add(kept, unit);
    if (group.ids.size === 0) this.#begin(group);
    group.ids.set(id, kept);
    group.earliestMs = Math.min(group.earliestMs, untilMs);
    this.#order.add(kept);
    this.#bytes += bytesOf(group);
    this.#makeRoom();
  }

  delete(groupName: string, id: string): void {
    const kept = this.#groups.get(groupName)?.ids.get(id);
    if (kept !== undefined) this.#remove(kept.group, [kept]);
  }

  /** Whoever embeds otherwise now begins anew: what was kept cannot be compared. */
  #group(name: string, dimensions: number): Group {
    const known = this.#groups.get(name);
    if (known?.dimensions === dimensions) return known;
    if (known !== undefined) this.#remove(known, [...known.ids.values()]);
    return { name, dimensions, index: this.#makeIndex(dimensions), ids: new Map(), earliestMs: Infinity };
  }

  #begin(group: Group): void {
    this.#groups.set(group.name, group);
    this.#bytes += bytesOfGroup;
  }

  #use(kept: Kept): void {
    this.#order.delete(kept);
    this.#order.add(kept);
  }

  #makeRoom(): void {
    for (const kept of this.#order) {
      if (this.#order.size <= this.#limits.entries && this.#bytes <= this.#limits.bytes) return;
      this.#remove(kept.group, [kept]);
    }
  }

  #endWhatIsOver(group: Group): void {
    const now = this.#clock.now();
    if (now < group.earliestMs) return;
    const over: Kept[] = [];
    group.earliestMs = Infinity;
    for (const kept of group.ids.values()) {
      if (kept.untilMs <= now) over.push(kept);
      else group.earliestMs = Math.min(group.earliestMs, kept.untilMs);
    }
    this.#remove(group, over);
  }

  #remove(group: Group, removed: readonly Kept[]): void {
    group.index.remove(removed);
    for (const kept of removed) {
      group.ids.delete(kept.id);
      this.#order.delete(kept);
      this.#bytes -= bytesOf(group);
    }
    if (group.ids.size > 0) return;
    this.#groups.delete(group.name);
    this.#bytes -= bytesOfGroup;
  }
}

/** Of one vector. */
function bytesOf({ dimensions }: Group): number {
  return bytesOfNumber * dimensions + bytesOfVector;
}
