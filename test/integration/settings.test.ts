import { ManagedLLMError, type CallSettings, type Interceptor } from 'managed-llm';
import { describe, expect, test } from 'vitest';

import { governed, openai, readAll, rejection, sdks, settledOnce } from './governed.ts';

/** Settings as the chain saw them, call by call. */
function watched(): { readonly seen: CallSettings[]; readonly interceptor: Interceptor } {
  const seen: CallSettings[] = [];
  return {
    seen,
    interceptor: {
      name: 'sees-settings',
      stage: 'admit',
      intercept(call, next) {
        seen.push(call.settings);
        return next(call);
      },
    },
  };
}

const thrown = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    return error;
  }
  return expect.fail('expected a throw');
};

describe.each(sdks)('settings reach the chain ($name)', (sdk) => {
  test('there are none unless somebody gives some', async () => {
    const { seen, interceptor } = watched();
    const world = governed({ interceptors: [interceptor] });
    await sdk.create(world.llm);
    expect(seen).toEqual([{}]);
  });

  test('from `with`, also after leaving the scope in which it was called', async () => {
    const { seen, interceptor } = watched();
    const world = governed({ interceptors: [interceptor] });
    const scoped = world.llm.run({ tenant: 'acme' }, () => world.llm.with({ user: 'alice' }));
    await sdk.create(scoped);
    expect(seen).toEqual([{ user: 'alice' }]);
  });

  test('from `run`, however deep and through every await', async () => {
    const { seen, interceptor } = watched();
    const world = governed({ interceptors: [interceptor] });
    await world.llm.run({ user: 'alice' }, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      await (async () => sdk.create(world.llm))();
    });
    await sdk.create(world.llm);
    expect(seen).toEqual([{ user: 'alice' }, {}]);
  });

  test('merged key by key: outer `run` < inner `run` < `with` < inner `with`', async () => {
    const { seen, interceptor } = watched();
    const world = governed({ interceptors: [interceptor] });
    await world.llm.run({ user: 'run', team: 'run', tenant: 'run', roles: ['a'] }, () =>
      world.llm.run({ user: 'inner run', team: 'inner run' }, () =>
        sdk.create(world.llm.with({ user: 'with', roles: ['b', 'c'] }).with({ user: 'inner with' })),
      ),
    );
    expect(seen).toEqual([{ user: 'inner with', team: 'inner run', tenant: 'run', roles: ['b', 'c'] }]);
  });

  test('tags are merged, inner over outer', async () => {
    const { seen, interceptor } = watched();
    const world = governed({ interceptors: [interceptor] });
    await world.llm.run({ tags: { feature: 'search', arm: 'a' } }, () =>
      world.llm.run({ tags: { arm: 'b' } }, () => sdk.create(world.llm.with({ tags: { page: '1' } }))),
    );
    expect(seen).toEqual([{ tags: { feature: 'search', arm: 'b', page: '1' } }]);
  });

  test('`run` of what `with` gave adds to it', async () => {
    const { seen, interceptor } = watched();
    const world = governed({ interceptors: [interceptor] });
    const scoped = world.llm.with({ tenant: 'acme' });
    expect(await scoped.run({ user: 'alice' }, async () => (await sdk.create(world.llm), 'result'))).toBe(
      'result',
    );
    expect(seen).toEqual([{ user: 'alice', tenant: 'acme' }]);
  });

  test('side by side, without mixing', async () => {
    const { seen, interceptor } = watched();
    const world = governed({ interceptors: [interceptor] });
    world.provider.always(({ index }) => ({ latencyMs: 10 * ((index * 7) % 5) }));
    const users = Array.from({ length: 30 }, (_, index) => `user ${index}`);
    const calls = users.map((user) =>
      world.llm.run({ user }, async () => {
        await new Promise((resolve) => setImmediate(resolve));
        await sdk.create(world.llm);
      }),
    );
    await world.clock.runAll();
    await world.clock.advance(1_000);
    await Promise.all(calls);
    expect(seen.map(({ user }) => user).toSorted()).toEqual(users.toSorted());
    const receipts = await settledOnce(world, 30);
    expect(receipts.map(({ caller }) => caller.user).toSorted()).toEqual(users.toSorted());
  });

  test('as they were when the call was made, not when it was sent', async () => {
    const { seen, interceptor } = watched();
    const world = governed({ interceptors: [interceptor] });
    // Both SDKs' promises send at once and parse when awaited.
    const made = world.llm.run({ user: 'alice' }, () => sdk.create(world.llm));
    await world.llm.run({ user: 'bob' }, () => made);
    expect(seen).toEqual([{ user: 'alice' }]);
  });

  test('through `withOptions` of a bound client', async () => {
    const { seen, interceptor } = watched();
    const world = governed({ interceptors: [interceptor] });
    const { openai: client, anthropic } = world.llm.with({ user: 'alice' }).clients;
    const again = {
      clients: {
        openai: client.withOptions({ maxRetries: 0 }).withOptions({ timeout: 5_000 }),
        anthropic: anthropic.withOptions({ maxRetries: 0 }).withOptions({ timeout: 5_000 }),
      },
    };
    await sdk.create(again);
    expect(seen).toEqual([{ user: 'alice' }]);
  });

  test('never from request headers', async () => {
    const { seen, interceptor } = watched();
    const world = governed({ interceptors: [interceptor] });
    await sdk.create(world.llm, {
      headers: { 'x-managed-llm-user': 'mallory', 'X-Managed-LLM-Tenant': 'acme' },
    });
    expect(seen).toEqual([{}]);
    expect(Object.keys(world.provider.requests[0]?.headers ?? {}).join(' ')).not.toContain('managed-llm');
  });
});

