import type { CallError } from './call-error.ts';
import type { Call } from './call.ts';
import type { Readiness } from './interceptor.ts';
import type { OnUnsupported } from './provider.ts';
import type { Reply } from './reply.ts';
import type { Choice, Load, Route, RouteFact, RouteHost } from './route.ts';
import type { TargetLoad } from './target-load.ts';
import { targetName, type Target } from './target.ts';
import { unfit, type Lack } from './unfit.ts';

/** A place in the rules of a route. */
export type Node = Leaf | Branch;

/** What of a `ManagedLLM` its routes need to know. */
export interface RouteSetting {
  readonly host: RouteHost;
  ready(target: Target, call: Call): Readiness;
  /** Whether its provider has a client for the call's caller. */
  hasClient(target: Target, call: Call): boolean;
  /** `provider/model`, if it is one. */
  parseTarget(text: string): Target | undefined;
  /** What is wrong with a choice that is neither a target nor a route, for a message. */
  describeWrong(text: string): string;
  /** A target that stands for several: those of a pool. */
  members(target: Target): Route | undefined;
  /** The targets that the option `models` names. */
  readonly stated: readonly string[];
  /** The snapshot that a target is pinned to. */
  pinOf(target: Target): string | undefined;
  /** The reply to a call that no target of a rule can serve. */
  refuse(call: Call, error: CallError): Reply;
}

/** A target in its place. */
export class Leaf implements Choice {
  readonly name: string;
  readonly index: number;
  readonly target: Target;
  readonly onUnsupported: OnUnsupported | undefined;
  readonly path: string;
  readonly because: string;
  /** What receipts tell when it was the first choice, and when not; `undefined` where no route leads to it. */
  readonly facts: { readonly first: RouteFact; readonly other: RouteFact } | undefined;
  readonly load: TargetLoad | undefined;
  readonly targets: readonly Target[];
  readonly #setting: RouteSetting;
  /** The rules on the way to it that ask what its model can do, and the outermost first. */
  readonly #judges: readonly Judge[];

  constructor(place: Place, target: Target, setting: RouteSetting, load: TargetLoad | undefined) {
    this.name = place.name;
    this.index = place.index;
    this.target = target;
    this.onUnsupported = place.onUnsupported;
    this.path = place.path;
    this.because = place.because.join(' > ') || 'alias';
    this.facts = place.route === undefined ? undefined : this.#factsOf(place.route);
    this.load = load;
    this.targets = [target];
    this.#setting = setting;
    this.#judges = place.judges;
  }

  ready(call: Call): Readiness {
    const reason = this.lacks(call);
    return reason === undefined ? this.#setting.ready(this.target, call) : { ok: false, reason };
  }

