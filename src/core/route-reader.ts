import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import type { Call } from './call.ts';
import { isRoute, type Route } from './route.ts';
import { Branch, Leaf, type Node, type Place, type RouteSetting } from './route-tree.ts';
import { TargetLoad } from './target-load.ts';
import { targetName, type Target } from './target.ts';

/** References count as often as they are made: a bound for routes that multiply. */
const mostTargets = 1_000;

/** Reads routes into trees of places: each place has its own path, whoever refers to it. */
export class RouteReader {
  readonly #routes: ReadonlyMap<string, unknown>;
  readonly #setting: RouteSetting;
  readonly #loads: Map<string, TargetLoad>;
  #targets = 0;

  /** @param loads filled with the targets that a rule wants the load of */
  constructor(routes: ReadonlyMap<string, unknown>, setting: RouteSetting, loads: Map<string, TargetLoad>) {
    this.#routes = routes;
    this.#setting = setting;
    this.#loads = loads;
  }

  /** Throws `invalid-options` with the path of what is wrong. */
  route(name: string): Node {
    this.#targets = 0;
    return this.#node(this.#routes.get(name), {
      ...outermost,
      route: name,
      path: name,
      name,
      within: [name],
    });
  }

  /** A pool that was named by no route. */
  pool(name: string, rule: Route): Branch {
    this.#targets = 0;
    return this.#branch(rule, { ...outermost, path: name, name });
  }

  #node(given: unknown, place: Place): Node {
    if (typeof given === 'string') return this.#named(given, place);
    if (isRoute(given)) return this.#branch(given, place);
    throw wrong(
      place,
      'is no route: give a target, `provider/model`, the name of another route, or a rule such as `fallback(…)`.',
    );
  }

  /** A target first: a route that bears a target's name may have that target among its own choices. */
  #named(text: string, place: Place): Node {
    const target = this.#setting.parseTarget(text);
    if (target !== undefined) {
      const members = this.#setting.members(target);
      return members === undefined ? this.#leaf(target, place) : this.#branch(members, place);
    }
    if (!this.#routes.has(text))
      throw wrong(place, `is ${JSON.stringify(text)}: ${this.#setting.describeWrong(text)}`);
    if (place.within.includes(text))
      throw wrong(place, `leads in a circle: ${[...place.within, text].join(' → ')}.`);
    return this.#node(this.#routes.get(text), { ...place, within: [...place.within, text] });
  }

  #leaf(target: Target, place: Place): Leaf {
    if (++this.#targets > mostTargets)
      throw wrong(
        place,
        `is one of more than ${mostTargets} targets. Routes that refer to routes multiply them.`,
      );
    return new Leaf(place, target, this.#setting, place.usesLoad ? this.#loadOf(target) : undefined);
  }

  #branch(rule: Route, place: Place): Branch {
    const { host, stated } = this.#setting;
    const all = rule.choices.length === 0 && rule.picksStated === true ? stated : rule.choices;
    if (all.length === 0)
      throw wrong(
        place,
        rule.picksStated === true
          ? 'picks among the targets that `models` names, and it names none. Give `from`, or name them there.'
          : 'is a rule without choices.',
      );
    const onUnsupported = rule.onUnsupported ?? place.onUnsupported;
    const usesLoad = place.usesLoad || rule.usesLoad === true;
    const judges =
      rule.lacks === undefined
        ? place.judges
        : [...place.judges, (target: Target, call: Call) => rule.lacks?.(target, call, host)];
    const names = new Set<string>();
    const choices = all.map((given, index) => {
      const at = rule.places?.[index] ?? `choices.${index}`;
      const own = nameOf(given);
      const name = names.has(own) ? `${own} (${index})` : own;
      names.add(name);
      const because = [...place.because, `${rule.kind} (${rule.why?.(index) ?? at})`];
      const path = `${place.path}.${at}`;
      return this.#node(given, {
        ...place,
        path,
        index,
        name,
        because,
        onUnsupported,
        usesLoad,
        judges,
      });
    });
    return new Branch(place, rule, choices, host);
  }

  #loadOf(target: Target): TargetLoad {
    const name = targetName(target);
    const load = this.#loads.get(name) ?? new TargetLoad();
    this.#loads.set(name, load);
    return load;
  }
}

const outermost = {
  route: undefined,
  index: 0,
  because: [],
  onUnsupported: undefined,
  usesLoad: false,
  judges: [],
  within: [],
} as const satisfies Partial<Place>;

/** What a choice is called: told by what it holds, not by where it stands, so that it keeps its share of sticky calls. */
function nameOf(given: unknown): string {
  if (!isRoute(given)) return String(given);
  return `${given.kind}(${given.choices.map(nameOf).join(', ')})`;
}

function wrong({ path }: Place, what: string): ManagedLLMError {
  return new ManagedLLMError({
    code: 'invalid-options',
    message: `\`routes.${path}\` ${what}`,
    details: { path: `routes.${path}` },
  });
}
