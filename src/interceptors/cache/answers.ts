import type { CacheFact } from '../../core/cache-fact.ts';
import type { CacheMode } from '../../core/cache-settings.ts';
import type { Call } from '../../core/call.ts';
import type { Host, Next } from '../../core/interceptor.ts';
import type { Reply } from '../../core/reply.ts';
import type { CallSettings } from '../../core/settings.ts';
import type { Settlement } from '../../core/settlement.ts';
import { askerOf, type Asker } from './asker.ts';
import { isLeftToChance } from './chance.ts';
import type { Entry } from './entry.ts';
import { Flight, type Landed } from './flight.ts';
import { Flights } from './flights.ts';
import type { KeepingRules } from './keeping-rules.ts';
import { asksElsewhere, keyOf, whereTo } from './key.ts';
import { keepsNew, takesKept } from './modes.ts';
import { replay } from './replay.ts';
import { SettledAnswers, type Lesson, type NewAnswer } from './settled-answers.ts';
import { SharedStream } from './shared-stream.ts';
import type { SemanticAnswers } from './semantic/semantic-answers.ts';
import type { Shelf } from './shelf.ts';

/** How answers are kept and shared. */
export interface AnswerRules {
  readonly coalesce: boolean;
  readonly sampled: boolean;
  readonly keeping: KeepingRules;
}

/** What a call asks, and under which key. */
interface Asked {
  readonly key: string;
  readonly mode: CacheMode;
  /** With which its answer can be found by others, in other words. */
  readonly lesson?: Lesson | undefined;
}

/** What became of looking for the same in other words. */
interface Related {
  readonly reply?: Reply;
  readonly lesson?: Lesson;
}

/** Answers calls by what was kept, by what is on its way, or by asking. */
export class Answers {
  readonly shelf: Shelf;
  readonly #host: Host;
  readonly #rules: AnswerRules;
  readonly #settled: SettledAnswers;
  readonly #semantic: (() => Promise<SemanticAnswers>) | undefined;
  /** By how they are answered, and their key. */
  readonly #flights: Flights<Flight>;
  /** Keys that are asked for anew. */
  readonly #refreshing = new Set<string>();

  /** @param semantic where questions in other words have the same answer */
  constructor(host: Host, shelf: Shelf, rules: AnswerRules, semantic?: () => Promise<SemanticAnswers>) {
    this.#host = host;
    this.shelf = shelf;
    this.#rules = rules;
    this.#flights = new Flights(host, shelf);
    this.#settled = new SettledAnswers(shelf, rules.keeping, semantic);
    this.#semantic = semantic;
  }

