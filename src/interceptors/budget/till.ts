import type { Amounts, Balance } from '../../core/accounts.ts';
import { refusal, type CallError } from '../../core/call-error.ts';
import type { Call } from '../../core/call.ts';
import { askingForAll } from '../../core/held-turns.ts';
import type { Host, Next } from '../../core/interceptor.ts';
import { isPromise } from '../../core/is-promise.ts';
import type { Reply } from '../../core/reply.ts';
import type { Settlement } from '../../core/settlement.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import { assess } from './assess.ts';
import { BackgroundResponses } from './background.ts';
import type { Bid, Party } from './bid.ts';
import { booked, chargesOfUsage } from './books.ts';
import { isWhole } from './charge.ts';
import { coverageOf, type Coverage } from './coverage.ts';
import { fetchedResponse } from './paid-requests.ts';
import type { Rule } from './rule.ts';
import type { SetAside } from './set-aside.ts';
import { Teller, type Store } from './teller.ts';
import { sendUncounted } from './uncounted.ts';
import { WaitingRoom } from './waiting-room.ts';
import { Waiting, type Outcome } from './waiting.ts';

/** As many wait for what others have set aside, at most: beyond it something is stuck, and waiting helps nobody. */
const waitersAtMost = 10_000;

/**
 * Lets no attempt of a `ManagedLLM` be sent before all budgets and ceilings that count it have set aside what it may cost,
 * and settles with them when it has ended. One for all of them, so that an attempt has all it needs or nothing.
 */
export class Till {
  readonly #host: Host;
  readonly #rules: readonly Rule[];
  readonly #ofCeilings: SetAside;
  readonly #store: Store | undefined;
  readonly #teller: Teller;
  readonly #room: WaitingRoom;
  readonly #background = new BackgroundResponses();

  /** @param store absent where there are no budgets */
  constructor(host: Host, rules: readonly Rule[], ofCeilings: SetAside, store: Store | undefined) {
    this.#host = host;
    this.#rules = rules;
    this.#ofCeilings = ofCeilings;
    this.#store = store;
    this.#teller = new Teller(host, store);
    this.#room = new WaitingRoom(host.clock, host.random);
  }