  /** Why a rule on the way to it does not let this call go there. */
  lacks(call: Call): string | undefined {
    // Nothing is known of a model without a client to ask it by, and that is what there is to tell.
    if (this.#judges.length === 0 || !this.#setting.hasClient(this.target, call)) return undefined;
    for (const judge of this.#judges) {
      const reason = judge(this.target, call);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  /** What it lacks, if anything; as a list, for rules round it. */
  lacking(call: Call): readonly Lack[] {
    const reason = this.lacks(call);
    return reason === undefined ? [] : [{ target: targetName(this.target), reason }];
  }

  fitting(call: Call): readonly Target[] {
    return this.lacks(call) === undefined ? this.targets : [];
  }

  /** The answer to a call that may not go there. */
  refuse(call: Call, lacks: readonly Lack[]): Reply {
    return this.#setting.refuse(call, unfit(call, lacks));
  }

  get definition(): string {
    return definedBy(this.target, this.#setting.pinOf(this.target));
  }

  #factsOf(name: string): NonNullable<Leaf['facts']> {
    const fact = { name, path: this.path, because: this.because };
    return {
      first: Object.freeze({ ...fact, first: true }),
      other: Object.freeze({ ...fact, first: false }),
    };
  }
}

/** What decides an answer of a target, as text. */
export function definedBy(target: Target, pin: string | undefined): string {
  const name = targetName(target);
  return JSON.stringify(pin === undefined ? name : { target: name, pin });
}

/** A rule in its place. */
export class Branch implements Choice {
  readonly name: string;
  readonly index: number;
  readonly rule: Route;
  readonly choices: readonly Node[];
  readonly targets: readonly Target[];
  readonly host: RouteHost;
  /** Whether it, or a rule below it, reads what is known of models. */
  readonly usesModels: boolean;

  constructor(place: Place, rule: Route, choices: readonly Node[], host: RouteHost) {
    this.name = place.name;
    this.index = place.index;
    this.rule = rule;
    this.choices = choices;
    this.targets = [...new Map(choices.flatMap(({ targets }) => targets).map(named)).values()];
    this.host = host;
    this.usesModels =
      rule.usesModels === true || choices.some((choice) => choice instanceof Branch && choice.usesModels);
  }

  /** All that decides where calls go from here, as text; `undefined` where that cannot be said. */
  get definition(): string | undefined {
    const { kind, definition, version, onUnsupported } = this.rule;
    if (definition === undefined && version === undefined) return undefined;
    const choices: string[] = [];
    for (const choice of this.choices) {
      const own = choice.definition;
      if (own === undefined) return undefined;
      choices.push(own);
    }
    const said = JSON.stringify([kind, definition ?? null, version ?? null, onUnsupported ?? null]);
    return `[${said},${choices.join(',')}]`;
  }

  /** Whether something beside requests decides, here or further on. */
  get isDecidedByCalls(): boolean {
    return this.rule.decidedBy !== undefined || this.choices.some(isDecidedByCalls);
  }

  /** What that is for this call, rule by rule. */
  decidedBy(call: Call): readonly unknown[] {
    const here = this.rule.decidedBy?.(call, this.host) ?? null;
    return [
      here,
      ...this.choices.map((choice) => (choice instanceof Branch ? choice.decidedBy(call) : null)),
    ];
  }

  order(call: Call): readonly Node[] {
    const order = this.rule.order(call, this.choices, this.host);
    if (order.length === 0) throw new TypeError(`The rule \`${this.rule.kind}\` gave no choice.`);
    // Nearly always the very list it was given.
    return order === this.choices ? this.choices : order.map((choice) => this.own(choice));
  }

  ready(call: Call): Readiness {
    return foremost(this.order(call), call).ready(call);
  }

  /** Why none of its choices may have this call; `undefined`: one may. */
  lacks(call: Call): string | undefined {
    let first: string | undefined;
    for (const choice of this.order(call)) {
      const reason = choice.lacks(call);
      if (reason === undefined) return undefined;
      first ??= reason;
    }
    return first;
  }

  /** What the targets below it lack that may not have this call. */
  lacking(call: Call): readonly Lack[] {
    return this.order(call).flatMap((choice) => choice.lacking(call));
  }

  fitting(call: Call): readonly Target[] {
    return this.choices.flatMap((choice) => choice.fitting(call));
  }

  get load(): Load | undefined {
    const loads = this.choices.flatMap(({ load }) => load ?? []);
    return loads.length === 0 ? undefined : new SumOfLoads(loads);
  }

  /** The choice as a place of this rule. */
  own(choice: Choice): Node {
    const node = this.choices[choice.index];
    if (node === undefined || node !== choice)
      throw new TypeError(`The rule \`${this.rule.kind}\` picked something that is none of its choices.`);
    return node;
  }
}

function isDecidedByCalls(node: Node): boolean {
  return node instanceof Branch && node.isDecidedByCalls;
}

/** A rule among the choices of one that looks at loads: what all its targets have under way, and its fastest. */
class SumOfLoads implements Load {
  readonly #loads: readonly Load[];

  constructor(loads: readonly Load[]) {
    this.#loads = loads;
  }

  get inFlight(): number {
    return this.#loads.reduce((sum, { inFlight }) => sum + inFlight, 0);
  }

  latencyMs(now: number): number | undefined {
    const known = this.#loads.flatMap((load) => load.latencyMs(now) ?? []);
    return known.length === 0 ? undefined : Math.min(...known);
  }
}

function named(target: Target): readonly [string, Target] {
  return [targetName(target), target];
}

/**
 * Where to begin: the first that is ready, else the one whose queue is shortest, else the first that may have the call at all,
 * which says why not now, else the first.
 */
export function foremost(order: readonly Node[], call: Call): Node {
  const [first] = order;
  if (first === undefined) throw new TypeError('There is no choice.');
  let queue: Node | undefined;
  let shortest = Infinity;
  for (const choice of order) {
    const readiness = choice.ready(call);
    if (readiness.ok) return choice;
    if (readiness.queues !== true) continue;
    const { forMs = 0 } = readiness;
    if (queue !== undefined && forMs >= shortest) continue;
    queue = choice;
    shortest = forMs;
  }
  return queue ?? order.find((choice) => choice.lacks(call) === undefined) ?? first;
}

/** Says why a call may not go to a target. */
type Judge = (target: Target, call: Call) => string | undefined;

/** Where a choice stands while routes are read. */
export interface Place {
  /** The route whose rules are read; `undefined` for a target that was named without one. */
  readonly route: string | undefined;
  /** Below `routes`. */
  readonly path: string;
  readonly index: number;
  readonly name: string;
  readonly because: readonly string[];
  readonly onUnsupported: OnUnsupported | undefined;
  readonly usesLoad: boolean;
  readonly judges: readonly Judge[];
  /** The routes on the way here: none may come back. */
  readonly within: readonly string[];
}
