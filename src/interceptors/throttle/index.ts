import type { Call } from '../../core/call.ts';
import { refusal } from '../../core/call-error.ts';
import type { Host, Interceptor, Readiness } from '../../core/interceptor.ts';
import type { Reply } from '../../core/reply.ts';
import { noteShadow } from '../../core/run.ts';
import { priorities } from '../../core/settings.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import { MemoryLedger } from '../../state/memory/memory-ledger.ts';
import { Admission, type Ask } from './admission.ts';
import { Blocked, type Gatekeeper } from './gatekeeper.ts';
import type { Lane } from './lane.ts';
import { Lanes } from './lanes.ts';
import { MemoryGatekeeper } from './memory-gatekeeper.ts';
import { sizeOf } from './model-tokens.ts';
import { checkProviders, parseThrottleOptions, type LimitsByName, type ThrottleOptions } from './options.ts';
import type { Turned } from './queue.ts';
import { SharedGatekeeper } from './shared-gatekeeper.ts';
import { statusOf, type LimiterStatus } from './status.ts';

/** What {@link throttle} returns. */
export interface Throttle extends Interceptor {
  /** What is limited at present, by this process's knowledge: a row for each provider, target or caller in use. */
  status(): Promise<readonly LimiterStatus[]>;
}

interface Attached {
  readonly host: Host;
  readonly gate: Gatekeeper;
  readonly lanes: Lanes;
}

/**
 * Sends to each provider no more than it lets through, so that it never has to say so: attempts that would exceed a limit
 * wait for their turn, or are refused while the route has another target. Runs once an attempt, also for streams, whose
 * slot is held until they end.
 *
 * - What an attempt takes is taken before it is sent: one request, and as many tokens as its input is estimated at and its
 *   output may have (`max_tokens`, else what answers of the model have taken so far). When it settles, the reported usage
 *   puts that right. What failed before it was processed draws no tokens; what was stopped may have drawn all that a model
 *   can write in its time.
 * - The order of those who wait: see `CallSettings.priority`, whose classes are a third of `maxWaitMs` ahead of each other;
 *   however many come, each class that waits has every tenth turn. Smaller calls may pass one that waits for tokens, until
 *   together they have taken as many as it asks for.
 * - With a route's other target ready, an attempt that would wait is refused instead, `throttled` and fallbackable.
 * - `adaptive`: `x-ratelimit-*`, `anthropic-ratelimit-*` and `retry-after` of answers are learnt for the target that gave
 *   them, besides what is stated. `throttle()` alone lives by what providers tell.
 * - A provider that is one client a caller has these limits for each caller's key; members of a pool have them each.
 *
 * With a shared state all processes keep to the limits together. When the store cannot be asked, each process keeps to
 * them alone until it can, which is reported once. Otherwise it fails closed.
 *
 * @param limits by provider, or by target: a target's hold besides its provider's
 * @throws `invalid-options` for limits that nothing could pass, unknown keys and, when the `ManagedLLM` is made, unknown
 *   providers
 * @example
 * ```ts
 * throttle({ azure: { requestsPerMinute: 500, tokensPerMinute: 200_000, concurrency: 40 } })
 * ```
 */
