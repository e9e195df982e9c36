import { compose } from './compose.ts';
import { operations } from './dialect.ts';
import type { Engine } from './engine.ts';
import { isAttemptStage, stages, type Host, type Interceptor, type Next } from './interceptor.ts';
import { invalidOption, nearestOf } from './parse-options.ts';
import { routeStage } from './route-stage.ts';
import type { RouteTable } from './route-table.ts';
import { transport } from './transport.ts';

const attached = new WeakSet<Interceptor>();

/** Sorts interceptors by stage, keeping the given order within one. Throws for unknown stages and repeated names. */
export function inStageOrder(
  given: readonly (Interceptor | readonly Interceptor[])[],
): readonly Interceptor[] {
  const interceptors = given.flat();
  const names = new Set<string>();
  for (const [index, interceptor] of interceptors.entries()) {
    const path = `interceptors.${index}`;
    if (typeof interceptor?.intercept !== 'function' || typeof interceptor.name !== 'string') {
      throw invalidOption(
        path,
        typeof interceptor === 'function'
          ? 'is a function and no interceptor: call it, and list what it returns'
          : 'is no interceptor: it needs `name`, `stage` and `intercept`',
      );
    }
    if (!stages.includes(interceptor.stage)) {
      const nearest = nearestOf(String(interceptor.stage), stages);
      throw invalidOption(
        `${path}.stage`,
        `of \`${interceptor.name}\` is unknown: ${JSON.stringify(interceptor.stage)}. ` +
          (nearest === undefined ? `Stages: ${stages.join(', ')}` : `Did you mean \`${nearest}\`?`),
      );
    }
    checkOperations(interceptor, `${path}.on`);
    if (names.has(interceptor.name)) {
      throw invalidOption(
        path,
        `has the name \`${interceptor.name}\`, which another interceptor has already: give it once, or under a \`name\` of its own where it takes one`,
      );
    }
    names.add(interceptor.name);
  }
  return interceptors.toSorted((a, b) => stages.indexOf(a.stage) - stages.indexOf(b.stage));
}

/** One that serves an operation which does not exist would serve nothing, unheard. */
function checkOperations({ on, name }: Interceptor, path: string): void {
  if (on === undefined) return;
  if (!Array.isArray(on)) throw invalidOption(path, `of \`${name}\` must be a list of operations`);
  const unknown: unknown = on.find((operation) => !operations.includes(operation));
  if (unknown !== undefined)
    throw invalidOption(
      path,
      `of \`${name}\` has an unknown operation: ${JSON.stringify(unknown)}. Operations: ${operations.join(', ')}`,
    );
}

/** Tells each interceptor its host, once. When one refuses, none of them belongs to this `ManagedLLM`. */
export function attachAll(
  interceptors: readonly Interceptor[],
  hostFor: (interceptor: Interceptor) => Host,
): void {
  for (const interceptor of interceptors) {
    if (attached.has(interceptor) && interceptor.shareable !== true) {
      throw invalidOption(
        'interceptors',
        `holds \`${interceptor.name}\`, which belongs to another ManagedLLM already. Make a new one for each`,
      );
    }
  }
  const before = interceptors.filter((interceptor) => attached.has(interceptor));
  try {
    for (const interceptor of interceptors) {
      attached.add(interceptor);
      interceptor.attach?.(hostFor(interceptor));
    }
  } catch (thrown) {
    for (const interceptor of interceptors) if (!before.includes(interceptor)) attached.delete(interceptor);
    throw thrown;
  }
}

/** The whole chain: call interceptors, the route, attempt interceptors, the transport. */
export function buildChain(engine: Engine, interceptors: readonly Interceptor[], routes: RouteTable): Next {
  const ofAttempts = interceptors.filter(({ stage }) => isAttemptStage(stage));
  const ofCalls = interceptors.filter(({ stage }) => !isAttemptStage(stage));
  const attempts = compose(engine, ofAttempts, transport(engine));
  return compose(engine, ofCalls, routeStage(engine, routes, attempts));
}
