import type { CallError } from './call-error.ts';
import { Call } from './call.ts';
import type { Next } from './interceptor.ts';
import type { Reply } from './reply.ts';
import type { RouteTurn } from './route.ts';
import { foremost, Leaf, type Branch, type Node } from './route-tree.ts';

/** A rule whose choice has its turn, with what is left to it. */
interface Frame {
  /** In order, not yet tried. */
  left: readonly Node[];
  readonly outer: Frame | undefined;
  /** Whether streams are held back whatever is left. */
  readonly peek: boolean;
  /** The target that was asked last below it. */
  asked: Leaf | undefined;
}

/** Sends a call to a place in a route: to its target, or through its rule. */
export function go(send: Next, node: Node, call: Call, outer?: Frame): Promise<Reply> {
  if (node instanceof Leaf) return attempt(send, node, call, outer);
  return node.rule.run === undefined ? inTurn(send, node, call, outer) : alone(send, node, call, outer);
}

/** One target's turn, with the repeats that belong to it. */
function attempt(send: Next, leaf: Leaf, call: Call, outer: Frame | undefined): Promise<Reply> {
  let peek = false;
  let alternatives = false;
  for (let frame = outer; frame !== undefined; frame = frame.outer) {
    frame.asked = leaf;
    peek ||= frame.peek;
    alternatives ||= call.replayable && frame.left.some((node) => node.ready(call).ok);
  }
  if (leaf.fact !== undefined) call.run.note('route', leaf.fact);
  return send(
    call.with({
      target: leaf.target,
      attempt: 1,
      peek: peek || alternatives,
      alternatives,
      onUnsupported: leaf.onUnsupported,
    }),
  );
}

/** One choice after the other, in the rule's order, until a reply is good or nothing may follow. */
async function inTurn(send: Next, branch: Branch, call: Call, outer: Frame | undefined): Promise<Reply> {
  const order = branch.order(call);
  branch.rule.advance?.(call);
  let node = foremost(order, call);
  const frame: Frame = { left: order, outer, peek: mayAdd(branch, order), asked: undefined };
  const tried: Node[] = [];
  for (;;) {
    const current = node;
    tried.push(current);
    frame.left = frame.left.filter((other) => other !== current);
    const reply = await go(send, current, call, frame);
    if (reply.error === undefined || !movesOn(call, reply.error)) return reply;
    const next = following(branch, frame, tried, call, reply.error);
    if (next === undefined) return reply;
    reply.discard();
    node = next;
  }
}

/** Whether a failure may lead to a choice that is not in order: then a stream's first error must be seen, too. */
function mayAdd({ rule, choices }: Branch, order: readonly Node[]): boolean {
  return rule.next !== undefined && choices.length > order.length;
}

/** Whether anything may follow a failure, as far as the call is concerned. */
function movesOn(call: Call, error: CallError): boolean {
  return error.asksForAll !== true && error.kind !== 'aborted' && call.replayable && !Call.isStopped(call);
}

/** What is asked after a failure: readiness counts anew, and what is not ready is not asked. */
function following(
  branch: Branch,
  { left }: Frame,
  tried: readonly Node[],
  call: Call,
  error: CallError,
): Node | undefined {
  const said = branch.rule.next?.(error, branch.choices, call);
  if (said === 'stop' || (said === undefined && !error.fallbackable)) return undefined;
  if (said === undefined || said === 'next') return left.find((node) => node.ready(call).ok);
  const chosen = branch.own(said);
  return !tried.includes(chosen) && chosen.ready(call).ok ? chosen : undefined;
}

/** A rule that asks by itself. */
async function alone(send: Next, branch: Branch, call: Call, outer: Frame | undefined): Promise<Reply> {
  const { rule, choices, host } = branch;
  const order = branch.order(call);
  rule.advance?.(call);
  const asked = new Map<Reply, Leaf | undefined>();
  const turn: RouteTurn = {
    choices,
    first: foremost(order, call),
    clock: host.clock,
    random: () => host.random(),
    movesOn: (error) => error.fallbackable && movesOn(call, error),
    ask: async (choice, { others, signal, peek }) => {
      const frame: Frame = { left: others.map((other) => branch.own(other)), outer, peek, asked: undefined };
      const reply = await go(send, branch.own(choice), call.with({ signal }), frame);
      asked.set(reply, frame.asked);
      return reply;
    },
  };
  const reply = await rule.run?.(call, turn);
  if (reply === undefined) throw new TypeError(`The rule \`${rule.kind}\` gave no reply.`);
  // Another one may have been asked since, in vain.
  const leaf = asked.get(reply);
  if (leaf?.fact !== undefined) call.run.note('route', leaf.fact);
  return reply;
}