  answer(call: Call, next: Next): Promise<Reply> {
    const mode = modeOf(call);
    if (mode === 'off') return bypass(call, next, 'off');
    if (!this.#rules.sampled && isLeftToChance(call.body)) return bypass(call, next, 'left to chance');
    const found = keyOf(this.#host, call);
    if ('reason' in found) return bypass(call, next, found.reason);
    return this.#answer(call, next, { key: found.key, mode });
  }

  async #answer(call: Call, next: Next, asked: Asked): Promise<Reply> {
    const { key, mode } = asked;
    let reason: string | undefined = mode;
    if (takesKept(mode)) {
      const found = this.#keepsAny ? await this.shelf.find(key, call) : undefined;
      if (found?.kind === 'stale' && asksElsewhere(this.#host, call)) reason = 'expired';
      else if (found !== undefined && found.kind !== 'none') {
        const reply = await this.#hit(call, key, found.entry, found.kind);
        if (reply !== undefined) return reply;
        reason = 'damaged';
      } else reason = found?.reason;
    }
    if (this.#semantic === undefined) return this.#ask(call, next, asked, reason);
    const { reply, lesson } = await this.#related(call, asked, await this.#semantic());
    return reply ?? this.#ask(call, next, { ...asked, lesson }, reason);
  }

  /** The answer to the question in other words, else what others may find its own answer by. */
  async #related(call: Call, { key, mode }: Asked, semantic: SemanticAnswers): Promise<Related> {
    const question = semantic.question(call, key);
    // Who can share an answer on its way needs no other.
    if (question === undefined || this.#underWay(call, { key, mode }) !== undefined) return {};
    if (!takesKept(mode)) return { lesson: { question, meaning: semantic.meaningOf(call, question) } };
    const looking = semantic.find(call, question);
    const meaning = looking.then(
      (finding) => finding.meaning,
      () => undefined,
    );
    if (semantic.isShadow) {
      // Its receipt tells what was found, however long that takes.
      void meaning.finally(call.run.hold());
      return { lesson: { question, meaning } };
    }
    const { compared } = await looking;
    const { key: other, entry } = compared.at(-1) ?? {};
    const reply = other && entry && (await this.#hit(call, other, entry, 'fresh', 'semantic'));
    return reply ? { reply } : { lesson: { question, meaning } };
  }

  /** `undefined` where nothing can be made of what was kept. */
  async #hit(
    call: Call,
    key: string,
    entry: Entry,
    age: 'fresh' | 'stale',
    kind: 'exact' | 'semantic' = 'exact',
  ): Promise<Reply | undefined> {
    let reply: Reply;
    try {
      reply = await replay(this.#host, call, entry);
    } catch (thrown) {
      this.#host.report(thrown, '`cache`, giving a kept answer');
      return undefined;
    }
    const { at, costNanoUsd, durationMs } = entry.head;
    call.run.note('cache', {
      status: age === 'fresh' ? 'hit' : 'stale',
      kind,
      key,
      ageMs: this.#host.clock.now() - at,
      savedMs: durationMs,
      ...(costNanoUsd === undefined ? {} : { savedNanoUsd: costNanoUsd }),
    });
    if (age === 'stale' && keepsNew(modeOf(call))) this.#refresh(call, key);
    return reply;
  }

  /** A call of its own asks anew, one for all who are given the old answer meanwhile. */
  #refresh(call: Call, key: string): void {
    if (this.#refreshing.has(key)) return;
    this.#refreshing.add(key);
    const lesson = this.#settled.lesson(call, key);
    const asker = this.#asker(call);
    const { dialect } = call;
    const body = dialect.request.withStream(call.body, false);
    const answer = this.#host.call(call, { dialect, model: whereTo(this.#host, call), body, again: true });
    this.shelf.inBackground(
      answer
        .then(async (reply) => {
          if (reply.error === undefined)
            this.#settled.putPlain(
              { key, asker, lesson: await lesson, replaces: true },
              await reply.text(),
              reply,
            );
          else reply.discard();
        })
        .finally(() => this.#refreshing.delete(key)),
    );
  }

  /** Joins whoever asks the same already, or asks. */
  async #ask(call: Call, next: Next, asked: Asked, reason: string | undefined): Promise<Reply> {
    const { key, mode } = asked;
    const sharer = this.#keeps(mode) ? this.#asker(call) : undefined;
    for (;;) {
      const known = this.#underWay(call, asked);
      note(call, known === undefined ? 'miss' : 'coalesced', key, known === undefined ? reason : undefined);
      if (known === undefined) {
        const { landed, leave } = this.#flights.board(call, this.#begin(call, next, asked), sharer);
        const { reply, stream } = await landed;
        return stream === undefined ? reply : this.#host.replies.through(call, reply, stream.reader(leave));
      }
      const { landed, leave } = this.#flights.share(call, known, sharer);
      const shared = await landed;
      if (shared !== undefined) return this.#shared(call, known, shared, leave);
    }
  }

  #shared(call: Call, flight: Flight, { reply, stream, told }: Landed, leave: () => void): Reply {
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

  /** What an answer saves that is shared: what it costs the call that asked, by its usage while that is not settled. */
  #noteShared({ run, settings }: Call, costNanoUsd: number | undefined, settlement: Settlement): void {
    const { cache } = run.facts;
    if (cache === undefined || settlement.outcome !== 'finished') return;
    const savedNanoUsd = costNanoUsd ?? this.#priceOf(settlement, settings);
    if (savedNanoUsd !== undefined) run.note('cache', { ...cache, savedNanoUsd });
  }

  #priceOf({ usage, target }: Settlement, settings: CallSettings): number | undefined {
    return usage && target && this.#host.pricing.model(target, this.#host.clock.now(), settings).cost(usage);
  }

  /** What this call can share. */
  #underWay(call: Call, { key, mode }: Pick<Asked, 'key' | 'mode'>): Flight | undefined {
    return this.#joins(mode) ? this.#flights.find(laneOf(call, key)) : undefined;
  }

  #begin(call: Call, next: Next, { key, mode, lesson }: Asked): Flight {
    const landing = { key, lesson, replaces: mode !== 'write', isShared: this.#joins(mode) };
    const flight = new Flight(call, next, this.#asker(call), (own, reply) =>
      this.#landed(own, reply, landing),
    );
    if (landing.isShared) this.#flights.add(flight, flight, [laneOf(call, key)]);
    return flight;
  }

  #landed(flight: Flight, reply: Reply, landing: Landing): SharedStream | undefined {
    const { events, error } = reply;
    if (events === undefined || error !== undefined) {
      const asker = flight.kept;
      if (asker !== undefined && error === undefined)
        this.shelf.inBackground(
          reply.text().then((text) => this.#settled.putPlain({ ...landing, asker }, text, reply)),
        );
      return undefined;
    }
    const keptBytes = landing.isShared || flight.kept !== undefined ? this.#rules.keeping.maxEntryBytes : 0;
    return new SharedStream(events, keptBytes, (chunks) => {
      flight.end();
      const asker = flight.kept;
      if (asker !== undefined && chunks !== undefined)
        this.#settled.putStreamed({ ...landing, asker }, chunks, reply);
    });
  }

  #asker(call: Call): Asker {
    return askerOf(call, this.#host.clock.now(), this.#rules.keeping);
  }

  #joins(mode: CacheMode): boolean {
    return this.#rules.coalesce && mode !== 'refresh';
  }

  get #keepsAny(): boolean {
    return this.#rules.keeping.ttlMs > 0;
  }

  #keeps(mode: CacheMode): boolean {
    return this.#keepsAny && keepsNew(mode);
  }
}

/** What is to become of a reply when it has come. */
interface Landing extends Omit<NewAnswer, 'asker'> {
  /** Whether others may join. */
  readonly isShared: boolean;
}

function modeOf({ settings }: Call): CacheMode {
  return settings.cache?.mode ?? 'read-write';
}

/** A streamed answer and a plain one do not come the same way. */
function laneOf({ stream }: Call, key: string): string {
  return `${stream ? 'stream' : 'plain'} ${key}`;
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
