import assert from 'node:assert/strict';

import { refusal } from '../core/call-error.ts';
import { stages, type Host, type Interceptor } from '../core/interceptor.ts';
import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import { setStage, type ContractClient, type ContractSdk, type ContractStage } from './contract-call.ts';

/** What registers a test: `test` of vitest, `node:test`, Jest and their like. */
export interface ContractRunner {
  readonly test: (title: string, run: () => Promise<void>) => unknown;
}

/** An interceptor to be checked. */
export interface InterceptorSubject {
  /** Stands before every test's title. */
  readonly name: string;
  /** Makes a new one, with options under which the contract's own calls pass. Several, where a feature has several. */
  readonly make: () => Interceptor | readonly Interceptor[];
  /** Makes one that answers or refuses by itself. Left out: it never does. */
  readonly shortCircuit?: () => Interceptor | readonly Interceptor[];
  /** Makes one that keeps its first call waiting for good before it reaches the provider. Left out: it never waits. */
  readonly waiting?: () => Interceptor | readonly Interceptor[];
  /** Constructions that must be refused as `invalid-options`. */
  readonly badOptions?: readonly (() => unknown)[];
  /** It changes requests or replies on purpose, so what is compared byte by byte is left out. Default `false`. */
  readonly rewrites?: boolean;
  /** The SDKs to check with, which must be installed. Default both. */
  readonly sdks?: readonly ContractSdk[];
}

/**
 * The eight questions every interceptor has to answer, as tests: order, pass-through, short-circuit, errors, aborts,
 * streams, many calls at once, bad options. They run the real SDKs through a `ManagedLLM` against a stand-in, on a
 * manual clock.
 *
 * ```ts
 * import { test } from 'node:test';
 * import type { Interceptor } from 'managed-llm';
 * import { describeInterceptorContract } from 'managed-llm/testing';
 *
 * const houseRules = (): Interceptor => ({ name: 'house-rules', stage: 'shape', intercept: (call, next) => next(call) });
 * describeInterceptorContract({ test }, { name: 'house rules', make: houseRules });
 * ```
 */
export function describeInterceptorContract(runner: ContractRunner, subject: InterceptorSubject): void {
  for (const sdk of subject.sdks ?? (['openai', 'anthropic'] as const)) {
    const check = (title: string, run: (set: SetStage) => Promise<void>) =>
      runner.test(`${subject.name} (${sdk}): ${title}`, () => run((made) => setStage(sdk, made)));
    const { make, shortCircuit, waiting, rewrites = false } = subject;

    check('stands at its stage, wherever it is listed', (set) => order(set, make));
    if (!rewrites)
      check('lets pass what it does not change, the very same response included', (set) =>
        passThrough(set, make),
      );
    check('hands on what an inner interceptor answers by itself', (set) => innerRefusal(set, make));
    check('is not asked when an outer interceptor answers by itself', (set) => outerRefusal(set, make));
    if (shortCircuit !== undefined) {
      check('answers by itself without an attempt', (set) => ownAnswer(set, shortCircuit));
    }
    check('leaves errors as they are', (set) => errors(set, make));
    check('ends with an abort at whatever point it comes', (set) => aborts(set, make));
    if (waiting !== undefined)
      check('ends with an abort while it waits', (set) => abortWhileWaiting(set, waiting));
    check('settles a stream that ends, fails, is broken off or aborted as what it was', (set) =>
      streams(set, make),
    );
    check('loses no settlement among many calls at once', (set) => manyCalls(set, make));
  }
  subject.badOptions?.forEach((construct, index) => {
    runner.test(`${subject.name}: refuses bad options, case ${index + 1}`, async () => {
      const error: unknown = await new Promise((resolve) => resolve(construct())).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      assert.ok(ManagedLLMError.isInstance(error), 'expected a ManagedLLMError to be thrown');
      assert.equal(error.code, 'invalid-options');
    });
  });
}

type SetStage = (interceptors: readonly Interceptor[]) => Promise<ContractStage>;
type Make = InterceptorSubject['make'];

async function order(set: SetStage, make: Make): Promise<void> {
  for (const listedFirst of [true, false]) {
    const log: string[] = [];
    const subjects = listOf(make).map((one) => logged(one, log, `subject at ${one.stage}`));
    const markers = stages.map((stage) =>
      logged({ name: `marker ${stage}`, stage, intercept: (call, next) => next(call) }, log, stage),
    );
    // The retry marker would stand in for the retries that are there by default.
    const others = markers.filter(({ stage }) => stage !== 'retry');
    const stage = await set(listedFirst ? [...subjects, ...others] : [...others, ...subjects]);
    await finished(stage, stage.governed.ask());
    for (const { stage: own } of subjects) {
      const at = log.indexOf(`subject at ${own}`);
      const position = stages.indexOf(own);
      assert.notEqual(at, -1, 'the interceptor was not asked');
      for (const [index, other] of stages.entries()) {
        const seen = log.indexOf(other);
        if (seen === -1 || index === position) continue;
        assert.ok(
          index < position ? seen < at : seen > at,
          `stands on the wrong side of ${other}: ${log.join(', ')}`,
        );
      }
    }
  }
}

