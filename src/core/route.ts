import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import { refusal, type CallError } from './call-error.ts';
import { Call } from './call.ts';
import { fault } from './compose.ts';
import { CallSettlement } from './call-settlement.ts';
import type { Engine } from './engine.ts';
import type { Next, Readiness } from './interceptor.ts';
import { nearestOf } from './parse-options.ts';
import type { OnUnsupported } from './provider.ts';
import { CoreReply, type Reply } from './reply.ts';
import type { CallRun } from './run.ts';
import { Settling } from './settlement.ts';
import type { CallSettings } from './settings.ts';
import { targetName, type Target } from './target.ts';

/** A rule that picks targets for a logical model name. Targets are named `provider/model`. */
export interface Route<T extends string = string> {
  /** Every target it can pick, checked at construction. */
  readonly targets: readonly T[];
  /** For its calls, unless they say otherwise themselves. */
  readonly onUnsupported?: OnUnsupported | undefined;
  /** Tries targets until a reply is good enough; discards the replies it does not return. */
  pick(call: Call, steps: RouteSteps): Promise<Reply>;
}

/** What a route works with. */
export interface RouteSteps {
  readonly targets: readonly Target[];
  /** One target's turn, with the retries that belong to it. `last`: nothing is left to move on to. */
  attempt(target: Target, last: boolean): Promise<Reply>;
  ready(target: Target): Readiness;
}

interface NamedRoute {
  readonly name: string;
  readonly route: Route;
  readonly targets: readonly Target[];
}

/** Which model strings mean what. */
export class RouteTable {
  readonly #routes = new Map<string, NamedRoute>();
  readonly #slashIds: (provider: string, settings: CallSettings) => boolean;
  readonly #isProvider: (name: string) => boolean;
  readonly #providerNames: readonly string[];

  constructor(
    routes: Readonly<Record<string, Route | string>>,
    isProvider: (name: string) => boolean,
    providerNames: readonly string[],
    slashIds: (provider: string, settings: CallSettings) => boolean,
  ) {
    this.#isProvider = isProvider;
    this.#slashIds = slashIds;
    this.#providerNames = providerNames;
    for (const [name, given] of Object.entries(routes)) {
      const route = typeof given === 'string' ? alias(given) : given;
      if (typeof route?.pick !== 'function' || !Array.isArray(route.targets)) {
        throw new ManagedLLMError({
          code: 'invalid-options',
          message: `\`routes.${name}\` is no route: give a target, \`provider/model\`, or a rule such as \`fallback(…)\`.`,
          details: { path: `routes.${name}` },
        });
      }
      const targets = route.targets.map((text, index) => {
        const target = parseTarget(text, isProvider);
        if (target !== undefined) return target;
        const path = typeof given === 'string' ? `routes.${name}` : `routes.${name}.targets.${index}`;
        throw new ManagedLLMError({
          code: 'invalid-options',
          message: `\`${path}\` is ${JSON.stringify(text)}: ${describeWrongTarget(text, providerNames)}`,
          details: { path },
        });
      });
      this.#routes.set(name, { name, route, targets });
    }
  }

