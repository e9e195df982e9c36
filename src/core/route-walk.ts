import type { CallError } from './call-error.ts';
import { Call, type Onward } from './call.ts';
import type { Next } from './interceptor.ts';
import type { Reply } from './reply.ts';
import type { RouteTurn } from './route.ts';
import { foremost, Leaf, type Branch, type Node } from './route-tree.ts';
import type { Lack } from './unfit.ts';

/** A rule whose choice has its turn, with what is left to it. */
class Frame implements Onward {
  /** Not yet tried, in order. */
  left: readonly Node[];
  /** The target that was asked last below it. */
  asked: Leaf | undefined;
  /** Whether streams are held back whatever is left. */
  readonly peek: boolean;
  readonly outer: Frame | undefined;
  /** Whether its choice that has its turn is the first of all. */
  isFirst: boolean;
  readonly #branch: Branch;
  readonly #first: Node | undefined;
  readonly #tried: Node[] = [];

  constructor(
    branch: Branch,
    order: readonly Node[],
    left: readonly Node[],
    peek: boolean,
    outer: Frame | undefined,
  ) {
    this.#branch = branch;
    this.#first = order[0];
    this.isFirst = false;
    this.left = left;
    this.peek = peek;
    this.outer = outer;
  }

  /** A choice has its turn. */
  tries(node: Node): void {
    this.#tried.push(node);
    this.isFirst = node === this.#first;
    this.left = this.left.filter((other) => other !== node);
  }

  /** What the rule asks after a failure: readiness counts anew, and what is not ready is not asked. */
  following(call: Call, error: CallError): Node | undefined {
    const { rule, choices } = this.#branch;
    // One that asks by itself is not asked: it may go on to whatever it has left.
    const said = rule.run === undefined ? rule.next?.(error, choices, call) : undefined;
    if (said === 'stop' || (said === undefined && !error.fallbackable)) return undefined;
    if (said === undefined || said === 'next') return this.left.find((node) => node.ready(call).ok);
    const chosen = this.#branch.own(said);
    return !this.#tried.includes(chosen) && chosen.ready(call).ok ? chosen : undefined;
  }

  /** What its rule's targets lack, if all lack something. */
  lacking(call: Call): readonly Lack[] | undefined {
    return this.#branch.lacks(call) === undefined ? undefined : this.#branch.lacking(call);
  }

  hasReady(call: Call): boolean {
    return this.left.some((node) => node.ready(call).ok) || (this.outer?.hasReady(call) ?? false);
  }

  /** What one rule does not move on from, the rule round it judges again. */
  movesOn(call: Call, error: CallError): boolean {
    if (!mayMoveOn(call, error)) return false;
    try {
      return this.following(call, error) !== undefined || (this.outer?.movesOn(call, error) ?? false);
    } catch {
      // A rule that throws throws again where it has its turn, and its fault is told there.
      return true;
    }
  }
}

/** Sends a call to a place in a route: to its target, or through its rule. */
export function go(send: Next, node: Node, call: Call, outer?: Frame): Promise<Reply> {
  if (node instanceof Leaf) return attempt(send, node, call, outer);
  return node.rule.run === undefined ? inTurn(send, node, call, outer) : alone(send, node, call, outer);
}

/** One target's turn, with the repeats that belong to it. */
function attempt(send: Next, leaf: Leaf, call: Call, outer: Frame | undefined): Promise<Reply> {
  if (leaf.lacks(call) !== undefined)
    return Promise.resolve(leaf.refuse(call, lackingHere(leaf, call, outer)));
  let peek = false;
  // Whether one of them is ready is asked only when something goes wrong: a stream that is held back loses no time.
  if (call.replayable)
    for (let frame = outer; frame !== undefined && !peek; frame = frame.outer)
      peek = frame.peek || frame.left.length > 0;
  told(leaf, call, outer);
  return send(
    Call.routed(call, {
      target: leaf.target,
      attempt: 1,
      peek,
      onward: outer,
      onUnsupported: leaf.onUnsupported,
    }),
  );
}

/** What each target lacks that the outermost rule leads to; a rule of your own may ask one that lacks something all the same. */
function lackingHere(leaf: Leaf, call: Call, outer: Frame | undefined): readonly Lack[] {
  let frame = outer;
  while (frame?.outer !== undefined) frame = frame.outer;
  const lacks = frame?.lacking(call) ?? leaf.lacking(call);
  return [...new Map(lacks.map((each) => [`${each.target} ${each.reason}`, each])).values()];
}

/** Where the call is, or where its answer came from. */
function told(leaf: Leaf, call: Call, outer: Frame | undefined): void {
  let isFirst = true;
  for (let frame = outer; frame !== undefined; frame = frame.outer) {
    frame.asked = leaf;
    isFirst &&= frame.isFirst;
  }
  if (leaf.facts !== undefined) call.run.note('route', isFirst ? leaf.facts.first : leaf.facts.other);
}

/** One choice after the other, in the rule's order, until a reply is good or nothing may follow. */
async function inTurn(send: Next, branch: Branch, call: Call, outer: Frame | undefined): Promise<Reply> {
  const order = branch.order(call);
  branch.rule.advance?.(call);
  const frame = new Frame(branch, order, order, mayAdd(branch, order), outer);
  let node = foremost(order, call);
  for (;;) {
    frame.tries(node);
    const reply = await go(send, node, call, frame);
    if (reply.error === undefined || !mayMoveOn(call, reply.error)) return reply;
    const next = nodeAfter(frame, call, reply, reply.error);
    if (next === undefined) return reply;
    reply.discard();
    node = next;
  }
}

/** What is asked next; a rule that throws instead leaves no reply open. */
function nodeAfter(frame: Frame, call: Call, reply: Reply, error: CallError): Node | undefined {
  try {
    return frame.following(call, error);
  } catch (thrown) {
    reply.discard();
    throw thrown;
  }
}

/** Whether a failure may lead to a choice that is not in order: then a stream's first error must be seen, too. */
function mayAdd({ rule, choices }: Branch, order: readonly Node[]): boolean {
  return rule.next !== undefined && choices.length > order.length;
}

/** Whether anything may follow a failure, as far as the call is concerned. */
function mayMoveOn(call: Call, error: CallError): boolean {
  return (
    error.asksForAll !== true &&
    error.moveTo === undefined &&
    error.kind !== 'aborted' &&
    call.replayable &&
    !Call.isStopped(call)
  );
}

/** A rule that asks by itself. */
async function alone(send: Next, branch: Branch, call: Call, outer: Frame | undefined): Promise<Reply> {
  const { rule, choices, host } = branch;
  const order = branch.order(call);
  rule.advance?.(call);
  const asked = new Map<Reply, Frame>();
  const turn: RouteTurn = {
    choices,
    first: foremost(order, call),
    clock: host.clock,
    pricing: host.pricing,
    random: () => host.random(),
    movesOn: (error) => error.fallbackable && mayMoveOn(call, error),
    ask: async (choice, { others, signal, peek }) => {
      const left = others.map((other) => branch.own(other));
      const node = branch.own(choice);
      const frame = new Frame(branch, order, left, peek, outer);
      frame.tries(node);
      const reply = await go(send, node, call.with({ signal }), frame);
      asked.set(reply, frame);
      return reply;
    },
  };
  const reply = await rule.run?.(call, turn);
  if (reply === undefined) throw new TypeError(`The rule \`${rule.kind}\` gave no reply.`);
  // Another one may have been asked since, in vain.
  const frame = asked.get(reply);
  if (frame?.asked !== undefined) told(frame.asked, call, frame);
  return reply;
}