async function passThrough(set: SetStage, make: Make): Promise<void> {
  const stage = await set(listOf(make));
  const { provider, bareProvider, governed, bare, responses } = stage;
  assert.equal(await finished(stage, governed.ask()), await bare.ask());
  assert.equal(await finished(stage, textOf(governed.stream())), await textOf(bare.stream()));
  const response = await finished(stage, governed.askWithResponse());
  assert.equal(response, responses.at(-1), 'the response handed on is another object');
  await bare.askWithResponse();
  assert.equal(provider.requests.length, bareProvider.requests.length);
  assert.equal(provider.requests[0]?.bodyText, bareProvider.requests[0]?.bodyText, 'the request was changed');
  await settled(stage, 3);
}

async function innerRefusal(set: SetStage, make: Make): Promise<void> {
  const stage = await set([...listOf(make), refuser('send')]);
  const error = ManagedLLMError.from(await failed(stage, stage.governed.ask()));
  assert.equal(error?.code, 'refused');
  assert.equal(stage.provider.requests.length, 0);
  await settled(stage, 1);
  assert.equal(stage.receipts[0]?.outcome, 'refused');
}

async function outerRefusal(set: SetStage, make: Make): Promise<void> {
  const log: string[] = [];
  const subjects = listOf(make).filter(({ stage }) => stage !== 'observe');
  const stage = await set([...subjects.map((one) => logged(one, log, one.name)), refuser('observe')]);
  await failed(stage, stage.governed.ask());
  assert.deepEqual(log, []);
  await settled(stage, 1);
}

async function ownAnswer(set: SetStage, make: Make): Promise<void> {
  const stage = await set(listOf(make));
  await stage.drive(stage.governed.ask());
  await stage.drive(textOf(stage.governed.stream()));
  assert.equal(stage.provider.requests.length, 0, 'a request was sent');
  await settled(stage, 2);
  for (const { attempts } of stage.receipts) assert.deepEqual(attempts, []);
}

async function errors(set: SetStage, make: Make): Promise<void> {
  const headers = { 'x-should-retry': 'false' };
  for (const reply of [
    { status: 400 },
    { status: 401 },
    { status: 404 },
    { status: 429, headers },
    { status: 500, headers },
  ]) {
    const stage = await set(listOf(make));
    stage.provider.always(reply);
    stage.bareProvider.always(reply);
    for (const ask of [
      (client: ContractClient) => client.ask(),
      (client: ContractClient) => textOf(client.stream()),
    ]) {
      const error = await failed(stage, ask(stage.governed));
      const expected = await ask(stage.bare).then(String, (thrown: unknown) => thrown);
      assert.equal(describe(error), describe(expected));
    }
    await settled(stage, 2);
    assert.deepEqual(
      stage.receipts.map(({ outcome }) => outcome),
      ['failed', 'failed'],
    );
  }
}

async function aborts(set: SetStage, make: Make): Promise<void> {
  const stage = await set(listOf(make));
  let calls = 0;
  const ask = async (client: () => Promise<unknown>, abort: AbortController, turns: number) => {
    calls += 1;
    const answer = client();
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    abort.abort();
    return stage.drive(answer);
  };
  for (let turns = 0; turns < 60; turns += 1) {
    for (const isStream of [false, true]) {
      stage.provider.next({ latencyMs: turns % 2 === 0 ? 0 : 1_000 });
      const abort = new AbortController();
      const { signal } = abort;
      await ask(
        () => (isStream ? textOf(stage.governed.stream(signal)) : stage.governed.ask(signal)),
        abort,
        turns,
      );
      stage.provider.reset();
    }
  }
  stage.provider.next({ hang: true });
  const hanging = new AbortController();
  const { status } = await ask(() => stage.governed.ask(hanging.signal), hanging, 1_000);
  assert.equal(status, 'rejected');
  // A signal that has fired before may be refused by the SDK itself: no call then.
  await settled(stage, undefined);
  assert.ok(stage.ended.calls <= calls);
  assert.equal(stage.receipts.at(-1)?.outcome, 'aborted');
}

async function abortWhileWaiting(set: SetStage, make: Make): Promise<void> {
  for (const isStream of [false, true]) {
    const stage = await set(listOf(make));
    const abort = new AbortController();
    const { signal } = abort;
    const answer = isStream ? textOf(stage.governed.stream(signal)) : stage.governed.ask(signal);
    const outcome = stage.drive(answer);
    await stage.clock.advance(0);
    assert.equal(stage.provider.requests.length, 0, 'it did not wait');
    abort.abort();
    assert.equal((await outcome).status, 'rejected');
    await settled(stage, 1);
    assert.equal(stage.receipts[0]?.outcome, 'aborted');
  }
}