export function throttle(limits: LimitsByName = {}, options: ThrottleOptions = {}): Throttle {
  const parsed = parseThrottleOptions(limits, options);
  const { maxQueue, maxWaitMs, shadow } = parsed;
  /** Where none may wait for a limit, these may wait for the store that has to be asked. */
  const room = maxQueue === 0 ? 1_000 : maxQueue;
  let attached: Attached | undefined;

  /** The longest that this call may wait. */
  const patience = (call: Call, host: Host): number =>
    maxQueue === 0 ? 0 : Math.min(maxWaitMs, call.deadlineAt - host.clock.now());

  async function queued(to: Attached, call: Call, lane: Lane, ask: Ask, next: Next): Promise<Reply> {
    const { clock } = to.host;
    const waitingSince = clock.now();
    const atOnce = call.alternatives || patience(call, to.host) <= 0;
    const turn = await lane.queue.wait(lane, ask, classOf(call), call.signal, atOnce);
    if (!(turn instanceof Admission)) return refused(to, call, lane, turn);
    const waitedMs = clock.now() - waitingSince;
    if (waitedMs > 0) call.run.note('queuedMs', (call.run.facts.queuedMs ?? 0) + waitedMs);
    return turn.follow(await next(call));
  }

  function held(to: Attached, call: Call, lane: Lane, ask: Ask, next: Next): Promise<Reply> {
    const found = to.gate.look(lane, ask);
    const blocked = found instanceof Blocked ? found : undefined;
    const ahead = blocked ?? lane.queue.ahead(lane);
    let because: Turned['because'] | undefined;
    if (ahead !== undefined && (call.alternatives || maxQueue === 0)) because = 'would-wait';
    else if (lane.queue.size >= room) because = maxQueue === 0 ? 'would-wait' : 'queue-full';
    else if (blocked !== undefined && isHopeless(blocked, patience(call, to.host))) because = 'would-wait';
    return because === undefined
      ? queued(to, call, lane, ask, next)
      : Promise.resolve(refused(to, call, lane, { because, blocked: ahead }));
  }

  function refused({ host }: Attached, call: Call, lane: Lane, turned: Turned): Reply {
    const error = throttled(call, lane, turned, maxWaitMs);
    return host.replies.refuse(call, refusal(error, 'refused', { fallbackable: true, retryable: false }));
  }

  /** In shadow: what it would have done, and on it goes. */
  function watched({ gate }: Attached, call: Call, lane: Lane, ask: Ask, next: Next): Promise<Reply> {
    const found = gate.look(lane, ask);
    if (found instanceof Blocked) {
      const details = {
        ...describe(found),
        ...(Number.isFinite(found.waitMs) ? { waitMs: found.waitMs } : {}),
      };
      noteShadow(call.run, { interceptor: 'throttle', decision: 'throttled', details });
    }
    const admission = gate.force(lane, ask);
    return next(call).then((reply) => admission.follow(reply));
  }

  return {
    name: 'throttle',
    stage: 'pace',
    attach(host) {
      checkProviders(limits, host.providers);
      const { ledger } = host.state;
      const gate =
        ledger instanceof MemoryLedger
          ? new MemoryGatekeeper(ledger, host.clock)
          : new SharedGatekeeper(host);
      attached = { host, gate, lanes: new Lanes(limits, parsed, host, gate) };
    },
    ready(target, call): Readiness {
      const lane = shadow ? undefined : attached?.lanes.find(target, call.settings);
      if (attached === undefined || lane === undefined) return { ok: true };
      const { size } = lane.queue;
      if (size >= room) return { ok: false, reason: `${size} calls wait already` };
      const found = attached.gate.look(lane, askOf(call, lane));
      const queues = maxQueue > 0;
      if (found instanceof Blocked) {
        const forMs = Number.isFinite(found.waitMs) ? { forMs: found.waitMs } : {};
        const reason = found.limit === 'pause' ? limitName(found) : `${limitName(found)} is used up`;
        return { ok: false, reason, ...forMs, queues };
      }
      if (lane.queue.ahead(lane) !== undefined)
        return { ok: false, reason: `${size} calls wait before it`, queues };
      return { ok: true, headroom: found };
    },
    intercept(call, next) {
      const { target } = call;
      const to = attached;
      const lane = target === undefined ? undefined : to?.lanes.find(target, call.settings);
      if (to === undefined || lane === undefined) return next(call);
      const ask = askOf(call, lane);
      if (shadow) return watched(to, call, lane, ask, next);
      if (lane.queue.size > 0 || to.gate.asks) return held(to, call, lane, ask, next);
      const entered = to.gate.enter(lane, ask);
      if (entered instanceof Admission) return next(call).then((reply) => entered.follow(reply));
      return held(to, call, lane, ask, next);
    },
    async status() {
      return attached === undefined ? [] : statusOf(attached.lanes.all, attached.host);
    },
  };
}

type Next = Parameters<Interceptor['intercept']>[1];

function classOf(call: Call): number {
  return priorities.indexOf(call.settings.priority ?? 'normal');
}

/** What an attempt will take. */
function askOf(call: Call, lane: Lane): Ask {
  if (call.operation === 'passthrough') return unread;
  const { request } = call.dialect;
  const size = sizeOf(request.measure(call.body));
  const limit = call.operation === 'embed' ? 0 : request.maxOutputTokens(call.body);
  return {
    requests: 1,
    input: lane.tokens.input(size),
    cached: 0,
    output: limit ?? lane.tokens.output,
    size,
    limitsOutput: limit !== undefined,
  };
}

const unread: Ask = { requests: 1, input: 0, cached: 0, output: 0, size: undefined, limitsOutput: true };

/** Whether nothing that may happen meanwhile lets it through in time. */
function isHopeless({ waitMs, limit, limiter }: Blocked, patienceMs: number): boolean {
  if (patienceMs <= 0) return true;
  if (waitMs <= patienceMs || waitMs === Infinity) return false;
  return (
    limit === 'pause' || limit === 'requestsPerMinute' || limit === 'requestsPerDay' || limiter.running === 0
  );
}

function throttled(call: Call, lane: Lane, { because, blocked }: Turned, maxWaitMs: number): ManagedLLMError {
  const wait = blocked !== undefined && Number.isFinite(blocked.waitMs) ? blocked.waitMs : undefined;
  const limit = blocked === undefined ? 'its limits' : limitName(blocked);
  const waiting = lane.queue.size;
  const what = {
    'queue-full': `${waiting} calls wait already, which is as many as \`maxQueue\` allows`,
    waited: `it has waited ${maxWaitMs} ms for ${limit}, which is as long as \`maxWaitMs\` allows`,
    'would-wait': `it would have to wait ${wait === undefined ? '' : `about ${wait} ms `}for ${limit}${
      call.alternatives ? ', and its route has another target' : ''
    }`,
  }[because];
  return new ManagedLLMError({
    code: 'throttled',
    callId: call.id,
    message: `\`throttle\` holds back this call to ${lane.name}: ${what}. Send less at once, raise the limit, or ask again later.`,
    retryAfterMs: wait ?? (because === 'waited' ? maxWaitMs : undefined),
    details: { target: lane.name, because, waiting, ...(blocked === undefined ? {} : describe(blocked)) },
  });
}

function limitName({ limit, limiter }: Blocked): string {
  return limit === 'pause' ? `a pause that ${limiter.name} asked for` : `\`${limit}\` of ${limiter.name}`;
}

function describe({ limit, limiter }: Blocked): Readonly<Record<string, unknown>> {
  const meter = limiter.meters.find((one) => one.limit === limit);
  const value = limit === 'concurrency' ? limiter.concurrency : meter?.inForce;
  return { limiter: limiter.name, limit, ...(value === undefined ? {} : { value }) };
}
