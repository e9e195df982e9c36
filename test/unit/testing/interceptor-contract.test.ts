import { describe, expect, test } from 'vitest';

import { consoleTelemetry, ManagedLLMError, type Host, type Interceptor } from 'managed-llm';
import { describeInterceptorContract, type InterceptorSubject } from 'managed-llm/testing';

const passing = (stage: Interceptor['stage']): Interceptor => ({
  name: `passing at ${stage}`,
  stage,
  intercept: (call, next) => next(call),
});

/** Lets one call through and keeps the others waiting, as a limiter would. */
function waitingForGood(): Interceptor {
  return {
    name: 'waiting',
    stage: 'pace',
    intercept: (call) =>
      new Promise((_resolve, reject) => {
        const leave = () => reject(call.signal.reason as Error);
        if (call.signal.aborted) leave();
        else call.signal.addEventListener('abort', leave, { once: true });
      }),
  };
}

function refusing(): Interceptor {
  return {
    name: 'refusing',
    stage: 'admit',
    intercept: () => Promise.reject(new ManagedLLMError({ code: 'refused', message: 'No.' })),
  };
}

describeInterceptorContract(
  { test },
  { name: 'telemetry', make: () => consoleTelemetry({ print: () => {} }) },
);
describeInterceptorContract(
  { test },
  {
    name: 'an observer of streams',
    make: () => ({
      name: 'observer',
      stage: 'send',
      intercept: async (call, next) => {
        const reply = await next(call);
        reply.events?.observe(() => {});
        return reply;
      },
    }),
    shortCircuit: refusing,
    waiting: waitingForGood,
  },
);
for (const stage of ['shape', 'guard', 'reuse', 'spend'] as const) {
  describeInterceptorContract(
    { test },
    { name: `nothing at ${stage}`, make: () => passing(stage), sdks: ['openai'] },
  );
}

/** Runs a contract and gives the titles of the tests that failed. */
async function failures(subject: InterceptorSubject): Promise<readonly string[]> {
  const failed: string[] = [];
  const tests: { title: string; run: () => Promise<void> }[] = [];
  describeInterceptorContract(
    { test: (title, run) => tests.push({ title, run }) },
    { ...subject, sdks: ['openai'] },
  );
  for (const { title, run } of tests) await run().catch(() => failed.push(title.replace(/^.*?: /, '')));
  return failed;
}

describe('the contract notices an interceptor that', () => {
  test('changes the request', async () => {
    const rude: Interceptor = {
      name: 'rude',
      stage: 'shape',
      intercept: (call, next) => next(call.with({ body: { ...(call.body as object), user: 'x' } })),
    };
    expect(await failures({ name: 'rude', make: () => ({ ...rude }) })).toContain(
      'lets pass what it does not change, the very same response included',
    );
  });

  test('swallows errors', async () => {
    let host: Host | undefined;
    const make = (): Interceptor => ({
      name: 'swallowing',
      stage: 'guard',
      attach: (given) => void (host = given),
      intercept: async (call, next) => {
        const reply = await next(call);
        if (reply.error === undefined || host === undefined) return reply;
        reply.discard();
        return host.replies.body(call, { choices: [] }, 'none');
      },
    });
    expect(await failures({ name: 'swallowing', make })).toContain('leaves errors as they are');
  });

  test('keeps a reply for itself and answers with another', async () => {
    let host: Host | undefined;
    const make = (): Interceptor => ({
      name: 'hoarding',
      stage: 'reuse',
      attach: (given) => void (host = given),
      intercept: async (call, next) => {
        const reply = await next(call);
        if (host === undefined || call.stream) return reply;
        return host.replies.body(call, { choices: [{ message: { content: 'mine' } }] }, 'cache');
      },
    });
    expect(await failures({ name: 'hoarding', make })).toContain('leaves errors as they are');
  });

  test('accepts bad options', async () => {
    const failed = await failures({
      name: 'lax',
      make: () => passing('shape'),
      badOptions: [() => passing('shape')],
    });
    expect(failed).toEqual(['refuses bad options, case 1']);
  });
});
