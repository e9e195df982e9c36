import type { Clock } from '../core/clock.ts';
import { unitOf } from '../core/unit-vector.ts';
import type { Neighbour, Vector, VectorStore } from '../core/vector-store.ts';
import type { GroupIndex } from './group-index.ts';

/** How many vectors are kept in this process, and how much room they may take. */
export interface VectorLimits {
  readonly entries: number;
  readonly bytes: number;
}

/** Makes what the vectors of one group are found by. */
export type MakeIndex = <T extends object>(dimensions: number) => GroupIndex<T>;

interface Kept {
  readonly group: Group;
  readonly id: string;
  readonly bytes: number;
  untilMs: number;
}

interface Group {
  readonly name: string;
  readonly dimensions: number;
  readonly index: GroupIndex<Kept>;
  readonly ids: Map<string, Kept>;
  /** None ends before. */
  earliestMs: number;
}

/** What one takes besides its numbers: measured, of maps and of room set aside, for ids of up to 120 characters. */
const bytesBesides = 500;

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
      return { id: item.id, similarity };
    });
  }

  put(groupName: string, id: string, vector: Vector, ttlMs: number): void {
    this.delete(groupName, id);
    const unit = unitOf(vector);
    if (unit === undefined) return;
    const group = this.#group(groupName, unit.length);
    const untilMs = this.#clock.now() + ttlMs;
    const kept = { group, id, untilMs, bytes: unit.byteLength + bytesBesides };
    group.index.add(kept, unit);
    group.ids.set(id, kept);
    group.earliestMs = Math.min(group.earliestMs, untilMs);
    this.#order.add(kept);
    this.#bytes += kept.bytes;
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
    const group: Group = {
      name,
      dimensions,
      index: this.#makeIndex(dimensions),
      ids: new Map(),
      earliestMs: Infinity,
    };
    this.#groups.set(name, group);
    return group;
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
      this.#bytes -= kept.bytes;
    }
    if (group.ids.size === 0) this.#groups.delete(group.name);
  }
}
