import assert from 'node:assert/strict';
import { pieces, refusal, rejection, said, speaking, usage, type ForeignCheck } from './lab.ts';

/** The part of a client that every SDK has, told apart by what is asked. */
export interface Asking<C> {
  plain(client: C, options?: Readonly<Record<string, unknown>>): PromiseLike<unknown>;
  stream(client: C, options?: Readonly<Record<string, unknown>>): Promise<Streamed>;
  /** A request with something that the target has no place for. */
  unplaced(client: C): PromiseLike<unknown>;
  /** The words in a plain answer, and those in a stream's events. */
  textOf(answer: unknown): string;
  textOfEvents(events: readonly unknown[]): string;
  withOptions(client: C, options: Readonly<Record<string, unknown>>): C;
}

type Streamed = AsyncIterable<unknown> & { readonly controller: AbortController };

/** What must hold whoever asks: aborts, errors, repeats, options. */
export function sharedChecks<C>(asking: Asking<C>): readonly ForeignCheck<C>[] {
  const { plain, stream, textOf, textOfEvents } = asking;
  // Azure's client of the oldest version forgets its API version when it is copied.
  const possible = (bare: C): boolean => {
    try {
      asking.withOptions(bare, {});
      return true;
    } catch {
      return false;
    }
  };
  const checks: ForeignCheck<C>[] = [
    {
      group: 'break and abort',
      name: 'break after one event',
      script: speaking,
      async run(client, { stand }) {
        const events = await stream(client);
        for await (const _event of events) break;
        assert.ok(events.controller.signal.aborted);
        await settled();
        assert.equal(stand.requests[0]?.outcome, 'cancelled');
      },
    },
    {
      group: 'break and abort',
      name: 'aborted before',
      requests: 0,
      run: async (client) =>
        void (await rejection(plain(client, { signal: AbortSignal.abort() }), 'APIUserAbortError')),
    },
    {
      group: 'break and abort',
      name: 'aborted during a plain call',
      script: (stand) => stand.always({ hang: true }),
      async run(client, { stand }) {
        const controller = new AbortController();
        const pending = rejection(plain(client, { signal: controller.signal }), 'APIUserAbortError');
        while (stand.requests.length === 0) await turn();
        controller.abort();
        await pending;
        assert.equal(stand.requests[0]?.outcome, 'cancelled');
      },
    },
    {
      group: 'break and abort',
      name: 'aborted mid-stream',
      script: speaking,
      async run(client, { stand }) {
        const controller = new AbortController();
        const events = await stream(client, { signal: controller.signal });
        let count = 0;
        for await (const _event of events) if (++count === 2) controller.abort();
        assert.ok(count < 2 + pieces.length, `${count} events came`);
        await settled();
        assert.equal(stand.requests[0]?.outcome, 'cancelled');
      },
    },
    {
      group: 'withOptions',
      possible,
      name: 'timeout and headers',
      script: speaking,
      async run(client) {
        const changed = asking.withOptions(client, { timeout: 9_000, defaultHeaders: { 'x-mine': '1' } });
        assert.equal((changed as object).constructor, (client as object).constructor);
        assert.equal(textOf(await plain(changed)), said);
      },
    },
    {
      group: 'withOptions',
      possible,
      name: 'fewer repeats',
      script: (stand) => stand.always({ status: 500, headers: { 'retry-after-ms': '1' } }),
      requests: 2,
      run: async (client) =>
        void (await rejection(plain(asking.withOptions(client, { maxRetries: 1 })), 'InternalServerError')),
    },
    {
      group: 'errors',
      name: 'one 429, then an answer',
      script: (stand) => speaking(stand.next({ status: 429, headers: { 'retry-after-ms': '1' } })),
      requests: 2,
      run: async (client) => assert.equal(textOf(await plain(client)), said),
    },
    {
      group: 'errors',
      name: 'connection broken before the answer',
      script: (stand) => stand.always({ connectionError: true }),
      run: async (client) => void (await rejection(plain(client, { maxRetries: 0 }), 'APIConnectionError')),
    },
    {
      group: 'errors',
      name: 'timeout',
      script: (stand) => stand.always({ hang: true }),
      run: async (client) =>
        void (await rejection(plain(client, { timeout: 150, maxRetries: 0 }), 'APIConnectionTimeoutError')),
    },
    {
      group: 'errors',
      name: 'error that is no JSON',
      script: (stand) => stand.always({ status: 502, body: '<html>bad gateway</html>' }),
      run: async (client) =>
        assert.equal((await rejection(plain(client, { maxRetries: 0 }), 'InternalServerError')).status, 502),
    },
    {
      group: 'errors',
      name: 'answer that is no JSON',
      script: (stand) => stand.always({ body: 'hello', headers: { 'content-type': 'text/plain' } }),
      run: (client) => refusal(plain(client, { maxRetries: 0 }), 'InternalServerError', 'unreadable-answer'),
    },
    {
      group: 'errors',
      name: 'error as the first frame of a stream',
      script: (stand) =>
        stand.always({ text: pieces, usage, inBandError: { afterEvents: 0, message: 'Overloaded' } }),
      async run(client) {
        const thrown = await failure(stream(client, { maxRetries: 0 }));
        assert.match(thrown.message, /Overloaded/);
      },
    },
    {
      group: 'errors',
      name: 'error inside a stream',
      script: (stand) =>
        stand.always({ text: pieces, usage, inBandError: { afterEvents: 4, message: 'Overloaded' } }),
      async run(client) {
        const heard: unknown[] = [];
        const thrown = await failure(stream(client), heard);
        assert.equal(thrown.constructor.name, 'APIError');
        assert.match(thrown.message, /Overloaded/);
        assert.ok(
          said.startsWith(textOfEvents(heard)) && textOfEvents(heard) !== '',
          'what came before was not heard',
        );
      },
    },
    {
      group: 'errors',
      name: 'stream cut by the line',
      script: (stand) => stand.always({ text: pieces, usage, cutAfterEvents: 4 }),
      run: async (client) => void (await failure(stream(client))),
    },
    {
      group: 'errors',
      name: 'stream without its end',
      script: (stand) => stand.always({ text: pieces, usage, endWithoutTerminal: true }),
      run: async (client) => void (await failure(stream(client))),
    },
    {
      group: 'errors',
      name: 'refused for what has no place',
      requests: 0,
      run: (_client, { refusing }) => refusal(asking.unplaced(refusing), 'BadRequestError', 'unsupported'),
    },
    {
      group: 'errors',
      name: 'dropped what has no place',
      script: speaking,
      run: async (client) => assert.equal(textOf(await asking.unplaced(client)), said),
    },
  ];
  for (const status of [400, 401, 402, 403, 404, 409, 413, 422, 429, 500, 503, 529]) {
    const error = { status, headers: { 'retry-after-ms': '1' }, error: { message: `Because ${status}` } };
    for (const how of ['plain', 'stream'] as const) {
      checks.push({
        group: 'errors',
        name: `${status}, ${how}`,
        script: (stand) => stand.always(error),
        async run(client, { bare }) {
          bare.stand.always(error);
          const expected: unknown = await Promise.resolve(asking[how](bare.client, { maxRetries: 0 })).catch(
            (thrown: unknown) => thrown,
          );
          const thrown = await rejection(
            asking[how](client, { maxRetries: 0 }),
            (expected as object).constructor.name,
          );
          assert.equal(thrown.status, status);
          assert.match(thrown.message, new RegExp(`Because ${status}`));
        },
      });
    }
  }
  return checks;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What is let go of has ended by then. */
async function settled(): Promise<void> {
  for (let turns = 0; turns < 10; turns++) await turn();
}

/** What a stream fails with, at its beginning or while it is read. */
async function failure(pending: Promise<AsyncIterable<unknown>>, heard: unknown[] = []): Promise<Error> {
  try {
    for await (const event of await pending) heard.push(structuredClone(event));
  } catch (thrown) {
    assert.ok(thrown instanceof Error);
    return thrown;
  }
  return assert.fail('it did not fail');
}
