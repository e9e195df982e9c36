import { Call } from './core/call.ts';
import type { CallWatcher, Gate } from './core/gate.ts';
import type { Host, Interceptor, NestedRequest } from './core/interceptor.ts';
import { ownCall } from './core/own-call.ts';
import type { Reply } from './core/reply.ts';
import { dialectsById } from './dialects/index.ts';
import type { ManagedEngine } from './engine.ts';

/** What an interceptor gets from its `ManagedLLM`. */
export function hostFor(
  interceptor: Interceptor,
  engine: ManagedEngine,
  gate: Gate,
  watchers: () => readonly CallWatcher[],
): Host {
  const call = async (parent: Call, { dialect, model, body, again }: NestedRequest): Promise<Reply> => {
    const { reply } = await gate.submit({
      ...ownCall,
      ...(again === true ? { callerHeaders: () => parent.headers } : {}),
      operation: dialect.operation,
      dialect,
      model,
      stream: dialect.request.isStream(body),
      body,
      callerSignal: parent.signal,
      settings: parent.settings,
      watchers: watchers(),
      parent,
      askers: [
        ...(Call.askersOf(parent) ?? []),
        ...(again === true ? outside(interceptor, engine.interceptors) : []),
        interceptor,
      ],
    });
    return reply;
  };
  const { clock, random, replies, state, pricing, estimates, registry, routes, hooks, report } = engine;
  return {
    clock,
    random,
    replies,
    dialects: dialectsById,
    state,
    pricing,
    estimates,
    providers: registry.names,
    knows: (model) => routes.knows(model),
    nearestTo: (model) => routes.nearestTo(model),
    definitionOf: (of) => routes.definition(of),
    leadsTo: (of) => routes.leadsTo(of),
    routed: () => routes.targets,
    shared: (key, make) => engine.shared(key, make),
    on: (name, listener) => engine.on(name, listener),
    emit: (name, payload) => hooks.emit(name, payload),
    originOf: (name) => registry.origin(name),
    poolOf: (name) => registry.poolOf(name),
    credential: (name, settings) => registry.provider(name)?.credential?.(settings),
    call,
    report,
  };
}

/** What a call has passed before it comes to an interceptor, but for who only observes. */
function outside(interceptor: Interceptor, all: readonly Interceptor[]): readonly Interceptor[] {
  return all.slice(0, all.indexOf(interceptor)).filter(({ stage }) => stage !== 'observe');
}
