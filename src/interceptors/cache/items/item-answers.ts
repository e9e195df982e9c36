import type { CacheFact, CacheItems } from '../../../core/cache-fact.ts';
import type { Call } from '../../../core/call.ts';
import type { Host, Next } from '../../../core/interceptor.ts';
import type { Reply } from '../../../core/reply.ts';
import type { AnswerRules } from '../answers.ts';
import { asksElsewhere, whereTo } from '../key.ts';
import { takesKept } from '../modes.ts';
import type { Found, Shelf } from '../shelf.ts';
import { spaceOf } from '../vector-space.ts';
import { Gathering } from './gathering.ts';
import { knownOf, nothingKnown, savedBy, type Known } from './known.ts';
import { askedItemsOf, type AskedItems } from './asked-items.ts';
import { ItemRequests } from './requests.ts';
import { replyOf, type ItemVector } from './item-vector.ts';
import { WholeOnly } from './whole-only.ts';

const unusable = 'not one answer to each input';

/** What a receipt is to be told. */
interface Told
  extends Pick<CacheFact, 'status' | 'savedMs'>, Partial<Pick<CacheItems, 'asked' | 'coalesced'>> {
  readonly reason?: string | undefined;
  /** Default: nothing. */
  readonly known?: Known;
  /** What others have asked for. Default: nothing. */
  readonly shared?: ReadonlyMap<string, ItemVector> | undefined;
  /** Whether the call is given none of it. Default `false`. */
  readonly hasFailed?: boolean;
}

/**
 * Answers calls that ask for several things at once by what is known of each, and asks for the rest. What one reply holds is
 * of one model: where the rest comes from another than what is known, the whole is asked for.
 */
export class ItemAnswers {
  readonly #host: Host;
  readonly #shelf: Shelf;
  readonly #rules: Pick<AnswerRules, 'coalesce' | 'keeping'>;
  readonly #requests: ItemRequests;
  readonly #wholeOnly: WholeOnly;

  constructor(host: Host, shelf: Shelf, rules: Pick<AnswerRules, 'coalesce' | 'keeping'>) {
    this.#host = host;
    this.#shelf = shelf;
    this.#rules = rules;
    this.#requests = new ItemRequests(host, shelf, rules);
    this.#wholeOnly = new WholeOnly(host.clock);
  }