  /** A route first, then `provider/model`, then the client's own model. */
  resolve(call: Call): NamedRoute | Target | undefined {
    if (call.operation === 'passthrough') return { provider: call.provider, model: call.model };
    const route = this.#routes.get(call.model);
    if (route !== undefined) return route;
    if (!this.#slashIds(call.provider, call.settings)) {
      const target = parseTarget(call.model, this.#isProvider);
      if (target !== undefined) return target;
    }
    return this.#isProvider(call.provider) ? { provider: call.provider, model: call.model } : undefined;
  }

  /** What may have been meant by a model that is none of these. */
  describeUnknown(model: string): string {
    if (model.indexOf('/') > 0) return describeWrongTarget(model, this.#providerNames);
    const nearest = nearestOf(model, [...this.#routes.keys()]);
    if (nearest !== undefined) return `there is no route \`${model}\`. Did you mean \`${nearest}\`?`;
    const routes = this.#routes.size === 0 ? '' : ` Routes: ${[...this.#routes.keys()].join(', ')}.`;
    return `write targets as \`provider/model\`.${routes} Providers: ${this.#providerNames.join(', ')}.`;
  }
}

/** The link between the layers of a call and those of its attempts. */
export function routeStage(engine: Engine, table: RouteTable, attempts: Next): Next {
  return async (call) => {
    try {
      const found = table.resolve(call);
      if (found === undefined) return engine.replies.refuse(call, unknownTarget(call, table));
      if (!('route' in found))
        return lifted(engine, call, await attempts(call.with({ target: found, attempt: 1 })));
      call.run.note('route', found.name);
      const reply = await found.route.pick(call, {
        targets: found.targets,
        attempt: (target, last) =>
          attempts(call.with({ target, attempt: 1, peek: !last, onUnsupported: found.route.onUnsupported })),
        ready: (target) => engine.ready(target, call),
      });
      return lifted(engine, call, reply);
    } catch (thrown) {
      return fault(engine, call, `the route of \`${call.model}\``, thrown);
    }
  };
}

/** From here outward a reply's settlement is the call's: the sum of its attempts. */
function lifted(engine: Engine, call: Call, reply: Reply): Reply {
  if (!(reply instanceof CoreReply)) throw new TypeError('A route returned something that is not a reply.');
  return summed(engine, Call.runOf(call), call.model, reply);
}

/** Not given the call: what listens to a stream's end must not keep the SDK's request, and so its reader, alive. */
function summed(engine: Engine, run: CallRun, model: string, reply: CoreReply): Reply {
  const settling = new Settling(engine.reportListener);
  const error = withAllFailures(run, model, reply.error);
  reply.onSettled((settlement) =>
    settling.settle(
      new CallSettlement(
        run,
        {
          outcome: settlement.outcome,
          origin: settlement.origin,
          // The last target's stream may fail long after it was handed on.
          error: error ?? withAllFailures(run, model, settlement.error),
          settledAt: settlement.settledAt,
        },
        settlement,
      ),
    ),
  );
  return reply.copy({ settling, error });
}

/** A provider's error passes untouched; when several targets failed, what happened at each is added behind it. */
function withAllFailures(run: CallRun, model: string, error: CallError | undefined): CallError | undefined {
  if (error === undefined || error.kind === 'aborted') return error;
  const { attempts } = run;
  // The last word of each target.
  const ends = new Map(attempts.map(({ target, settlement }) => [targetName(target), settlement?.error]));
  if (ends.size < 2) return error;
  const told = [...ends].map(([name, end]) =>
    end === undefined ? name : `${name} (${end.kind}${end.status === undefined ? '' : `, ${end.status}`})`,
  );
  const managed = new ManagedLLMError({
    code: 'all-targets-failed',
    callId: run.id,
    message: `All targets of \`${model}\` failed: ${told.join(', ')}.`,
    retryable: error.retryable,
    details: {
      failures: attempts.map(({ id, target, settlement }) => ({
        attemptId: id,
        target: targetName(target),
        status: settlement?.status,
        kind: settlement?.error?.kind,
        message: settlement?.error?.message,
      })),
    },
    cause: error.managed ?? error.cause,
  });
  return { ...error, managed };
}

function alias(target: string): Route {
  return { targets: [target], pick: (_call, { targets: [only], attempt }) => attempt(only as Target, true) };
}

function parseTarget(text: string, isProvider: (name: string) => boolean): Target | undefined {
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

function unknownTarget(call: Call, table: RouteTable): CallError {
  return refusal(
    new ManagedLLMError({
      code: 'unknown-target',
      callId: call.id,
      message: `\`${call.model}\` is neither a route nor \`provider/model\`: ${table.describeUnknown(call.model)}`,
    }),
  );
}
