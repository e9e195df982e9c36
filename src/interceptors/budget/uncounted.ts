import type { Call } from '../../core/call.ts';
import type { RequestMeasure } from '../../core/estimates.ts';
import type { Host, Next } from '../../core/interceptor.ts';
import type { Reply } from '../../core/reply.ts';
import type { Target } from '../../core/target.ts';

/**
 * Sends what no budget counts. A stream may be stopped before it has told its usage, which is then estimated; and where
 * somebody wants to know what requests come to, it is learnt from all of them.
 */
export function sendUncounted({ estimates }: Host, call: Call, next: Next): Promise<Reply> {
  const { target, operation, dialect, body, stream } = call;
  const { wanted } = estimates;
  if (target === undefined || operation === 'passthrough' || !(stream || wanted)) return next(call);
  const measure = dialect.request.measure(body);
  const sent = next(
    stream && call.expected === undefined ? expecting(estimates, call, target, measure) : call,
  );
  return wanted ? learning(estimates, target, measure, sent) : sent;
}

type Estimates = Host['estimates'];

function expecting(estimates: Estimates, call: Call, target: Target, measure: RequestMeasure): Call {
  const { inputTokens } = estimates.estimate(target, measure, undefined);
  const answers = Math.max(1, measure.answers);
  const { maxOutputTokens } = measure;
  return call.with({
    expected: {
      inputTokens,
      outputLimit: maxOutputTokens && maxOutputTokens * answers,
      tokensPerSecond: estimates.tokensPerSecond(target) * answers,
    },
  });
}

/** Not given the call, which leads to the SDK's reader: an open stream must not keep that. */
async function learning(
  estimates: Estimates,
  target: Target,
  measure: RequestMeasure,
  sent: Promise<Reply>,
): Promise<Reply> {
  const reply = await sent;
  reply.onSettled(({ outcome, usage, firstEventAt, startedAt, settledAt }) => {
    if (outcome === 'finished' && usage !== undefined)
      estimates.learn(target, measure, usage, settledAt - (firstEventAt ?? startedAt));
  });
  return reply;
}
