import { Call } from './core/call.ts';
import type { Dialect, DialectId } from './core/dialect.ts';
import { ownCall } from './core/own-call.ts';
import { invalidOption } from './core/parse-options.ts';
import { unknownTarget } from './core/route-stage.ts';
import type { Node } from './core/route-tree.ts';
import { CallRun } from './core/run.ts';
import type { CallSettings } from './core/settings.ts';
import type { Target } from './core/target.ts';
import { dialectsById } from './dialects/index.ts';
import { asRecord, items } from './dialects/record.ts';
import type { ManagedEngine } from './engine.ts';
import { misplacedIn } from './neutral/misplaced.ts';
import { withPrompt } from './neutral/prompted.ts';

/**
 * A request that is looked at and not sent: of the neutral API, a prompt's (`prompt`, `variables`) too, or the body of an
 * SDK's request with its `provider`.
 */
export interface AskedRequest<M extends string = string, N extends string = string> {
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
 * The call that a request would make. It is not sent.
 *
 * @param method that was given the request
 */
export function callAsked(
  engine: ManagedEngine,
  method: string,
  asked: AskedRequest,
  settings: CallSettings,
): Call {
  const request = asked?.provider === undefined ? withPrompt(asked) : asked;
  if (typeof request !== 'object' || request === null || typeof request.model !== 'string')
    throw invalidOption(method, 'takes a request: `{ model, messages }`');
  const { provider = ownCall.provider, dialect: _dialect, ...body } = request;
  if (provider !== ownCall.provider && engine.provider(provider) === undefined)
    throw invalidOption(
      `${method}.provider`,
      `names no provider: ${JSON.stringify(provider)}. Providers: ${engine.registry.names.join(', ')}`,
    );
  const dialect = dialectOf(engine, method, request);
  const misplaced = dialect.id === 'neutral' ? misplacedIn(request, neutralNames) : undefined;
  if (misplaced !== undefined) throw invalidOption(`${method}.${misplaced.name}`, misplaced.problem);
  const run = new CallRun(
    method,
    0,
    undefined,
    engine.clock.now(),
    settings,
    [],
    engine.timeLimits,
    () => {},
  );
  return new Call(
    {
      ...ownCall,
      callerSignal: undefined,
      operation: dialect.operation,
      dialect,
      provider,
      model: request.model,
      stream: dialect.request.isStream(body),
      body: asSent(dialect, body),
    },
    run,
  );
}

/** Requests of all methods of the neutral API are looked at, those for streams too. */
const neutralNames = { messages: true, stream: true };

/** Where a call leads. Throws `unknown-target` as the call itself would. */
export function foundFor(engine: ManagedEngine, call: Call): Node | Target {
  const found = engine.routes.resolve(call);
  if (found !== undefined) return found;
  throw unknownTarget(call, engine.routes).managed;
}

function dialectOf(
  engine: ManagedEngine,
  method: string,
  { provider, dialect, ...body }: AskedRequest,
): Dialect {
  if (dialect !== undefined) {
    const known = Object.hasOwn(dialectsById, dialect) ? dialectsById[dialect] : undefined;
    if (known !== undefined) return known;
    throw invalidOption(`${method}.dialect`, `is unknown. Dialects: ${Object.keys(dialectsById).join(', ')}`);
  }
  const hasInput = 'input' in body && !('messages' in body);
  const { neutral } = dialectsById;
  if (provider === undefined) return hasInput ? dialectsById['openai-embeddings'] : neutral;
  return hasInput
    ? dialectsById['openai-responses']
    : (engine.provider(provider)?.dialectFor(neutral) ?? neutral);
}

/** A text stands for one message of the user; of the application's tools, only what the model is told is sent. */
function asSent(dialect: Dialect, body: Readonly<Record<string, unknown>>): unknown {
  const { messages, tools } = body;
  const asked =
    typeof messages === 'string' ? { ...body, messages: [{ role: 'user', content: messages }] } : body;
  return dialect.id === 'neutral' && Array.isArray(tools)
    ? { ...asked, tools: items(tools).map(definitionOf) }
    : asked;
}

function definitionOf(tool: unknown): unknown {
  const { schema: _schema, execute: _execute, onError: _onError, ...definition } = asRecord(tool) ?? {};
  return definition;
}
