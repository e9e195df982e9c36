import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import { Attempt } from './attempt.ts';
import { AttemptTranslation } from './attempt-translation.ts';
import { refusal, type CallError } from './call-error.ts';
import { Call } from './call.ts';
import { connectionFailure, providerFailure } from './classify.ts';
import { fault } from './compose.ts';
import { stopped } from './cancellation.ts';
import type { Engine } from './engine.ts';
import { stopFailure } from './endings.ts';
import { heldElsewhere } from './held-turns.ts';
import type { ByteSource } from './event-stream.ts';
import { Pump } from './pump.ts';
import type { Next } from './interceptor.ts';
import type { Dialect } from './dialect.ts';
import { prepare, prepareTranslated, type Prepared } from './prepare.ts';
import type { Provider } from './provider.ts';
import { Content, CoreReply, type Reply } from './reply.ts';
import { retryAfterMs } from './retry-after.ts';
import { sharedHeaders } from './shared-headers.ts';
import type { Target } from './target.ts';
import { unreadable, unspoken, untranslatable } from './translation-refusals.ts';

/** The innermost link: sends one attempt to its target and makes a reply of whatever happens. */
export function transport(engine: Engine): Next {
  return (call) => {
    try {
      return begin(engine, call);
    } catch (thrown) {
      return Promise.resolve(failed(engine, call, thrown));
    }
  };
}

function begin(engine: Engine, call: Call): Promise<Reply> {
  const { target } = call;
  if (target === undefined) throw new TypeError('The transport was reached before a target was picked.');
  const named = Call.entryOf(call)?.derived?.(target.provider) ?? engine.provider(target.provider);
  const provider = named?.serving(call.settings);
  const addressed = Call.entryFor(call, target)?.addressed === true;
  const dialect = addressed ? call.dialect : provider?.dialectFor(call.dialect);
  if (provider === undefined || dialect === undefined)
    return Promise.resolve(engine.replies.refuse(call, unspoken(call, target)));
  if (dialect !== call.dialect)
    return translated(engine, call, provider, target, dialect).catch((thrown: unknown) =>
      failed(engine, call, thrown),
    );
  if (Call.isStopped(call)) return Promise.resolve(engine.replies.refuse(call, stopOf(call)));
  const prepared = prepare(call, provider, target, addressed ? undefined : pinOf(engine, call, target));
  return exchange(engine, call, new Attempt(engine, Call.runOf(call), call, target, prepared), prepared);
}

/** The snapshot that is asked for, as the receipt will tell. */
function pinOf(engine: Engine, call: Call, target: Target): string | undefined {
  const pin = call.operation === 'passthrough' ? undefined : engine.pinOf(target);
  if (pin !== undefined || call.run.facts.pin !== undefined) call.run.note('pin', pin);
  return pin;
}

async function translated(
  engine: Engine,
  call: Call,
  provider: Provider,
  target: Target,
  dialect: Dialect,
): Promise<Reply> {
  const held = heldElsewhere(call, target, dialect.id);
  if (held !== undefined) return engine.replies.refuse(call, held);
  const between = await engine.translation(call.dialect.id, dialect.id);
  if (between === undefined) return engine.replies.refuse(call, unspoken(call, target));
  if (Call.isStopped(call)) return engine.replies.refuse(call, stopOf(call));
  const translation = new AttemptTranslation(call, dialect, between, engine.clock.now());
  const prepared = prepareTranslated(call, provider, target, pinOf(engine, call, target), translation);
  const onUnsupported = call.onUnsupported ?? provider.onUnsupported ?? 'drop';
  const { unsupported } = translation;
  if (onUnsupported === 'refuse' && unsupported.length > 0)
    return engine.replies.refuse(call, untranslatable(call, target, dialect, unsupported));
  return exchange(engine, call, new Attempt(engine, Call.runOf(call), call, target, prepared), prepared);
}

function failed(engine: Engine, call: Call, thrown: unknown): Reply {
  return ManagedLLMError.isInstance(thrown)
    ? engine.replies.refuse(call, refusal(thrown))
    : fault(engine, call, 'the transport', thrown);
}

function stopOf(call: Call): CallError {
  return stopFailure(call.id, Call.runOf(call).cancellation);
}

