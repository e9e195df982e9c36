import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import { refusal } from './call-error.ts';
import { Call } from './call.ts';
import type { Engine } from './engine.ts';
import { stopFailure } from './endings.ts';
import type { Interceptor, Next } from './interceptor.ts';
import { isPromise } from './is-promise.ts';
import { CoreReply, type Reply } from './reply.ts';

/**
 * Links interceptors, given outermost first, in front of `last`, which never rejects; neither does the result. Done once
 * per `ManagedLLM`; per call there is one function call and one promise reaction a link.
 */
export function compose(engine: Engine, interceptors: readonly Interceptor[], last: Next): Next {
  return interceptors.reduceRight((next, interceptor) => link(engine, interceptor, next), last);
}

function link(engine: Engine, interceptor: Interceptor, next: Next): Next {
  const { on } = interceptor;
  const inner: Next = (call) => {
    if (!(call instanceof Call)) {
      throw new TypeError(`\`${interceptor.name}\` called \`next\` with something that is not a call.`);
    }
    const { closed, cancellation } = Call.runOf(call);
    if (!closed) return next(call);
    // A call that was stopped has settled behind the back of whoever was waiting: that is nobody's fault.
    if (!cancellation.aborted)
      engine.misuse(interceptor, 'called `next` after the call had settled', call.id);
    return Promise.resolve(engine.replies.refuse(call, stopFailure(call.id, cancellation)));
  };
  return (call) => {
    if (on !== undefined && !on.includes(call.operation)) return next(call);
    // What an interceptor asks for itself does not come back to it.
    if (Call.askersOf(call)?.includes(interceptor) === true) return next(call);
    let pending: Promise<Reply> | Reply;
    try {
      pending = interceptor.intercept(call, inner);
    } catch (thrown) {
      return Promise.resolve(failed(engine, interceptor, call, thrown));
    }
    // A JavaScript interceptor may forget to be asynchronous.
    if (!isPromise(pending)) return Promise.resolve(checked(engine, interceptor, call, pending));
    return pending.then(
      (reply) => checked(engine, interceptor, call, reply),
      (thrown: unknown) => failed(engine, interceptor, call, thrown),
    );
  };
}

function checked(engine: Engine, interceptor: Interceptor, call: Call, reply: Reply): Reply {
  const problem = problemWith(call, reply);
  if (problem === undefined) return reply;
  engine.misuse(interceptor, problem, call.id);
  if (reply instanceof CoreReply && reply.run === Call.runOf(call)) reply.discard();
  return fault(engine, call, `interceptor \`${interceptor.name}\``, new TypeError(problem));
}

function problemWith(call: Call, reply: Reply): string | undefined {
  if (!(reply instanceof CoreReply))
    return 'returned something that is not a reply: return what `next` or `host.replies` gave';
  if (reply.run !== Call.runOf(call))
    return 'returned the reply of another call: make one of this call with `host.replies`';
  if (reply.discarded) return 'returned a reply that it had discarded';
  if (reply.events?.started === true)
    return 'returned a stream that it had read: observe or transform it instead';
  return undefined;
}

function failed(engine: Engine, interceptor: Interceptor, call: Call, thrown: unknown): Reply {
  if (Call.isStopped(call) && thrown === call.signal.reason) {
    return engine.replies.refuse(call, stopFailure(call.id, Call.runOf(call).cancellation));
  }
  if (ManagedLLMError.isInstance(thrown)) return engine.replies.refuse(call, refusal(thrown));
  return fault(engine, call, `interceptor \`${interceptor.name}\``, thrown);
}

/** A fault of ours or of an interceptor as a reply: it fails this call alone. */
export function fault(engine: Engine, call: Call, where: string, thrown: unknown): Reply {
  const error = new ManagedLLMError({
    code: 'interceptor-fault',
    callId: call.id,
    message: `The call failed because of a fault in ${where}.`,
    cause: thrown,
  });
  engine.report(error, where);
  return engine.replies.refuse(call, refusal(error, 'bug'));
}
