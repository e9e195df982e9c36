import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import { refusal, type CallError } from './call-error.ts';
import { Call } from './call.ts';
import { CallSettlement } from './call-settlement.ts';
import { fault } from './compose.ts';
import { describeAttempt } from './describe-attempt.ts';
import type { Engine } from './engine.ts';
import type { Next } from './interceptor.ts';
import { promptOf, type CarriedPrompt } from './prompt-mark.ts';
import { CoreReply, type Reply } from './reply.ts';
import type { RouteTable } from './route-table.ts';
import { Branch, type Node } from './route-tree.ts';
import { go } from './route-walk.ts';
import type { CallRun } from './run.ts';
import { Settling } from './settlement.ts';
import type { TargetLoad } from './target-load.ts';
import { targetName, type Target } from './target.ts';

/** The link between the layers of a call and those of its attempts. */
export function routeStage(engine: Engine, table: RouteTable, attempts: Next): Next {
  const send = table.loads.size === 0 ? attempts : counted(engine, table.loads, attempts);
  return async (call) => {
    try {
      const found = table.resolve(call);
      if (found === undefined) return engine.replies.refuse(call, unknownTarget(call, table));
      const loading = known(engine, found);
      if (loading !== undefined) await loading;
      const reply = await sent(send, found, call);
      const { moveTo } = reply.error ?? {};
      const elsewhere = moveTo === undefined ? undefined : movable(table, call, moveTo);
      if (moveTo === undefined || elsewhere === undefined)
        return lifted(engine, call, reply, !('model' in found));
      reply.discard();
      await known(engine, elsewhere);
      call.run.note('movedTo', moveTo);
      return lifted(engine, call, await sent(send, elsewhere, call), true);
    } catch (thrown) {
      return fault(engine, call, `the route of \`${call.model}\``, thrown);
    }
  };
}

/** Rules that pick by what models cost and can do are asked when that is there. */
function known(engine: Engine, found: Node | Target): Promise<void> | undefined {
  return found instanceof Branch && found.usesModels && !engine.pricing.loaded
    ? engine.pricing.load()
    : undefined;
}

function sent(send: Next, found: Node | Target, call: Call): Promise<Reply> {
  return 'model' in found ? send(call.with({ target: found, attempt: 1 })) : go(send, found, call);
}

/** Where a refusal sends the call instead; `undefined` where it cannot go anywhere else. */
function movable(table: RouteTable, call: Call, moveTo: string): Node | Target | undefined {
  const isStuck = call.operation === 'passthrough' || !call.replayable || Call.isStopped(call);
  return isStuck ? undefined : table.resolve(call.with({ model: moveTo }));
}

/** Keeps the load of the targets that some rule looks at. */
function counted(engine: Engine, loads: ReadonlyMap<string, TargetLoad>, attempts: Next): Next {
  return (call) => {
    const load = call.target && loads.get(targetName(call.target));
    if (load === undefined) return attempts(call);
    load.began();
    return attempts(call).then((reply) => whenSettled(engine, load, reply));
  };
}

/** Not given the call: see `summed`. */
function whenSettled({ clock }: Engine, load: TargetLoad, reply: Reply): Reply {
  reply.onSettled((settlement) => load.ended(settlement, clock.now()));
  return reply;
}

/** From here outward a reply's settlement is the call's: the sum of its attempts. */
function lifted(engine: Engine, call: Call, reply: Reply, isRouted: boolean): Reply {
  if (!(reply instanceof CoreReply)) throw new TypeError('A route returned something that is not a reply.');
  return summed(engine, Call.runOf(call), call.model, reply, isRouted);
}

/** Not given the call: what listens to a stream's end must not keep the SDK's request, and so its reader, alive. */
function summed(engine: Engine, run: CallRun, model: string, reply: CoreReply, isRouted: boolean): Reply {
  const settling = new Settling(engine.reportListener);
  const error = withAllFailures(run, model, reply.error, isRouted);
  reply.onSettled((settlement) =>
    settling.settle(
      new CallSettlement(
        run,
        {
          outcome: settlement.outcome,
          origin: settlement.origin,
          // The last target's stream may fail long after it was handed on.
          error: error ?? withAllFailures(run, model, settlement.error, isRouted),
          settledAt: settlement.settledAt,
        },
        settlement,
      ),
    ),
  );
  return reply.copy({ settling, error });
}

/** A provider's error passes untouched; when several targets failed, what happened at each is added behind it. */
function withAllFailures(
  run: CallRun,
  model: string,
  error: CallError | undefined,
  isRouted: boolean,
): CallError | undefined {
  if (error === undefined || error.kind === 'aborted') return error;
  const { attempts } = run;
  // The last word of each target. One that lost a race has not failed.
  const ends = new Map(
    attempts
      .filter(({ settlement }) => settlement?.outcome !== 'discarded')
      .map(({ target, settlement }) => [targetName(target), settlement?.error]),
  );
  // One that refuses has no attempt, but those before it have failed all the same.
  const isRefused = isRouted && error.kind === 'refused';
  if (ends.size < (isRefused ? 1 : 2)) return error;
  const told = [...ends].map(([name, end]) =>
    end === undefined ? name : `${name} (${end.kind}${end.status === undefined ? '' : `, ${end.status}`})`,
  );
  const managed = new ManagedLLMError({
    code: 'all-targets-failed',
    callId: run.id,
    message: `All targets of \`${model}\` failed: ${told.join(', ')}.${isRefused ? ` The last was refused: ${error.message}` : ''}`,
    retryable: error.retryable,
    // What the last one tells of itself, such as the text that came before it broke, stays where it is looked for.
    details: { ...error.managed?.details, failures: attempts.map(describeAttempt) },
    cause: error.managed ?? error.cause,
  });
  return { ...error, managed };
}

/** The refusal of a model that means nothing. */
export function unknownTarget(call: Call, table: RouteTable): CallError {
  const { id, model } = call;
  const prompt = promptThatNames(model, call);
  const what = prompt === undefined ? '' : `, the model of the prompt \`${prompt.name}@${prompt.version}\`,`;
  const where = prompt === undefined ? '' : ' Say it there, or as `model` beside the prompt.';
  return refusal(
    new ManagedLLMError({
      code: 'unknown-target',
      callId: id,
      message: `\`${model}\`${what} is neither a route nor \`provider/model\`: ${table.describeUnknown(model)}${where}`,
    }),
  );
}

/** The prompt whose own model it is: the call may name another beside it. */
function promptThatNames(model: string, call: Call): CarriedPrompt | undefined {
  const { prompt, variables } = promptOf(call) ?? {};
  return prompt?.bodyIn(call.dialect.id, variables ?? {}, 'another')['model'] === model ? prompt : undefined;
}