async function exchange(
  engine: Engine,
  call: Call,
  attempt: Attempt,
  prepared: Prepared,
): Promise<CoreReply> {
  const unlink = follow(call, attempt);
  let arrived: Arrived;
  try {
    arrived = await raced(
      attempt.begin(call.limits, () => receive(call, attempt, prepared)),
      attempt,
    );
  } catch (thrown) {
    unlink();
    const error = attempt.cancellation.aborted ? attempt.stopError() : failureOfThrown(attempt, thrown);
    attempt.failed(error);
    if (error.kind === 'refused') return engine.replies.refuse(call, error) as CoreReply;
    return withoutAnswer(call, attempt, error);
  }
  const { response, content } = arrived;
  if (content === undefined && call.stream && response.ok && call.operation !== 'passthrough') {
    return streamed(engine, call, attempt, prepared, response, unlink);
  }
  // A body that is not read here, a file or sound, may still be stopped by its reader's signal.
  if (content !== undefined || response.body === null) unlink();
  else keepFollowing(call, response.body);
  const { translation } = prepared;
  const told = failureTold(engine, call, attempt, prepared, arrived);
  let error = told && attempt.classified(told, response.headers);
  let shown = content;
  if (translation !== undefined && content !== undefined) {
    try {
      shown = error === undefined ? translation.reply(content) : translation.failure(error);
    } catch (thrown) {
      error = attempt.classified(unreadable(call, attempt.target, thrown), response.headers);
      shown = translation.failure(error);
    }
  }
  const status = (translation === undefined ? undefined : error?.status) ?? response.status;
  attempt.arrived(response.status, content, error);
  return new CoreReply({
    run: Call.runOf(call),
    status,
    headers: response.headers,
    error,
    pump: undefined,
    content: shown,
    native: { response: status === response.status ? response : undefined },
    settling: attempt.settling,
    discard: () => {
      if (content === undefined) void response.body?.cancel().catch(() => {});
    },
  });
}

interface Arrived {
  readonly response: Response;
  /** The body, where it was read. */
  readonly content: Content | undefined;
}

/** The response, and for plain replies its body: it arrives inside the attempt, so a broken one can be tried again. */
async function receive(call: Call, attempt: Attempt, prepared: Prepared): Promise<Arrived> {
  const response = await prepared.send(attempt.cancellation.controller);
  const plain =
    response.status >= 400 ||
    (call.operation === 'passthrough' ? isJson(response) && prepared.readsReply : !call.stream);
  if (!plain || response.status === 204) return { response, content: undefined };
  return { response, content: Content.ofText(await response.text()) };
}

async function streamed(
  engine: Engine,
  call: Call,
  attempt: Attempt,
  prepared: Prepared,
  response: Response,
  unlink: () => void,
): Promise<CoreReply> {
  const native = response.body?.getReader() ?? emptySource;
  const translated = prepared.translation?.stream(native, attempt.heard);
  const pump = new Pump(
    translated?.source ?? native,
    {
      dialect: call.dialect,
      mayEndWithoutTerminal: prepared.mayEndWithoutTerminal,
      hideUsage: prepared.hideUsage,
      now: engine.clock.now,
      drains: engine.drains,
    },
    attempt,
  );
  attempt.settling.onSettled(unlink);
  attempt.streams(pump, translated?.trail ?? pump.trail, response);
  // The SDK's own limit ends with the headers, also where the stream is held back.
  attempt.answered();
  let error: CallError | undefined;
  if (call.peek) {
    try {
      const peeked = await raced(pump.peek(), attempt);
      if (peeked.found === 'error') error = peeked.error;
      else if (peeked.found === 'end') error = pump.failureAtEnd();
      if (peeked.found === 'end' && error !== undefined) pump.fail(error);
    } catch (thrown) {
      error =
        attempt.settlement?.error ??
        (attempt.cancellation.aborted ? attempt.stopError() : attempt.classified(connectionFailure(thrown)));
      pump.fail(error);
    }
  }
  return new CoreReply({
    run: Call.runOf(call),
    status: response.status,
    headers: response.headers,
    error,
    pump,
    content: undefined,
    native: { response },
    settling: attempt.settling,
    discard: () => attempt.discard(),
  });
}

