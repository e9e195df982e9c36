import type { Call } from '../../core/call.ts';
import type { Host, Next } from '../../core/interceptor.ts';
import type { Reply } from '../../core/reply.ts';

/** Sends what no budget counts. Where somebody wants to know what requests come to, it is learnt from all the same. */
export function sendUncounted(host: Host, call: Call, next: Next): Promise<Reply> {
  const { estimates } = host;
  const { target, operation, dialect, body } = call;
  if (!estimates.wanted || target === undefined || operation === 'passthrough') return next(call);
  const measure = dialect.request.measure(body);
  return next(call).then((reply) => {
    reply.onSettled(({ outcome, usage, firstEventAt, startedAt, settledAt }) => {
      if (outcome === 'finished' && usage !== undefined)
        estimates.learn(target, measure, usage, settledAt - (firstEventAt ?? startedAt));
    });
    return reply;
  });
}