describe('settings are checked where they are given', () => {
  const { llm } = governed();

  test.each([
    [() => llm.with({ usr: 'alice' } as CallSettings)],
    [() => llm.run({ deadlineMS: 5 } as CallSettings, () => 0)],
    [() => llm.with({}).with({ tags: { a: 1 } } as unknown as CallSettings)],
    [() => llm.with({ deadlineMs: 0 })],
    [() => llm.with({ user: 7 } as unknown as CallSettings)],
    [() => llm.with({ maxCostUsd: 0 } as CallSettings)],
    [() => llm.with(undefined as unknown as CallSettings)],
  ])('as `invalid-settings`: %s', (act) => {
    const error = thrown(act);
    expect(ManagedLLMError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ code: 'invalid-settings' });
  });

  test('and the message names the key, what is expected, and the nearest known key', () => {
    expect(() => llm.with({ usr: 'alice' } as CallSettings)).toThrowErrorMatchingInlineSnapshot(
      `[ManagedLLMError: \`with\` has no option \`usr\`. Did you mean \`user\`?]`,
    );
    expect(() => llm.run({ dedlineMs: 5 } as CallSettings, () => 0)).toThrowErrorMatchingInlineSnapshot(
      `[ManagedLLMError: \`run\` has no option \`dedlineMs\`. Did you mean \`deadlineMs\`?]`,
    );
    expect(() => llm.with({ colour: 'red' } as CallSettings)).toThrowErrorMatchingInlineSnapshot(
      `[ManagedLLMError: \`with\` has no option \`colour\`. Known options: user, team, tenant, roles, tags, priority, cache, deadlineMs, maxCostUsd, onUnsupported.]`,
    );
    expect(() => llm.with({ user: 7 } as unknown as CallSettings)).toThrowErrorMatchingInlineSnapshot(
      `[ManagedLLMError: \`with.user\` must be a string.]`,
    );
    expect(() => llm.with({ deadlineMs: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[ManagedLLMError: \`with.deadlineMs\` must be more than 0.]`,
    );
    expect(() => llm.with({ tags: { a: 1 } } as unknown as CallSettings)).toThrowErrorMatchingInlineSnapshot(
      `[ManagedLLMError: \`with.tags.a\` must be a string.]`,
    );
  });

  test('and cannot be changed afterwards', async () => {
    const { seen, interceptor } = watched();
    const world = governed({ interceptors: [interceptor] });
    const settings = { user: 'alice', roles: ['reader'], tags: { feature: 'search' } };
    const scoped = world.llm.with(settings);
    settings.user = 'mallory';
    settings.roles.push('admin');
    settings.tags.feature = 'other';
    await openai.create(scoped);
    expect(seen).toEqual([{ user: 'alice', roles: ['reader'], tags: { feature: 'search' } }]);
  });
});

describe('`deadlineMs`', () => {
  test('counts from the call, not from `with` or `run`', async () => {
    const world = governed();
    const scoped = world.llm.with({ deadlineMs: 100 });
    await world.clock.advance(1_000);
    world.provider.next({ latencyMs: 99 });
    const reply = openai.create(scoped);
    await world.clock.advance(99);
    await reply;
    expect((await settledOnce(world))[0]?.outcome).toBe('finished');
    // What may be left is the one timer that attempts of equal limit share.
    expect(world.clock.pending).toBe(1);
  });

  test('is not told as a part of who is asking', async () => {
    const world = governed();
    await openai.create(world.llm.with({ user: 'alice', deadlineMs: 100 }));
    expect(world.receipts[0]?.caller).toEqual({ user: 'alice' });
  });
});

describe('`track`', () => {
  test('gathers the receipts of every call made inside, however deep, and no other', async () => {
    const world = governed();
    const tracked = world.llm.track(async () => {
      await openai.create(world.llm, {}, 'one');
      await world.llm.run({ user: 'alice' }, async () => {
        await readAll(await openai.stream(world.llm.with({ tenant: 'acme' }), {}, 'two'));
      });
      return 'done';
    });
    await openai.create(world.llm, {}, 'outside');
    expect(await tracked.result).toBe('done');
    const { receipts } = await tracked.settled;
    expect(receipts.map(({ model, caller }) => [model, caller])).toEqual([
      ['one', {}],
      ['two', { user: 'alice', tenant: 'acme' }],
    ]);
  });

  test('waits for streams that are still open when the function has returned', async () => {
    const world = governed();
    let stream: AsyncIterable<unknown> | undefined;
    const tracked = world.llm.track(async () => {
      stream = await openai.stream(world.llm);
    });
    await tracked.result;
    let isSettled = false;
    void tracked.settled.then(() => (isSettled = true));
    await world.clock.advance(0);
    expect(isSettled).toBe(false);
    if (stream !== undefined) await readAll(stream);
    expect((await tracked.settled).receipts).toMatchObject([{ outcome: 'finished' }]);
  });

  test('a failing function rejects in `result` and still settles', async () => {
    const world = governed();
    const tracked = world.llm.track(async () => {
      await openai.create(world.llm);
      throw new Error('mine');
    });
    expect(await rejection(tracked.result)).toMatchObject({ message: 'mine' });
    expect((await tracked.settled).receipts).toMatchObject([{ outcome: 'finished' }]);
    const sync = world.llm.track(() => {
      throw new Error('at once');
    });
    expect(await rejection(sync.result)).toMatchObject({ message: 'at once' });
    expect((await sync.settled).receipts).toEqual([]);
  });

  test('nests: the outer one sees what the inner one sees', async () => {
    const world = governed();
    let inner: ReturnType<typeof world.llm.track> | undefined;
    const outer = world.llm.track(async () => {
      inner = world.llm.track(() => openai.create(world.llm));
      await inner.result;
      await openai.create(world.llm);
    });
    expect((await outer.settled).receipts).toHaveLength(2);
    expect((await inner?.settled)?.receipts).toHaveLength(1);
  });

  test('sees the calls that fail', async () => {
    const world = governed();
    world.provider.next({ status: 400 });
    const tracked = world.llm.track(() => openai.create(world.llm));
    await rejection(tracked.result);
    expect((await tracked.settled).receipts).toMatchObject([{ outcome: 'failed', status: 400 }]);
  });
});
