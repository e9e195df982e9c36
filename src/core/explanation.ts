import type { Call } from './call.ts';
import type { DialectId } from './dialect.ts';
import type { Engine } from './engine.ts';
import type { PromptFact } from './prompt-fact.ts';
import { promptFactOf } from './prompt-mark.ts';
import type { Retirement } from './retirement.ts';
import { Leaf, foremost, type Node } from './route-tree.ts';
import { targetName, type Target } from './target.ts';

/** What would be done with a call, and why. */
export interface Explanation {
  /** As asked for. */
  readonly model: string;
  /** The route that it names; `undefined` for a target. */
  readonly route: string | undefined;
  /** The prompt that it was rendered from; `undefined` where its messages were written by hand. */
  readonly prompt: PromptFact | undefined;
  /** The target that would be asked first, `provider/model`; `undefined`: none may have the call, each `lacks` something. */
  readonly target: string | undefined;
  /**
   * In the order in which they would be tried, those that are not ready among them: they are passed over. What only a
   * failure of some kind leads to (`on` of a `fallback`) is not told.
   */
  readonly choices: readonly ExplainedChoice[];
}

/** One target of a route, in its place. */
export interface ExplainedChoice {
  /** `provider/model`; of a pool, its member. */
  readonly target: string;
  /** Its place in the route's rules: `smart.choices.1.choices.0`. */
  readonly path: string;
  /** Why it is where it is, from the outermost rule inwards. */
  readonly because: string;
  readonly ready: boolean;
  /** Why it is not ready. */
  readonly reason: string | undefined;
  /** Why a rule never lets this call go there (`pick`): then it is the reason. `undefined`: none keeps it away. */
  readonly lacks: string | undefined;
  /** Milliseconds until it may be ready. */
  readonly forMs: number | undefined;
  /** Not ready, but a call would wait for its turn rather than be refused. */
  readonly queues: boolean;
  /** Share of its tightest limit that is free, 0 to 1. `undefined` while it is not ready. */
  readonly headroom: number | undefined;
  /** Calls under way and milliseconds to an answer, where a rule goes by them. */
  readonly inFlight: number | undefined;
  readonly latencyMs: number | undefined;
  /** What it would be asked in; `undefined` if it cannot serve the call. */
  readonly dialect: DialectId | undefined;
  /** Whether that differs from the call's own. */
  readonly translated: boolean;
  /** The snapshot that it is pinned to (`models`). */
  readonly pin: string | undefined;
  /** When its model ends; `undefined`: nothing is announced that is known. */
  readonly retirement: Retirement | undefined;
}

/** When a target's model ends. */
export type RetirementOf = (target: Target) => Retirement | undefined;

/** Looks at where a call would go. Sends nothing and counts nothing. */
export function explained(
  engine: Engine,
  found: Node | Target,
  call: Call,
  retirementOf: RetirementOf = () => undefined,
): Explanation {
  const asked = { model: call.model, prompt: promptFactOf(call) };
  if ('model' in found) {
    const choice = explainedChoice(engine, call, found, undefined, retirementOf);
    return { ...asked, route: undefined, target: choice.target, choices: [choice] };
  }
  const leaves = leavesOf(found, call);
  return {
    ...asked,
    route: leaves[0]?.facts?.first.name,
    target: found.lacks(call) === undefined ? targetName(firstOf(found, call).target) : undefined,
    choices: leaves.map((leaf) => explainedChoice(engine, call, leaf.target, leaf, retirementOf)),
  };
}

function leavesOf(node: Node, call: Call): readonly Leaf[] {
  return node instanceof Leaf ? [node] : node.order(call).flatMap((choice) => leavesOf(choice, call));
}

function firstOf(node: Node, call: Call): Leaf {
  return node instanceof Leaf ? node : firstOf(foremost(node.order(call), call), call);
}

function explainedChoice(
  engine: Engine,
  call: Call,
  target: Target,
  leaf: Leaf | undefined,
  retirementOf: RetirementOf,
): ExplainedChoice {
  const readiness = leaf === undefined ? engine.ready(target, call) : leaf.ready(call);
  const dialect = dialectFor(engine, call, target);
  return {
    target: targetName(target),
    path: leaf?.path ?? targetName(target),
    because: leaf?.because ?? 'named by the call',
    ready: readiness.ok,
    reason: readiness.ok ? undefined : readiness.reason,
    lacks: leaf?.lacks(call),
    forMs: readiness.ok ? undefined : readiness.forMs,
    queues: !readiness.ok && readiness.queues === true,
    headroom: readiness.ok ? (readiness.headroom ?? 1) : undefined,
    inFlight: leaf?.load?.inFlight,
    latencyMs: leaf?.load?.latencyMs(engine.clock.now()),
    dialect,
    translated: dialect !== undefined && dialect !== call.dialect.id,
    pin: engine.pinOf(target),
    retirement: retirementOf(target),
  };
}

function dialectFor(engine: Engine, call: Call, target: Target): DialectId | undefined {
  try {
    return engine.provider(target.provider)?.serving(call.settings).dialectFor(call.dialect)?.id;
  } catch {
    // A provider of one client a caller, without a caller: `reason` says so.
    return undefined;
  }
}
