import type { CallError } from './call-error.ts';
import { Call } from './call.ts';
import { nearestOf } from './parse-options.ts';
import type { Readiness } from './interceptor.ts';
import type { Reply } from './reply.ts';
import type { Route, RouteHost } from './route.ts';
import { RouteReader } from './route-reader.ts';
import { definedBy, Leaf, type Branch, type Node, type RouteSetting } from './route-tree.ts';
import type { CallSettings } from './settings.ts';
import type { TargetLoad } from './target-load.ts';
import { targetName, type Target } from './target.ts';

/** What routes are made of and for. */
export interface RouteTableParts {
  readonly routes: Readonly<Record<string, unknown>>;
  readonly providerNames: readonly string[];
  readonly host: RouteHost;
  isProvider(name: string): boolean;
  slashIds(provider: string, settings: CallSettings): boolean;
  ready(target: Target, call: Call): Readiness;
  hasClient(target: Target, call: Call): boolean;
  isPool(provider: string): boolean;
  /** The rule over a pool's members, for a target that names the pool. */
  members(target: Target): Route | undefined;
  /** The targets that the option `models` names, for rules that pick among them. */
  readonly stated: readonly string[];
  pinOf(target: Target): string | undefined;
  refuse(call: Call, error: CallError): Reply;
}

/** What is said of a route for all its calls. */
interface Definition {
  readonly text: string | undefined;
  /** Whether that is all: nothing else decides. */
  readonly isWhole: boolean;
  /** All that it may lead to, each once. */
  readonly targets: readonly Target[];
}

/** Rules over pools that are kept, one a model: models come from callers too, so beyond this they are made anew. */
const keptPools = 1_000;

/** Which model strings mean what. */
export class RouteTable {
  /** Of the targets that a rule wants the load of, by name. */
  readonly loads: ReadonlyMap<string, TargetLoad>;
  readonly #routes = new Map<string, Node>();
  readonly #pools = new Map<string, Branch>();
  readonly #definitions = new WeakMap<Node, Definition>();
  readonly #parts: RouteTableParts;
  readonly #reader: RouteReader;

  /** Throws `invalid-options` with the path of what is wrong. */
  constructor(parts: RouteTableParts) {
    this.#parts = parts;
    const given = new Map(Object.entries(parts.routes));
    const loads = new Map<string, TargetLoad>();
    const setting: RouteSetting = {
      host: parts.host,
      ready: parts.ready,
      hasClient: parts.hasClient,
      parseTarget: (text) => parseTarget(text, parts),
      describeWrong: (text) => this.#describeWrongChoice(text, [...given.keys()]),
      members: parts.members,
      stated: parts.stated,
      pinOf: parts.pinOf,
      refuse: parts.refuse,
    };
    this.#reader = new RouteReader(given, setting, loads);
    this.loads = loads;
    for (const name of given.keys()) this.#routes.set(name, this.#reader.route(name));
  }

