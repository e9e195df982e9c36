import { setImmediate as turn } from 'node:timers/promises';
import type { Host, Interceptor } from 'managed-llm';
import { describe, expect, test } from 'vitest';

import { governed, rejection, sdks, type Governed } from '../integration/governed.ts';

/** Calls that ask the same share one run: its own signal aborts only when the last of them has left. */
function shared(): Interceptor {
  interface Shared {
    readonly answer: Promise<unknown>;
    readonly controller: AbortController;
    readonly release: () => void;
    waiting: number;
  }
  const open = new Map<string, Shared>();
  let host: Host | undefined;
  return {
    name: 'shared',
    stage: 'reuse',
    attach: (attached) => void (host = attached),
    async intercept(call, next) {
      const key = call.fingerprint();
      if (key === undefined || host === undefined) return next(call);
      const found = open.get(key);
      let run = found;
      if (run === undefined) {
        const controller = new AbortController();
        const answer = next(call.with({ signal: controller.signal })).then(async (reply) => {
          if (reply.error === undefined) return reply.json();
          reply.discard();
          return undefined;
        });
        run = { answer, controller, release: call.run.hold(), waiting: 0 };
        open.set(key, run);
      }
      const { answer, controller, release } = run;
      run.waiting += 1;
      const leave = () => {
        if (--run.waiting > 0) return;
        open.delete(key);
        controller.abort();
        release();
      };
      const left = new Promise<never>((_resolve, reject) => {
        call.signal.addEventListener('abort', () => reject(call.signal.reason), { once: true });
      });
      try {
        const json = await Promise.race([answer, left]);
        return host.replies.body(call, json, found === undefined ? 'provider' : 'coalesced');
      } finally {
        leave();
      }
    },
  };
}

const outcomes = ({ receipts }: Governed) =>
  receipts.map(({ outcome, origin, attempts }) => [outcome, origin, attempts.map((each) => each.outcome)]);

describe.each(sdks)('a run that several calls share ($name)', (sdk) => {
  test('goes on when the call that began it leaves, and is that call’s to account for', async () => {
    const world = governed({ interceptors: [shared()] });
    world.provider.next({ text: 'shared', latencyMs: 100 });
    const leader = new AbortController();
    const left = rejection(sdk.create(world.llm, { signal: leader.signal }));
    await world.clock.advance(10);
    const waiter = sdk.create(world.llm);
    await world.clock.advance(10);
    leader.abort();
    expect(await left).toBeInstanceOf(sdk.APIUserAbortError);
    expect(world.receipts).toEqual([]);
    await world.clock.advance(80);
    expect(sdk.text(await waiter)).toBe('shared');
    await world.llm.idle();
    expect(outcomes(world).toSorted()).toEqual([
      ['aborted', 'none', ['finished']],
      ['finished', 'coalesced', []],
    ]);
    expect(world.provider.requests).toHaveLength(1);
    expect(world.errors).toEqual([]);
  });

  test('fails for those who wait by what it failed of, not by who has left', async () => {
    const world = governed({ interceptors: [shared()] });
    world.provider.next({ text: 'cut', cutAfterBytes: 9, latencyMs: 100 });
    const leader = new AbortController();
    const left = rejection(sdk.create(world.llm, { signal: leader.signal, maxRetries: 0 }));
    await world.clock.advance(10);
    const waiter = sdk.create(world.llm, { maxRetries: 0 }).catch(() => {});
    await world.clock.advance(10);
    leader.abort();
    await left;
    await world.clock.advance(80);
    await waiter;
    await world.llm.idle();
    const [attempt] = world.receipts.flatMap(({ attempts }) => attempts);
    expect(attempt).toMatchObject({ outcome: 'failed', error: { kind: 'connection' } });
  });

  test('goes on when the deadline of the call that began it passes', async () => {
    const world = governed({ interceptors: [shared()] });
    world.provider.next({ text: 'shared', latencyMs: 100 });
    const left = rejection(sdk.create(world.llm.with({ deadlineMs: 50 })));
    await world.clock.advance(10);
    const waiter = sdk.create(world.llm);
    await world.clock.advance(90);
    expect(await left).toBeInstanceOf(sdk.APIConnectionTimeoutError);
    expect(sdk.text(await waiter)).toBe('shared');
    await world.llm.idle();
    expect(outcomes(world).toSorted()).toEqual([
      ['finished', 'coalesced', []],
      ['timed-out', 'none', ['finished']],
    ]);
  });

  test('stops when the last one leaves', async () => {
    const world = governed({ interceptors: [shared()] });
    world.provider.next({ hang: true });
    const controllers = [new AbortController(), new AbortController()];
    const left = controllers.map(({ signal }) => rejection(sdk.create(world.llm, { signal })));
    await world.clock.advance(10);
    controllers[0]?.abort();
    await turn();
    expect(world.provider.requests[0]?.outcome).toBe('open');
    controllers[1]?.abort();
    await Promise.all(left);
    await world.llm.idle();
    expect(world.provider.requests[0]?.outcome).toBe('cancelled');
    expect(outcomes(world).map(([outcome]) => outcome)).toEqual(['aborted', 'aborted']);
    expect(world.errors).toEqual([]);
  });

  test('stops at `close`, whoever waits', async () => {
    const world = governed({ interceptors: [shared()] });
    world.provider.next({ hang: true });
    const left = [rejection(sdk.create(world.llm)), rejection(sdk.create(world.llm))];
    await world.clock.advance(10);
    const closing = world.llm.close({ timeoutMs: 10 });
    await world.clock.advance(10);
    await Promise.all(left);
    await closing;
    expect(world.provider.requests[0]?.outcome).toBe('cancelled');
    expect(world.receipts).toHaveLength(2);
  });
});