/** Our own refusals reach here too, from providers that find they cannot send. */
function failureOfThrown(attempt: Attempt, thrown: unknown): CallError {
  return ManagedLLMError.isInstance(thrown) ? refusal(thrown) : attempt.classified(connectionFailure(thrown));
}

/** The call has ended when such a reply arrives, but its signal stays good for as long as somebody can read the body. */
function keepFollowing(call: Call, body: object): void {
  const run = Call.runOf(call);
  const { unfollow } = run;
  if (unfollow === undefined) return;
  run.unfollow = undefined;
  unreadBodies.register(body, unfollow);
}

const unreadBodies = new FinalizationRegistry((unfollow: () => void) => unfollow());

/**
 * The attempt stops when its call does; one with a signal of its own in a run that is held, which others wait for, only
 * by that signal. Returns how to stop listening.
 */
function follow(call: Call, attempt: Attempt): () => void {
  const run = Call.runOf(call);
  const { cancellation } = run;
  const stop = (): void =>
    attempt.stop(cancellation.cause ?? 'discard', cancellation.reason ?? stopped, cancellation.passed);
  const signal = Call.ownSignalOf(call);
  if (signal === undefined) {
    cancellation.onAbort(stop);
    return () => cancellation.offAbort(stop);
  }
  const stopUnlessHeld = (): void => {
    if (!run.held || cancellation.cause === 'close') stop();
  };
  cancellation.onAbort(stopUnlessHeld);
  signal.addEventListener('abort', stop, { once: true });
  return () => {
    cancellation.offAbort(stopUnlessHeld);
    signal.removeEventListener('abort', stop);
  };
}

/** Rejects as soon as the attempt is stopped, also when a transport ignores its signal; what comes later is dropped. */
function raced<T>(pending: Promise<T>, attempt: Attempt): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(attempt.cancellation.reason);
    attempt.cancellation.onAbort(stop);
    pending.then(
      (value) => {
        attempt.cancellation.offAbort(stop);
        if (attempt.cancellation.aborted) dropLate(value);
        resolve(value);
      },
      (thrown: unknown) => {
        attempt.cancellation.offAbort(stop);
        reject(thrown);
      },
    );
  });
}

function dropLate(value: unknown): void {
  const response = (value as Partial<Arrived> | undefined)?.response;
  if (response?.body !== undefined && response.body !== null && !response.bodyUsed) {
    response.body.cancel().catch(() => {});
  }
}

function withoutAnswer(call: Call, attempt: Attempt, error: CallError): CoreReply {
  return new CoreReply({
    run: Call.runOf(call),
    status: 0,
    headers: sharedHeaders.none,
    error,
    pump: undefined,
    content: undefined,
    native: { response: undefined },
    settling: attempt.settling,
    discard: () => {},
  });
}

const emptySource: ByteSource = {
  read: () => Promise.resolve({ done: true }),
  cancel: () => undefined,
};

const beginsAsObject = /^\s*\{/;

/** The failure that an answer is, by its status or by what stands in the answer's place. */
function failureTold(
  engine: Engine,
  call: Call,
  attempt: Attempt,
  { translation }: Prepared,
  { response: { status, headers }, content }: Arrived,
): CallError | undefined {
  const now = (): number => engine.clock.now();
  if (status >= 400) return providerFailure(status, headers, content && jsonOrText(content), now);
  if (content === undefined || call.operation === 'passthrough') return undefined;
  let error: CallError | undefined;
  try {
    if (translation !== undefined) error = translation.failureIn(content);
    // A proxy's page of HTML, or nothing at all: the caller's SDK hands it on, unless somebody tries again.
    else if (!beginsAsObject.test(content.text)) return unreadable(call, attempt.target, undefined);
    else if (call.dialect.reply.mayFail(content.text)) error = call.dialect.reply.failure(content.json);
  } catch (thrown) {
    // Without translation it is for the caller's SDK to make something of it.
    return translation && unreadable(call, attempt.target, thrown);
  }
  return error && { ...error, retryAfterMs: retryAfterMs(headers, now) };
}

function jsonOrText(content: Content): unknown {
  try {
    return content.json;
  } catch {
    return content.text;
  }
}

function isJson(response: Response): boolean {
  const type = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  return type !== undefined && (type.includes('application/json') || type.endsWith('+json'));
}
