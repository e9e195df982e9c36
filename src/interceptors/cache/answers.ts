import type { CacheFact } from '../../core/cache-fact.ts';
import type { CacheMode } from '../../core/cache-settings.ts';
import type { Call } from '../../core/call.ts';
import type { Host, Next } from '../../core/interceptor.ts';
import type { Reply } from '../../core/reply.ts';
import type { Settlement } from '../../core/settlement.ts';
import { isLeftToChance } from './chance.ts';
import type { Entry } from './entry.ts';
import { Flight } from './flight.ts';
import { askerOf, plainEntry, streamedEntry, type Asker, type KeepingRules } from './keeping.ts';
import { keyOf } from './key.ts';
import { asksForUsage, replay } from './replay.ts';
import { SharedStream } from './shared-stream.ts';
import type { Shelf } from './shelf.ts';

/** How answers are kept and shared. */
export interface AnswerRules {
  readonly coalesce: boolean;
  readonly sampled: boolean;
  readonly keeping: KeepingRules;
}

const reading: ReadonlySet<CacheMode> = new Set(['read-write', 'read']);
const writing: ReadonlySet<CacheMode> = new Set(['read-write', 'write', 'refresh']);

/** What is asked under one key. */
interface Question {
  readonly key: string;
  readonly mode: CacheMode;
}

/** Answers calls by what was kept, by what is on its way, or by asking. */
export class Answers {
  readonly shelf: Shelf;
  readonly #host: Host;
  readonly #rules: AnswerRules;
  /** Those that others may join, by how they are answered and their key. */
  readonly #flights = new Map<string, Flight>();
  /** Keys that are asked for anew. */
  readonly #refreshing = new Set<string>();

  constructor(host: Host, shelf: Shelf, rules: AnswerRules) {
    this.#host = host;
    this.shelf = shelf;
    this.#rules = rules;
  }

  answer(call: Call, next: Next): Promise<Reply> {
    const mode = call.settings.cache?.mode ?? 'read-write';
    if (mode === 'off') return bypass(call, next, 'off');
    if (!this.#rules.sampled && isLeftToChance(call.body)) return bypass(call, next, 'left to chance');
    const found = keyOf(this.#host, call);
    if ('reason' in found) return bypass(call, next, found.reason);
    return this.#answer(call, next, { key: found.key, mode });
  }

  async #answer(call: Call, next: Next, question: Question): Promise<Reply> {
    const { key, mode } = question;
    let reason: string | undefined = mode;
    if (reading.has(mode)) {
      const found = this.#keepsAny ? await this.shelf.find(key) : undefined;
      if (found !== undefined && found.kind !== 'none') {
        const reply = await this.#hit(call, key, found.entry, found.kind);
        if (reply !== undefined) return reply;
        reason = 'damaged';
      } else reason = found?.reason;
    }
    return this.#ask(call, next, question, reason);
  }

  /** `undefined` where nothing can be made of what was kept. */
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

  /** A call of its own asks anew, one for all who are given the old answer meanwhile. */
  #refresh(call: Call, key: string): void {
    if (this.#refreshing.has(key)) return;
    this.#refreshing.add(key);
    const asker = this.#asker(call);
    const { dialect } = call;
    const body = dialect.request.withStream(call.body, false);
    const asked = this.#host.call(call, { dialect, model: whereTo(this.#host, call), body });
    this.shelf.inBackground(
      asked
        .then(async (reply) => {
          if (reply.error === undefined) this.#keepPlain(key, asker, await reply.text(), reply, true);
          else reply.discard();
        })
        .finally(() => this.#refreshing.delete(key)),
    );
  }

  /** Joins whoever asks the same already, or asks. */
  async #ask(call: Call, next: Next, question: Question, reason: string | undefined): Promise<Reply> {
    const { key, mode } = question;
    // A streamed answer and a plain one do not come the same way.
    const lane = `${call.stream ? 'stream' : 'plain'} ${key}`;
    const joins = this.#rules.coalesce && mode !== 'refresh';
    for (;;) {
      const known = joins ? this.#flights.get(lane) : undefined;
      const flight = known ?? this.#begin(call, next, question, joins ? lane : undefined);
      flight.keeps ||= this.#keeps(mode);
      const leave = flight.join();
      const { reply, stream, told } = await orAborted(flight.landed, call.signal, leave);
      if (known === undefined) {
        note(call, 'miss', key, reason);
        return stream === undefined ? reply : this.#host.replies.through(call, reply, stream.reader(leave));
      }
      if (isTheirsAlone(reply) || stream?.isWhole === false) {
        leave();
        if (this.#flights.get(lane) === known) this.#flights.delete(lane);
        continue;
      }
      note(call, 'coalesced', key, undefined);
      const shared =
        stream === undefined
          ? this.#host.replies.like(call, reply, 'coalesced')
          : this.#host.replies.stream(
              call,
              stream.reader(leave),
              'coalesced',
              () => told() ?? { ...stream.told(call.dialect.stream), target: flight.target },
            );
      shared.onSettled((settlement) => this.#noteShared(call, told()?.costNanoUsd, settlement));
      return shared;
    }
  }

  /** What an answer saves that is shared: what it costs the call that asked, by its usage while that is not settled. */
  #noteShared({ run }: Call, costNanoUsd: number | undefined, settlement: Settlement): void {
    const { cache } = run.facts;
    if (cache === undefined || settlement.outcome !== 'finished') return;
    const savedNanoUsd = costNanoUsd ?? this.#priceOf(settlement);
    if (savedNanoUsd !== undefined) run.note('cache', { ...cache, savedNanoUsd });
  }

  #priceOf({ usage, target }: Settlement): number | undefined {
    return usage && target && this.#host.pricing.model(target, this.#host.clock.now()).cost(usage);
  }