  /** A route first, then `provider/model`, then the client's own model. */
  resolve(call: Call): Node | Target | undefined {
    const { provider, model } = call;
    const entry = Call.entryOf(call);
    // Files and batches belong to the account they were made with, and a URL of the application's own is the target.
    if (call.operation === 'passthrough') return { provider: entry?.provider ?? provider, model };
    const route = this.#routes.get(model);
    if (route !== undefined) return route;
    if (!this.#parts.slashIds(provider, call.settings)) {
      const target = parseTarget(model, this.#parts);
      if (target !== undefined) return this.#spread(target);
    }
    if (!this.#parts.isProvider(provider)) return undefined;
    if (entry?.addressed === true) return { provider: entry.provider ?? provider, model };
    return this.#spread({ provider, model });
  }

  /** Whether a text names a route or `provider/model`. */
  knows(model: string): boolean {
    return this.#routes.has(model) || parseTarget(model, this.#parts) !== undefined;
  }

  /** All that decides where a call goes, as text; `undefined` where that cannot be said. */
  definition(call: Call): string | undefined {
    const found = this.resolve(call);
    if (found === undefined) return undefined;
    if ('model' in found) return definedBy(found, this.#parts.pinOf(found));
    const { text, isWhole } = this.#definitionOf(found);
    if (text === undefined || isWhole || found instanceof Leaf) return text;
    return `${text}\n${JSON.stringify(found.decidedBy(call))}`;
  }

  /** All targets that a call may come to, each once. */
  leadsTo(call: Call): readonly Target[] {
    const found = this.resolve(call);
    if (found === undefined) return [];
    return 'model' in found ? [found] : this.#definitionOf(found).targets;
  }

  #definitionOf(node: Node): Definition {
    const known = this.#definitions.get(node);
    if (known !== undefined) return known;
    const isWhole = node instanceof Leaf || !node.isDecidedByCalls;
    const made = { text: node.definition, isWhole, targets: targetsOf([node]) };
    this.#definitions.set(node, made);
    return made;
  }

  /** All targets that routes name, each once. */
  get targets(): readonly Target[] {
    return targetsOf(this.#routes.values());
  }

  /** The route or `provider/model` that may have been meant by a text that is neither. */
  nearestTo(model: string): string | undefined {
    const slash = model.indexOf('/');
    const provider = slash < 1 ? undefined : nearestOf(model.slice(0, slash), this.#parts.providerNames);
    return provider === undefined || slash === model.length - 1
      ? nearestOf(model, [...this.#routes.keys()])
      : `${provider}${model.slice(slash)}`;
  }

  /** What may have been meant by a model that is none of these. */
  describeUnknown(model: string): string {
    const { providerNames } = this.#parts;
    if (model.indexOf('/') > 0) return describeWrongTarget(model, providerNames);
    const routes = [...this.#routes.keys()];
    const nearest = nearestOf(model, routes);
    if (nearest !== undefined) return `there is no route \`${model}\`. Did you mean \`${nearest}\`?`;
    const known = routes.length === 0 ? '' : ` Routes: ${routes.join(', ')}.`;
    return `write targets as \`provider/model\`.${known} Providers: ${providerNames.join(', ')}.`;
  }

  /** The target, or the members of the pool that it names. */
  #spread(target: Target): Branch | Target {
    if (!this.#parts.isPool(target.provider)) return target;
    const name = targetName(target);
    const kept = this.#pools.get(name);
    if (kept !== undefined) return kept;
    const rule = this.#parts.members(target);
    if (rule === undefined) return target;
    const made = this.#reader.pool(name, rule);
    if (this.#pools.size >= keptPools) this.#pools.clear();
    this.#pools.set(name, made);
    return made;
  }

  #describeWrongChoice(text: string, routes: readonly string[]): string {
    const nearest = nearestOf(text, routes);
    if (nearest !== undefined && !text.includes('/'))
      return `there is no route \`${text}\`. Did you mean \`${nearest}\`?`;
    return describeWrongTarget(text, this.#parts.providerNames);
  }
}

/** All that these lead to, each once. */
function targetsOf(nodes: Iterable<Node>): readonly Target[] {
  const found = new Map<string, Target>();
  const gather = (node: Node): void => {
    if (node instanceof Leaf) found.set(targetName(node.target), node.target);
    else for (const choice of node.choices) gather(choice);
  };
  for (const node of nodes) gather(node);
  return [...found.values()];
}

function parseTarget(text: string, { isProvider }: RouteTableParts): Target | undefined {
  const slash = text.indexOf('/');
  if (slash < 1) return undefined;
  const provider = text.slice(0, slash);
  const model = text.slice(slash + 1);
  return model !== '' && isProvider(provider) ? { provider, model } : undefined;
}

function describeWrongTarget(text: string, providers: readonly string[]): string {
  const slash = text.indexOf('/');
  if (slash < 1 || slash === text.length - 1) return 'write targets as `provider/model`.';
  const provider = text.slice(0, slash);
  const nearest = nearestOf(provider, providers);
  return nearest === undefined
    ? `there is no provider \`${provider}\`. Providers: ${providers.join(', ')}.`
    : `there is no provider \`${provider}\`. Did you mean \`${nearest}\`?`;
}
