import { Call } from './core/call.ts';
import type { Dialect, DialectId } from './core/dialect.ts';
import { explained, type Explanation } from './core/explanation.ts';
import { ownCall } from './core/own-call.ts';
import { invalidOption } from './core/parse-options.ts';
import { unknownTarget } from './core/route-stage.ts';
import { CallRun } from './core/run.ts';
import type { CallSettings } from './core/settings.ts';
import { dialectsById } from './dialects/index.ts';
import type { ManagedEngine } from './engine.ts';

/** What `llm.explain` takes: a request of the neutral API, or the body of an SDK's request with its `provider`. */
export interface ExplainRequest<M extends string = string, N extends string = string> {
  /** A route, `provider/model`, or with `provider` a model of its own. */
  readonly model: M;
  /** The client that it would be made with, by its name in `providers`. Default: none, a request of the neutral API. */
  readonly provider?: N;
  /**
   * The format that it is written in. Default: with `provider` the one that its client is asked in, without one `neutral`;
   * `input` in place of `messages` says Responses or, without a provider, embeddings.
   */
  readonly dialect?: Exclude<DialectId, 'passthrough'>;
  /** The rest of the request. */
  readonly [member: string]: unknown;
}

/**
 * Says where a call would go now and why. Throws `invalid-options` for a request that is none, and `unknown-target` as the
 * call itself would.
 */
export function explain(engine: ManagedEngine, request: ExplainRequest, settings: CallSettings): Explanation {
  if (typeof request !== 'object' || request === null || typeof request.model !== 'string')
    throw invalidOption('explain', 'takes a request: `{ model, messages }`');
  const { provider = ownCall.provider, dialect: _dialect, ...body } = request;
  if (provider !== ownCall.provider && engine.provider(provider) === undefined)
    throw invalidOption(
      'explain.provider',
      `names no provider: ${JSON.stringify(provider)}. Providers: ${engine.registry.names.join(', ')}`,
    );
  const dialect = dialectOf(engine, request);
  const run = new CallRun(
    'explain',
    0,
    undefined,
    engine.clock.now(),
    settings,
    [],
    engine.timeLimits,
    () => {},
  );
  const call = new Call(
    {
      ...ownCall,
      callerSignal: undefined,
      operation: dialect.operation,
      dialect,
      provider,
      model: request.model,
      stream: dialect.request.isStream(body),
      body: typeof body['messages'] === 'string' ? { ...body, messages: asTurns(body['messages']) } : body,
    },
    run,
  );
  return engine.ruleHost.quietly(() => {
    const found = engine.routes.resolve(call);
    if (found !== undefined) return explained(engine, found, call);
    throw unknownTarget(call, engine.routes).managed;
  });
}

function dialectOf(engine: ManagedEngine, { provider, dialect, ...body }: ExplainRequest): Dialect {
  if (dialect !== undefined) {
    const known = Object.hasOwn(dialectsById, dialect) ? dialectsById[dialect] : undefined;
    if (known !== undefined) return known;
    throw invalidOption('explain.dialect', `is unknown. Dialects: ${Object.keys(dialectsById).join(', ')}`);
  }
  const hasInput = 'input' in body && !('messages' in body);
  const { neutral } = dialectsById;
  if (provider === undefined) return hasInput ? dialectsById['openai-embeddings'] : neutral;
  return hasInput
    ? dialectsById['openai-responses']
    : (engine.provider(provider)?.dialectFor(neutral) ?? neutral);
}

/** A text stands for one message of the user. */
function asTurns(text: string): readonly unknown[] {
  return [{ role: 'user', content: text }];
}