  answer(call: Call, next: Next): Promise<Reply> {
    const mode = call.settings.cache?.mode ?? 'read-write';
    const question = mode === 'off' ? { reason: 'off' } : askedItemsOf(this.#host, call, mode);
    if ('lens' in question) return this.#answer(call, next, question);
    call.run.note('cache', { status: 'bypass', kind: 'items', reason: question.reason });
    return next(call);
  }

  async #answer(call: Call, next: Next, question: AskedItems): Promise<Reply> {
    const { items, distinct, mode } = question;
    const known = await this.#known(call, question);
    const { size } = known.vectors;
    if (size === distinct.length) return this.#hit(call, question, known);
    const reason = takesKept(mode) ? known.reason : mode;
    // A request that asks for nothing but what is missing goes on as it is, and its reply comes back as it is.
    if (size === 0 && items.length === distinct.length && !this.#isPartlyUnderWay(question))
      return this.#askWhole(call, next, question, reason);
    if (this.#wholeOnly.has(whereTo(this.#host, call))) return this.#askWhole(call, next, question, unusable);
    return this.#askRest(call, next, question, known, reason);
  }

  async #known(call: Call, { distinct, mode }: AskedItems): Promise<Known> {
    if (!takesKept(mode) || this.#rules.keeping.ttlMs === 0) return nothingKnown;
    const found = await this.#shelf.findAll(
      distinct.map(({ key }) => key),
      call,
    );
    const given = asksElsewhere(this.#host, call) ? found.map(unlessStale) : found;
    return knownOf(distinct, given, this.#space);
  }

  #hit(call: Call, question: AskedItems, known: Known): Reply {
    const all = [...known.vectors.values()];
    const status = all.some(({ isStale }) => isStale) ? 'stale' : 'hit';
    const savedMs = all.reduce((longest, { head }) => Math.max(longest, head.durationMs), 0);
    this.#note(call, question, { status, savedMs, known });
    this.#refresh(call, question, known);
    const { text, told } = replyOf(question.lens, question.items, known.vectors);
    return this.#host.replies.text(call, text, 'cache', told);
  }

  async #askRest(
    call: Call,
    next: Next,
    question: AskedItems,
    known: Known,
    reason: string | undefined,
  ): Promise<Reply> {
    const { distinct } = question;
    const joins = this.#joins(question);
    const gathering = new Gathering(this.#requests, call, next, question, known.vectors, joins);
    const tell = (told: Partial<Told>): void => {
      const { asked } = gathering;
      const status = asked === 0 ? 'coalesced' : known.vectors.size > 0 ? 'partial' : 'miss';
      this.#note(call, question, { status, reason, asked, known, ...told });
    };
    const failed = (): void =>
      tell({ coalesced: distinct.length - known.vectors.size - gathering.asked, hasFailed: true });
    const end = await gathering.run().catch((thrown: unknown) => {
      failed();
      throw thrown;
    });
    const { vectors, reply, shared } = gathering;
    if (end === 'unusable' || (end === 'all' && new Set([...vectors.values()].map(this.#space)).size > 1)) {
      reply?.discard();
      if (end === 'unusable') this.#wholeOnly.add(whereTo(this.#host, call));
      const why = end === 'all' ? 'another model has answered the rest' : unusable;
      return this.#askWhole(call, next, question, why);
    }
    if (end !== 'all') {
      failed();
      if ('failed' in end) return end.failed;
      reply?.discard();
      return this.#host.replies.like(call, end.failedForOther, 'coalesced');
    }
    tell({ coalesced: shared.size, shared });
    this.#refresh(call, question, known);
    const { text, told } = replyOf(question.lens, question.items, vectors);
    return reply === undefined
      ? this.#host.replies.text(call, text, 'coalesced', told)
      : this.#host.replies.extended(call, reply, text, told.usage);
  }

  /** As the call has written it, or together with one that asks the same. */
  async #askWhole(call: Call, next: Next, question: AskedItems, reason: string | undefined): Promise<Reply> {
    const { items, distinct } = question;
    const count = distinct.length;
    const joins = this.#joins(question);
    for (;;) {
      const same = joins ? this.#requests.underWay.sameAs(items) : undefined;
      if (same === undefined) {
        this.#note(call, question, { status: 'miss', reason, asked: count });
        const batch = this.#requests.begin(call, next, question, items);
        return (await this.#requests.board(call, question, batch).landed).reply;
      }
      const told = { status: 'coalesced', reason, coalesced: count } as const;
      this.#note(call, question, told);
      const { reply } = (await this.#requests.share(call, question, same).landed) ?? {};
      if (reply === undefined) continue;
      this.#note(call, question, { ...told, shared: (await same.bought(reply))?.vectors });
      return this.#host.replies.like(call, reply, 'coalesced');
    }
  }

  #joins({ mode }: AskedItems): boolean {
    return this.#rules.coalesce && mode !== 'refresh';
  }

  /** Whether others ask for some of it, and not for all of it. */
  #isPartlyUnderWay(question: AskedItems): boolean {
    const { underWay } = this.#requests;
    if (!this.#joins(question) || underWay.sameAs(question.items) !== undefined) return false;
    return underWay.withSomeOf(question.items).length > 0;
  }

  #refresh(call: Call, question: AskedItems, { vectors }: Known): void {
    const stale = question.distinct.filter(({ key }) => vectors.get(key)?.isStale === true);
    this.#requests.refresh(call, question, stale);
  }

  readonly #space = (vector: ItemVector): string =>
    spaceOf(vector, (provider) => this.#host.poolOf(provider));

  #note(call: Call, { items, distinct }: AskedItems, told: Told): void {
    const { status, reason, savedMs, known = nothingKnown, shared = nothingKnown.vectors } = told;
    const { asked = 0, coalesced = 0, hasFailed = false } = told;
    const [only] = distinct;
    call.run.note('cache', {
      status,
      kind: 'items',
      items: { known: known.vectors.size, asked, coalesced },
      ...(distinct.length === 1 && only !== undefined ? { key: only.key } : {}),
      ...(reason === undefined ? {} : { reason }),
      ...(savedMs === undefined ? {} : { savedMs }),
      ...(hasFailed ? {} : savedBy(items, known, shared, this.#host.clock.now())),
    });
  }
}

/** Nobody can ask anew for it. */
function unlessStale(found: Found): Found {
  return found.kind === 'stale' ? { kind: 'none', reason: 'expired' } : found;
}
