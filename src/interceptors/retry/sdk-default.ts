import type { Call } from '../../core/call.ts';
import { wait } from '../../core/clock.ts';
import type { Host, Interceptor } from '../../core/interceptor.ts';
import type { Reply } from '../../core/reply.ts';

/**
 * Repeats failed attempts as the SDK itself would: its rule for what to repeat, its waits, its `maxRetries` (the call's,
 * else the client's, else 2). Stands in the `retry` stage of every `ManagedLLM` that lists no other retry, so that
 * nothing changes for an application that moves its client in. Never repeats once a stream has begun. Moves on without
 * waiting where a route has another target.
 */
export function sdkRetry(): Interceptor {
  let host: Host | undefined;
  return {
    name: 'sdk-retry',
    stage: 'retry',
    attach(attached) {
      host = attached;
    },
    intercept(call, next) {
      return next(call).then((reply) => {
        if (reply.error === undefined || call.retries.max === 0 || host === undefined) return reply;
        return repeat(host, call, next, reply);
      });
    },
  };
}

async function repeat(
  host: Host,
  call: Call,
  next: (call: Call) => Promise<Reply>,
  first: Reply,
): Promise<Reply> {
  let reply = first;
  for (let retries = 0; retries < call.retries.max; retries++) {
    const { error } = reply;
    if (error === undefined || call.movesOn(error) || !call.replayable || !worthRepeating(reply))
      return reply;
    const ms = waitMs(host, call, reply, retries);
    if (host.clock.now() + ms >= call.deadlineAt) return reply;
    reply.discard();
    await wait(host.clock, ms, call.signal);
    reply = await next(call.with({ attempt: call.attempt + retries + 1 }));
  }
  return reply;
}

/** The SDKs' `shouldRetry`: what the server says, else 408, 409, 429 and 5xx; and whenever no answer came. */
function worthRepeating({ error, status, headers }: Reply): boolean {
  if (error === undefined || error.kind === 'aborted' || error.kind === 'refused' || error.kind === 'bug')
    return false;
  if (error.managed?.code === 'time-limit') return true;
  if (status === 0) return true;
  if (status < 400) return false;
  const said = headers.get('x-should-retry');
  if (said === 'true') return true;
  if (said === 'false') return false;
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

/** The server's wait where it gave a usable one, else 0.5 s doubling up to 8 s, less up to a quarter. */
function waitMs(host: Host, call: Call, reply: Reply, retries: number): number {
  const { longestWaitMs, ignoresZeroWait = false } = call.retries;
  const asked = reply.error?.retryAfterMs ?? -1;
  if (asked > 0 ? asked <= longestWaitMs : asked === 0 && !ignoresZeroWait) return asked;
  return Math.min(500 * 2 ** retries, 8_000) * (1 - host.random() * 0.25);
}
