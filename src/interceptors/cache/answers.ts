import type { CacheFact } from '../../core/cache-fact.ts';
import type { CacheMode } from '../../core/cache-settings.ts';
import type { CacheStore } from '../../core/cache-store.ts';
import type { Call } from '../../core/call.ts';
import type { Host, Next } from '../../core/interceptor.ts';
import { invalidOption } from '../../core/parse-options.ts';
import type { Reply } from '../../core/reply.ts';
import { decodeEntry, encodeEntry, type Entry } from './entry.ts';
import { Flight } from './flight.ts';
import { Invalidations, type Invalidation } from './invalidation.ts';
import { isLeftToChance } from './chance.ts';
import { askerOf, plainEntry, streamedEntry, type Asker, type KeepingRules } from './keeping.ts';
import { keyOf } from './key.ts';
import { asksForUsage, replay } from './replay.ts';
import { SharedStream } from './shared-stream.ts';

/** How answers are kept and shared. */
export interface AnswerRules {
  readonly coalesce: boolean;
  readonly sampled: boolean;
  readonly rules: KeepingRules;
}

/** What was found under a key. */
type Found =
  | { readonly kind: 'fresh' | 'stale'; readonly entry: Entry }
  | { readonly kind: 'none'; readonly reason: string | undefined };

const reads: ReadonlySet<CacheMode> = new Set(['read-write', 'read']);
const writes: ReadonlySet<CacheMode> = new Set(['read-write', 'write', 'refresh']);

/** Answers that are kept, and those on their way. */
export class Answers {
  readonly #host: Host;
  readonly #store: CacheStore;
  readonly #rules: AnswerRules;
  readonly #invalidations: Invalidations;
  readonly #flights = new Map<string, Flight>();
  /** Kept in the background. */
  readonly #keeping = new Set<Promise<void>>();
  /** Keys that are asked for anew. */
  readonly #refreshing = new Set<string>();
  #isReported = false;

  constructor(host: Host, store: CacheStore, rules: AnswerRules) {
    this.#host = host;
    this.#store = store;
    this.#rules = rules;
    this.#invalidations = new Invalidations(store);
  }