  pass(call: Call, next: Next): Promise<Reply> {
    if (this.#rules.length === 0 && call.run.ceilings.length === 0 && this.#background.size === 0)
      return sendUncounted(this.#host, call, next);
    const coverage = coverageOf(this.#host, this.#rules, call);
    if (coverage === undefined) return this.#free(call, next);
    const { pricing } = this.#host;
    return pricing.loaded
      ? this.#spend(call, coverage, next)
      : pricing.load().then(() => this.#spend(call, coverage, next));
  }

  /** What costs nothing may still tell what something else has cost. */
  #free(call: Call, next: Next): Promise<Reply> {
    const id = call.endpoint && fetchedResponse(call.endpoint);
    const { provider } = call.target ?? {};
    if (id === undefined || provider === undefined || !this.#background.has(provider, id))
      return sendUncounted(this.#host, call, next);
    return next(call).then((reply) => this.#fetched(provider, reply));
  }

  async #fetched(provider: string, reply: Reply): Promise<Reply> {
    if (reply.error !== undefined || reply.events !== undefined) return reply;
    const json = await reply.json().catch(() => undefined);
    const found = this.#background.ended(provider, json, this.#host.dialects['openai-responses']);
    if (found === undefined) return reply;
    const { bid, usage } = found;
    const charges = chargesOfUsage(bid, usage);
    for (const party of bid.ceilings) {
      const { nanoUsd = 0 } = charges.get(party) ?? {};
      party.ceiling.correct(nanoUsd - (bid.charges?.get(party)?.nanoUsd ?? 0), bid.target, bid.what);
    }
    this.#tell(bid, spentBy(bid, charges));
    return reply;
  }

  /** Resolves when the store has been told of all that has ended, or could not be. */
  async idle(): Promise<void> {
    await this.#teller.idle();
    await this.#store?.leases.idle();
  }

  async dispose(): Promise<void> {
    await this.idle();
    await this.#store?.leases.dispose();
  }

  #spend(call: Call, coverage: Coverage, next: Next): Promise<Reply> {
    let bid: Bid;
    try {
      bid = assess(this.#host, call, coverage, this.#ofCeilings);
    } catch (thrown) {
      if (ManagedLLMError.isInstance(thrown)) return this.#refuse(call, refusal(thrown), true);
      throw thrown;
    }
    endWithCall(this, bid);
    if (bid.isOver) return next(call);
    // Nobody passes those who wait for the same, as long as there is room for more of them.
    if (this.#hasRoom && this.#room.size > 0 && this.#room.isWanted(bid.keys))
      return this.#wait(call, bid, next, longestWaitMs(bid));
    const outcome = this.#teller.ask(bid);
    return isPromise(outcome)
      ? outcome.then((answer) => this.#heard(call, bid, next, answer))
      : this.#heard(call, bid, next, outcome);
  }

  #heard(call: Call, bid: Bid, next: Next, outcome: Outcome<CallError>): Promise<Reply> {
    switch (outcome.kind) {
      case 'granted':
        return this.#send(call, bid, next);
      case 'refused':
        return this.#refuse(call, outcome.refusal, outcome.isFinal);
      case 'short':
        if (outcome.maxWaitMs > 0 && this.#hasRoom) return this.#wait(call, bid, next, outcome.maxWaitMs);
        return this.#refuse(call, outcome.refuse(outcome.maxWaitMs > 0 ? 'queue-full' : 'waited', 0), false);
      default:
        return outcome satisfies never;
    }
  }

  /**
   * @param isFinal not for want of what others have set aside: of a conversation that its provider holds, all of it may be
   * bounded by less than the context window
   */
  #refuse(call: Call, error: CallError, isFinal: boolean): Promise<Reply> {
    const refused = (isFinal ? askingForAll(call, error) : undefined) ?? error;
    return Promise.resolve(this.#host.replies.refuse(call, refused));
  }

  async #wait(call: Call, bid: Bid, next: Next, maxWaitMs: number): Promise<Reply> {
    const waiting = new Waiting<CallError>({
      room: this.#room,
      clock: this.#host.clock,
      signal: call.signal,
      keys: bid.keys,
      maxWaitMs,
      ask: () => this.#teller.ask(bid),
      undo: () => this.#undo(bid),
    });
    const decided = await waiting.decided;
    bid.waitedMs = waiting.waitedMs;
    return this.#heard(call, bid, next, decided);
  }

  get #hasRoom(): boolean {
    return this.#room.size < waitersAtMost;
  }

  #undo(bid: Bid): void {
    this.#wakeAfter(this.#teller.undo(bid), bid);
  }

  #wakeAfter(told: void | Promise<void>, { keys }: Bid): void {
    if (isPromise(told)) void told.then(() => this.#room.wake(keys));
    else this.#room.wake(keys);
  }

  #send(call: Call, bid: Bid, next: Next): Promise<Reply> {
    // Its call has ended meanwhile, and lets nothing through.
    if (bid.isOver) return next(call);
    const { estimates } = this.#host;
    bid.sends(call.run.attempts.length, estimates.tokensPerSecond(bid.target));
    const { limit, measure } = bid;
    const limits = call.operation === 'chat' && limit !== undefined && limit !== measure?.maxOutputTokens;
    const body = limits ? call.dialect.request.withMaxOutputTokens(call.body, limit) : call.body;
    return followed(this, bid, next(call.with({ body, ...(bid.expected && { expected: bid.expected }) })));
  }

  /** The reply of an attempt that was let through. */
  follow(bid: Bid, reply: Reply): Reply | Promise<Reply> {
    const isLater =
      bid.measure?.background === true && reply.error === undefined && reply.events === undefined;
    if (isLater) return this.#followLater(bid, reply);
    reply.onSettled(() => this.#settle(bid, undefined));
    return reply;
  }

  /** It is answered with an id, under which its answer will be fetched. */
  async #followLater(bid: Bid, reply: Reply): Promise<Reply> {
    const { id }: { readonly id?: unknown } = Object(await reply.json().catch(() => undefined));
    reply.onSettled(() => this.#settle(bid, typeof id === 'string' ? id : undefined));
    return reply;
  }

  /** Its call has ended, however far it has come. */
  callEnded(bid: Bid): void {
    if (bid.isOver) return;
    if (bid.isSent) return this.#settle(bid, undefined);
    bid.isOver = true;
    this.#undo(bid);
  }

  /** @param id of an answer that is written later */
  #settle(bid: Bid, id: string | undefined): void {
    if (bid.isOver) return;
    bid.isOver = true;
    const { charges, attempts } = booked(bid);
    bid.endCeilings(attempts.length === 0 ? undefined : charges);
    if (id !== undefined && !attempts.every(({ settlement }) => hasToldAll(settlement, bid))) {
      bid.charges = charges;
      // Left to itself, the lease ends, and what was set aside counts.
      if (bid.lease !== undefined) this.#store?.leases.leave(bid.lease);
      this.#background.remember(bid.target.provider, id, bid);
      this.#room.wake(bid.keys);
    } else this.#tell(bid, attempts.length === 0 ? undefined : spentBy(bid, charges));
    for (const { settlement } of attempts) if (settlement !== undefined) this.#learn(bid, settlement);
  }

  /** @param spent by account; `undefined`: nothing was sent */
  #tell(bid: Bid, spent: readonly Amounts[] | undefined): void {
    const { lease } = bid;
    const store = this.#store;
    const told =
      store &&
      lease &&
      store.leases.end({ lease, spent, settled: (balances) => this.#look(store, bid, balances) });
    this.#wakeAfter(told, bid);
  }

  #look({ alerts }: Store, bid: Bid, balances: readonly Balance[]): void {
    for (const [index, { cover }] of bid.accounts.entries()) {
      const balance = balances[index];
      const account = bid.lease?.claims[index]?.account;
      if (balance === undefined || account === undefined) continue;
      const { rule, subject, limits } = cover;
      alerts.look(
        { account, label: subject.label, limits, alertAt: rule.alertAt, callId: bid.run.id },
        balance,
      );
    }
  }

  #learn({ measure, target }: Bid, { outcome, usage, firstEventAt, startedAt, settledAt }: Settlement): void {
    if (measure === undefined || usage === undefined || outcome !== 'finished') return;
    this.#host.estimates.learn(target, measure, usage, settledAt - (firstEventAt ?? startedAt));
  }
}

/** Not given the call: what waits for its end must not keep the SDK's request, and so its reader, alive. */
function endWithCall(till: Till, bid: Bid): void {
  bid.run.onEnded(() => till.callEnded(bid));
}

/** Not given the call: what follows an open stream must not keep the SDK's request, and so its reader, alive. */
function followed(till: Till, bid: Bid, pending: Promise<Reply>): Promise<Reply> {
  return pending.then((reply) => till.follow(bid, reply));
}

function hasToldAll(settlement: Settlement | undefined, { operation }: Bid): boolean {
  return settlement?.usage !== undefined && isWhole(settlement.usage, operation);
}

function spentBy(bid: Bid, charges: ReadonlyMap<Party, Amounts>): readonly Amounts[] {
  return bid.accounts.map((party) => charges.get(party) ?? bid.asks(party));
}

/** As long as it is not known who stands in the way. */
function longestWaitMs({ ceilings, accounts }: Bid): number {
  return Math.max(0, ...[...ceilings, ...accounts].map(({ maxWaitMs }) => maxWaitMs));
}