async function streams(set: SetStage, make: Make): Promise<void> {
  const stage = await set(listOf(make));
  const { governed, provider } = stage;
  await finished(stage, governed.ask());
  await finished(stage, textOf(governed.stream()));

  provider.next({ cutAfterEvents: 5, headers: { 'x-should-retry': 'false' } });
  await failed(stage, textOf(governed.stream()));

  await finished(
    stage,
    (async () => {
      for await (const text of governed.stream()) if (text !== '') break;
    })(),
  );

  const abort = new AbortController();
  await failed(
    stage,
    (async () => {
      for await (const text of governed.stream(abort.signal)) if (text !== '') abort.abort();
      // OpenAI's client ends the loop in silence.
      abort.signal.throwIfAborted();
    })(),
  );
  await settled(stage, 5);
  const [plain, streamed, ...others] = stage.receipts;
  assert.deepEqual(
    [plain, streamed, ...others].map((receipt) => receipt?.outcome),
    ['finished', 'finished', 'failed', 'abandoned', 'aborted'],
  );
  assert.deepEqual(streamed?.usage, plain?.usage, 'a stream’s usage differs from the plain answer’s');
  assert.equal(streamed?.stopReason, plain?.stopReason);
}

async function manyCalls(set: SetStage, make: Make): Promise<void> {
  const stage = await set(listOf(make));
  const { governed, provider } = stage;
  provider
    .when((request) => request.index % 7 === 3, { status: 400 })
    .when((request) => request.index % 7 === 5, { cutAfterEvents: 4 });
  const count = 70;
  const calls = Array.from({ length: count }, async (_, index) => {
    const abort = new AbortController();
    switch (index % 4) {
      case 0:
        return governed.ask();
      case 1:
        return textOf(governed.stream());
      case 2:
        for await (const text of governed.stream()) if (text !== '') break;
        return '';
      default:
        queueMicrotask(() => abort.abort());
        return governed.ask(abort.signal);
    }
  });
  const { status } = await stage.drive(Promise.allSettled(calls));
  assert.equal(status, 'fulfilled');
  await settled(stage, undefined);
  assert.ok(
    stage.ended.calls >= (count * 3) / 4,
    `only ${stage.ended.calls} of ${count} calls were seen to end`,
  );
}

/** Everything that began has ended, once, and nothing is left open or was reported. */
async function settled(stage: ContractStage, calls: number | undefined): Promise<void> {
  const { status } = await stage.drive(stage.llm.idle());
  assert.equal(status, 'fulfilled');
  assert.equal(stage.ended.calls, calls ?? stage.started.calls, 'calls that ended');
  assert.equal(stage.started.calls, stage.ended.calls, 'calls begun and ended');
  assert.equal(stage.started.attempts, stage.ended.attempts, 'attempts begun and ended');
  assert.equal(new Set(stage.receipts.map(({ callId }) => callId)).size, stage.receipts.length);
  assert.equal(stage.provider.openStreams, 0, 'streams left open at the provider');
  assert.deepEqual(stage.faults, [], 'faults reported');
}

async function finished<T>(stage: ContractStage, promise: Promise<T>): Promise<T> {
  const outcome = await stage.drive(promise);
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

async function failed(stage: ContractStage, promise: Promise<unknown>): Promise<unknown> {
  const outcome = await stage.drive(promise);
  assert.equal(outcome.status, 'rejected', 'expected a failure');
  return outcome.status === 'rejected' ? outcome.reason : undefined;
}

async function textOf(stream: AsyncIterable<string>): Promise<string> {
  let all = '';
  for await (const text of stream) all += text;
  return all;
}

function describe(error: unknown): string {
  const { name, status, message } = error as { name?: unknown; status?: unknown; message?: unknown };
  const family = (error as object).constructor.name;
  return `${family} ${String(name)} ${String(status)} ${String(message)}`;
}

function listOf(make: Make): readonly Interceptor[] {
  const made = make();
  return 'intercept' in made ? [made] : made;
}

/** The interceptor, with a line in the log each time it is asked. */
function logged(interceptor: Interceptor, log: string[], line: string): Interceptor {
  return Object.create(interceptor, {
    intercept: {
      value: (...[call, next]: Parameters<Interceptor['intercept']>) => {
        log.push(line);
        return interceptor.intercept(call, next);
      },
    },
  }) as Interceptor;
}

/** Refuses every call. */
function refuser(stage: Interceptor['stage']): Interceptor {
  let host: Host | undefined;
  return {
    name: `refuser at ${stage}`,
    stage,
    attach: (given) => {
      host = given;
    },
    intercept: (call) => {
      assert.ok(host, 'not attached');
      const error = new ManagedLLMError({
        code: 'refused',
        message: 'Refused by the contract.',
        callId: call.id,
      });
      return Promise.resolve(host.replies.refuse(call, refusal(error)));
    },
  };
}