  answer(call: Call, next: Next): Promise<Reply> {
    const mode = call.settings.cache?.mode ?? 'read-write';
    if (mode === 'off') return this.#bypass(call, next, 'off');
    if (!this.#rules.sampled && isLeftToChance(call.body)) return this.#bypass(call, next, 'left to chance');
    const found = keyOf(this.#host, call);
    if ('reason' in found) return this.#bypass(call, next, found.reason);
    return this.#answer(call, next, found.key, mode);
  }

  async invalidate({ key, ...groups }: Invalidation): Promise<void> {
    if (key === undefined) return this.#invalidations.mark(groups, this.#host.clock.now());
    if (Object.keys(groups).length > 0)
      throw invalidOption('invalidate.key', 'names one answer: what else is given says nothing beside it');
    await this.#store.delete(key);
  }

  /** Resolves when all is kept that is to be, or could not be. */
  async idle(): Promise<void> {
    await Promise.all(this.#keeping);
  }

  #bypass(call: Call, next: Next, reason: string): Promise<Reply> {
    call.run.note('cache', { status: 'bypass', kind: 'exact', reason });
    return next(call);
  }

  async #answer(call: Call, next: Next, key: string, mode: CacheMode): Promise<Reply> {
    let reason: string | undefined = mode === 'read-write' || mode === 'read' ? undefined : mode;
    if (reads.has(mode) && this.#rules.rules.ttlMs > 0) {
      const found = await this.#find(key);
      if (found.kind !== 'none') {
        const reply = await this.#hit(call, key, found.entry, found.kind);
        if (reply !== undefined) return reply;
        reason = 'damaged';
      } else ({ reason } = found);
    }
    return this.#rules.coalesce && mode !== 'refresh'
      ? this.#shared(call, next, key, mode, reason)
      : this.#alone(call, next, key, mode, reason);
  }

  async #find(key: string): Promise<Found> {
    try {
      const stored = await this.#store.get(key);
      if (stored === undefined) return { kind: 'none', reason: undefined };
      const entry = decodeEntry(stored);
      if (entry === undefined) return { kind: 'none', reason: 'damaged' };
      const now = this.#host.clock.now();
      if (now >= entry.head.staleUntil) return { kind: 'none', reason: 'expired' };
      if (await this.#invalidations.isOutOfDate(entry.head)) return { kind: 'none', reason: 'invalidated' };
      this.#isReported = false;
      return { kind: now < entry.head.freshUntil ? 'fresh' : 'stale', entry };
    } catch (thrown) {
      this.#reportOnce(thrown);
      return { kind: 'none', reason: 'the store cannot be asked' };
    }
  }

  /** `undefined` where nothing can be made of it. */
  async #hit(call: Call, key: string, entry: Entry, kind: 'fresh' | 'stale'): Promise<Reply | undefined> {
    let reply: Reply;
    try {
      reply = await replay(this.#host, call, entry);
    } catch (thrown) {
      this.#host.report(thrown, '`cache`, giving a kept answer');
      return undefined;
    }
    const { at, costNanoUsd, durationMs } = entry.head;
    call.run.note('cache', {
      status: kind === 'fresh' ? 'hit' : 'stale',
      kind: 'exact',
      key,
      ageMs: this.#host.clock.now() - at,
      savedMs: durationMs,
      ...(costNanoUsd === undefined ? {} : { savedNanoUsd: costNanoUsd }),
    });
    if (kind === 'stale') this.#refresh(call, key);
    return reply;
  }

  /** A call of its own asks anew, once for all who are given the old answer meanwhile. */
  #refresh(call: Call, key: string): void {
    if (this.#refreshing.has(key)) return;
    this.#refreshing.add(key);
    const asker = askerOf(call, this.#host.clock.now(), this.#rules.rules);
    const { dialect, model } = call;
    const body = dialect.request.withStream(call.body, false);
    const work = this.#host
      .call(call, { dialect, model, body })
      .then(async (reply) => {
        if (reply.error === undefined) this.#keepPlain(key, asker, await reply.text(), reply);
        else reply.discard();
      })
      .catch((thrown: unknown) => this.#host.report(thrown, '`cache`, asking anew'))
      .finally(() => this.#refreshing.delete(key));
    this.#inBackground(work);
  }

  /** Asks for this call alone. */
  async #alone(
    call: Call,
    next: Next,
    key: string,
    mode: CacheMode,
    reason: string | undefined,
  ): Promise<Reply> {
    this.#note(call, 'miss', key, reason);
    const asker = askerOf(call, this.#host.clock.now(), this.#rules.rules);
    const reply = await next(call);
    if (!this.#keeps(mode) || reply.error !== undefined) return reply;
    if (reply.events === undefined) this.#keepPlain(key, asker, await reply.text(), reply);
    else this.#keepStream(key, asker, reply);
    return reply;
  }

  /** Joins whoever asks the same already, or begins. */
  async #shared(
    call: Call,
    next: Next,
    key: string,
    mode: CacheMode,
    reason: string | undefined,
  ): Promise<Reply> {
    // A streamed answer and a plain one do not come the same way.
    const flightKey = `${call.stream ? 'stream' : 'plain'} ${key}`;
    for (;;) {
      const known = this.#flights.get(flightKey);
      const flight = known ?? this.#begin(call, next, key, flightKey, mode);
      const leave = flight.join();
      const landed = await orAborted(flight.landed, call.signal, leave);
      const { reply, stream, told } = landed;
      if (known === undefined) {
        this.#note(call, 'miss', key, reason);
        if (stream === undefined) return reply;
        return this.#host.replies.through(call, reply, stream.reader(leave));
      }
      // What is refused is refused to the one who asked: the next one asks for itself.
      const isTheirs =
        reply.error !== undefined && (reply.error.kind === 'refused' || reply.error.kind === 'aborted');
      if (isTheirs || (stream !== undefined && !stream.isWhole)) {
        leave();
        if (this.#flights.get(flightKey) === known) this.#flights.delete(flightKey);
        continue;
      }
      this.#note(call, 'coalesced', key, undefined);
      if (stream === undefined) return this.#host.replies.like(call, reply, 'coalesced');
      return this.#host.replies.stream(call, stream.reader(leave), 'coalesced', told);
    }
  }

  #begin(call: Call, next: Next, key: string, flightKey: string, mode: CacheMode): Flight {
    const asker = askerOf(call, this.#host.clock.now(), this.#rules.rules);
    const usageIsOurs = call.stream && !asksForUsage(call);
    const flight = new Flight(call, next, (own, reply) =>
      this.#landed(own, reply, key, flightKey, asker, this.#keeps(mode), usageIsOurs),
    );
    this.#flights.set(flightKey, flight);
    return flight;
  }

  #landed(
    flight: Flight,
    reply: Reply,
    key: string,
    flightKey: string,
    asker: Asker,
    keeps: boolean,
    usageIsOurs: boolean,
  ): SharedStream | undefined {
    const over = (): void => {
      if (this.#flights.get(flightKey) === flight) this.#flights.delete(flightKey);
    };
    const { events, error } = reply;
    if (events === undefined || error !== undefined) {
      over();
      if (keeps && error === undefined && events === undefined)
        this.#inBackground(reply.text().then((text) => this.#keepPlain(key, asker, text, reply)));
      return undefined;
    }
    // Where there are stages, what is withheld is known.
    if (usageIsOurs) events.observe(() => {});
    return new SharedStream(events, this.#rules.rules.maxEntryBytes, (chunks) => {
      over();
      flight.end();
      if (keeps && chunks !== undefined) this.#keepChunks(key, asker, chunks, reply);
    });
  }

  #keeps(mode: CacheMode): boolean {
    return writes.has(mode) && this.#rules.rules.ttlMs > 0;
  }

  #note(call: Call, status: CacheFact['status'], key: string, reason: string | undefined): void {
    call.run.note('cache', { status, kind: 'exact', key, ...(reason === undefined ? {} : { reason }) });
  }

  #keepPlain(key: string, asker: Asker, text: string, reply: Reply): void {
    reply.onSettled((settlement) => {
      this.#keep(key, async () => plainEntry(asker, text, settlement, this.#rules.rules));
    });
  }

  #keepStream(key: string, asker: Asker, reply: Reply): void {
    const { events } = reply;
    if (events === undefined) return;
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    events.observe((event) => {
      bytes += event.bytes.length;
      if (bytes <= this.#rules.rules.maxEntryBytes) chunks.push(event.bytes);
    });
    reply.onSettled(() => {
      if (bytes <= this.#rules.rules.maxEntryBytes) this.#keepChunks(key, asker, chunks, reply);
    });
  }

  #keepChunks(key: string, asker: Asker, chunks: readonly Uint8Array[], reply: Reply): void {
    const withheld = reply.events?.withheld;
    reply.onSettled((settlement) => {
      this.#keep(key, () => streamedEntry(asker, chunks, withheld, settlement, this.#rules.rules));
    });
  }

  #keep(key: string, make: () => Promise<Entry | undefined>): void {
    this.#inBackground(
      make()
        .then(async (entry) => {
          if (entry === undefined) return;
          const ttlMs = entry.head.staleUntil - this.#host.clock.now();
          if (ttlMs > 0) await this.#store.set(key, encodeEntry(entry), ttlMs);
        })
        .catch((thrown: unknown) => this.#reportOnce(thrown)),
    );
  }

  #inBackground(work: Promise<void>): void {
    const done = work.finally(() => this.#keeping.delete(done));
    this.#keeping.add(done);
  }

  #reportOnce(thrown: unknown): void {
    if (!this.#isReported) this.#host.report(thrown, '`cache`, which does without its store meanwhile');
    this.#isReported = true;
  }
}

/** The first of both. Who gives up leaves. */
function orAborted<T>(pending: Promise<T>, signal: AbortSignal, leave: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      leave();
      reject(signal.reason);
    };
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    void pending.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