  /** @param lane where others may join */
  #begin(call: Call, next: Next, { key, mode }: Question, lane: string | undefined): Flight {
    const asker = this.#asker(call);
    const usageIsOurs = call.stream && !asksForUsage(call);
    const replaces = mode !== 'write';
    const flight = new Flight(call, next, (own, reply) =>
      this.#landed(own, reply, { key, asker, lane, usageIsOurs, replaces }),
    );
    if (lane !== undefined) this.#flights.set(lane, flight);
    return flight;
  }

  #landed(flight: Flight, reply: Reply, landing: Landing): SharedStream | undefined {
    const { key, asker, lane, usageIsOurs, replaces } = landing;
    const over = (): void => {
      if (lane !== undefined && this.#flights.get(lane) === flight) this.#flights.delete(lane);
    };
    const { events, error } = reply;
    if (events === undefined || error !== undefined) {
      over();
      if (flight.keeps && error === undefined)
        this.shelf.inBackground(
          reply.text().then((text) => this.#keepPlain(key, asker, text, reply, replaces)),
        );
      return undefined;
    }
    // Where there are stages, what is withheld is known.
    if (usageIsOurs) events.observe(() => {});
    return new SharedStream(events, this.#rules.keeping.maxEntryBytes, (chunks) => {
      over();
      flight.end();
      if (flight.keeps && chunks !== undefined) this.#keepChunks(key, asker, chunks, reply, replaces);
    });
  }

  get #keepsAny(): boolean {
    return this.#rules.keeping.ttlMs > 0;
  }

  #keeps(mode: CacheMode): boolean {
    return this.#keepsAny && writing.has(mode);
  }

  #asker(call: Call): Asker {
    return askerOf(call, this.#host.clock.now(), this.#rules.keeping);
  }

  #keepPlain(key: string, asker: Asker, text: string, reply: Reply, replaces: boolean): void {
    reply.onSettled((settlement) => {
      const make = async () => plainEntry(asker, text, settlement, this.#rules.keeping);
      this.shelf.keep(key, make, replaces);
    });
  }

  #keepChunks(
    key: string,
    asker: Asker,
    chunks: readonly Uint8Array[],
    reply: Reply,
    replaces: boolean,
  ): void {
    reply.onSettled((settlement) => {
      const withheld = reply.events?.withheld;
      const make = () => streamedEntry(asker, chunks, withheld, settlement, this.#rules.keeping);
      this.shelf.keep(key, make, replaces);
    });
  }
}

/** What is to become of a reply when it has come. */
interface Landing {
  readonly key: string;
  readonly asker: Asker;
  readonly lane: string | undefined;
  /** The stream will tell its usage because we have asked for it. */
  readonly usageIsOurs: boolean;
  readonly replaces: boolean;
}

function bypass(call: Call, next: Next, reason: string): Promise<Reply> {
  note(call, 'bypass', undefined, reason);
  return next(call);
}

function note(
  call: Call,
  status: CacheFact['status'],
  key: string | undefined,
  reason: string | undefined,
): void {
  call.run.note('cache', {
    status,
    kind: 'exact',
    ...(key === undefined ? {} : { key }),
    ...(reason === undefined ? {} : { reason }),
  });
}

/** The route, or the target by its whole name: only a client knows its own models without. */
function whereTo(host: Pick<Host, 'definitionOf'>, call: Call): string {
  const definition = host.definitionOf(call);
  return definition?.startsWith('"') === true ? String(JSON.parse(definition)) : call.model;
}

/** What is refused, is refused to the one who asked: the next one asks for itself. */
function isTheirsAlone({ error }: Reply): boolean {
  return error?.kind === 'refused' || error?.kind === 'aborted';
}

/** Whoever gives up leaves. */
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
