import Anthropic from '@anthropic-ai/sdk';
import OldestAnthropic from 'anthropic-oldest';
import { ManagedLLM, type Interceptor, type ProviderClient } from 'managed-llm';
import { manualClock, standIn, type ManualClock } from 'managed-llm/testing';
import OpenAI from 'openai';
import OldestOpenAI from 'openai-oldest';
import type { Proof, ProofRow } from './proof.ts';

type Fetch = typeof globalThis.fetch;

/** What both SDKs let a call or a client say for itself. */
interface Options {
  maxRetries?: number;
  timeout?: number;
  fetch?: Fetch;
  middleware?: readonly unknown[];
}

/** One SDK in one version, reduced to what the ways round need. */
interface Sdk {
  readonly name: string;
  readonly hasMiddleware: boolean;
  make(options: Options): ProviderClient;
  plain(client: ProviderClient, options?: Options): Promise<unknown>;
  streamed(client: ProviderClient, options?: Options): Promise<unknown>;
}

const messages = [{ role: 'user' as const, content: 'Hi' }];

async function drain(stream: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _event of stream) count++;
  return count;
}

const openai = (name: string, Client: typeof OpenAI): Sdk => ({
  name,
  hasMiddleware: false,
  make: (options) => new Client({ apiKey: 'test', ...options } as never),
  plain: (client, options) =>
    (client as unknown as OpenAI).chat.completions.create({ model: 'm', messages }, options as never),
  streamed: async (client, options) =>
    drain(
      (await (client as unknown as OpenAI).chat.completions.create(
        { model: 'm', messages, stream: true },
        options as never,
      )) as AsyncIterable<unknown>,
    ),
});

const anthropic = (name: string, Client: typeof Anthropic): Sdk => ({
  name,
  hasMiddleware: true,
  make: (options) => new Client({ apiKey: 'test', ...options } as never),
  plain: (client, options) =>
    (client as unknown as Anthropic).messages.create(
      { model: 'm', max_tokens: 9, messages },
      options as never,
    ),
  streamed: async (client, options) =>
    drain(
      (await (client as unknown as Anthropic).messages.create(
        { model: 'm', max_tokens: 9, messages, stream: true },
        options as never,
      )) as AsyncIterable<unknown>,
    ),
});

const sdks: readonly Sdk[] = [
  openai('openai, newest', OpenAI),
  openai('openai, oldest', OldestOpenAI as unknown as typeof OpenAI),
  anthropic('anthropic, newest', Anthropic),
  anthropic('anthropic, oldest', OldestAnthropic as unknown as typeof Anthropic),
];

/** What a way round is tried with; for the bare run without the parts that only a governed client has. */
interface Attempted {
  readonly sdk: Sdk;
  readonly client: ProviderClient;
  /** `llm.with(…)`'s client; bare, the client itself. */
  readonly scoped: ProviderClient;
  /** A fetch of the application's own, which sends to the same server. */
  readonly fetch: Fetch;
}

interface Way {
  readonly name: string;
  readonly onlyMiddleware?: true;
  /** Requests at the server while it fails for good: the number the SDK's user expects. */
  readonly requests: number;
  run(attempted: Attempted): Promise<unknown>;
}

const withOptions = (client: ProviderClient, options: Options): ProviderClient =>
  client.withOptions(options as never) as ProviderClient;

const passing = (request: unknown, next: (request: unknown) => Promise<Response>): Promise<Response> =>
  next(request);

const ways: readonly Way[] = [
  { name: 'nothing said: the default', requests: 3, run: ({ sdk, client }) => sdk.plain(client) },
  { name: 'a stream, nothing said', requests: 3, run: ({ sdk, client }) => sdk.streamed(client) },
  {
    name: 'create(…, { maxRetries: 4 })',
    requests: 5,
    run: ({ sdk, client }) => sdk.plain(client, { maxRetries: 4 }),
  },
  {
    name: 'create({ stream }, { maxRetries: 4 })',
    requests: 5,
    run: ({ sdk, client }) => sdk.streamed(client, { maxRetries: 4 }),
  },
  {
    name: 'create(…, { maxRetries: 0 })',
    requests: 1,
    run: ({ sdk, client }) => sdk.plain(client, { maxRetries: 0 }),
  },
  {
    name: 'withOptions({ maxRetries: 4 })',
    requests: 5,
    run: ({ sdk, client }) => sdk.plain(withOptions(client, { maxRetries: 4 })),
  },
  {
    name: 'withOptions({ maxRetries: 4 }), call says 1',
    requests: 2,
    run: ({ sdk, client }) => sdk.plain(withOptions(client, { maxRetries: 4 }), { maxRetries: 1 }),
  },
  {
    name: 'withOptions({ fetch })',
    requests: 3,
    run: ({ sdk, client, fetch }) => sdk.plain(withOptions(client, { fetch })),
  },
  {
    name: 'withOptions({ fetch }), a stream',
    requests: 3,
    run: ({ sdk, client, fetch }) => sdk.streamed(withOptions(client, { fetch })),
  },
  {
    name: 'withOptions({ timeout })',
    requests: 3,
    run: ({ sdk, client }) => sdk.plain(withOptions(client, { timeout: 60_000 })),
  },
  {
    name: 'a chain of withOptions',
    requests: 5,
    run: ({ sdk, client, fetch }) =>
      sdk.plain(
        withOptions(withOptions(withOptions(withOptions(client, { fetch }), { timeout: 60_000 }), {}), {
          maxRetries: 4,
        }),
      ),
  },
  {
    name: 'llm.with(…).clients.x.withOptions({ fetch, maxRetries: 4 })',
    requests: 5,
    run: ({ sdk, scoped, fetch }) => sdk.plain(withOptions(scoped, { fetch, maxRetries: 4 })),
  },
  {
    name: 'withOptions({ middleware: [] })',
    onlyMiddleware: true,
    requests: 3,
    run: ({ sdk, client }) => sdk.plain(withOptions(client, { middleware: [] })),
  },
  {
    name: 'withOptions({ middleware: [own] }).withOptions({ middleware: [] })',
    onlyMiddleware: true,
    requests: 3,
    run: ({ sdk, client }) =>
      sdk.plain(withOptions(withOptions(client, { middleware: [passing] }), { middleware: [] })),
  },
  {
    name: 'create(…, { middleware: [own] })',
    onlyMiddleware: true,
    requests: 3,
    run: ({ sdk, client }) => sdk.plain(client, { middleware: [passing] }),
  },
  {
    name: 'create({ stream }, { middleware: [own], maxRetries: 4 })',
    onlyMiddleware: true,
    requests: 5,
    run: ({ sdk, client }) => sdk.streamed(client, { middleware: [passing], maxRetries: 4 }),
  },
];

/** Seen by an interceptor of each attempt stage that is not ours to fill. */
const attemptStages = ['health', 'spend', 'pace', 'send'] as const;

interface Governed {
  readonly llm: ManagedLLM<{ readonly it: ProviderClient }>;
  readonly seen: Record<string, number>;
  readonly settings: (string | undefined)[];
  readonly receipts: number[];
}

function govern(client: ProviderClient, clock: ManualClock, more: readonly Interceptor[] = []): Governed {
  const seen: Record<string, number> = {};
  const settings: (string | undefined)[] = [];
  const receipts: number[] = [];
  const watching = attemptStages.map((stage): Interceptor => ({
    name: `watching-${stage}`,
    stage,
    intercept: (call, next) => {
      seen[stage] = (seen[stage] ?? 0) + 1;
      if (stage === 'send') settings.push(call.settings.tenant);
      return next(call);
    },
  }));
  const llm = new ManagedLLM({
    providers: { it: client },
    interceptors: [...watching, ...more],
    clock,
    random: () => 0,
  });
  llm.on('call:end', (receipt) => receipts.push(receipt.attempts.length));
  return { llm, seen, settings, receipts };
}

/** Runs something that waits on the manual clock. */
async function onClock(clock: ManualClock, pending: Promise<unknown>): Promise<string> {
  const end: { how?: string } = {};
  void pending.then(
    () => (end.how = 'answered'),
    (error: unknown) => (end.how = error instanceof Error ? error.constructor.name : String(error)),
  );
  for (let round = 0; round < 200 && end.how === undefined; round++) await clock.runAll();
  return end.how ?? 'never ended';
}

/** The SDK's own back-off is real time: the server asks for one millisecond, which both SDKs obey in every version. */
const lasting = { status: 500, headers: { 'retry-after-ms': '1' } };

async function bareRequests(sdk: Sdk, way: Way): Promise<{ requests: number; error: string }> {
  const stand = standIn().always(lasting);
  const client = sdk.make({ fetch: stand.fetch });
  const error = await way.run({ sdk, client, scoped: client, fetch: stand.fetch }).then(
    () => 'answered',
    (thrown: unknown) => (thrown instanceof Error ? thrown.constructor.name : String(thrown)),
  );
  return { requests: stand.requests.length, error };
}

interface Tried {
  readonly row: ProofRow;
  readonly problems: readonly string[];
}

async function tryWay(sdk: Sdk, way: Way): Promise<Tried> {
  const bare = await bareRequests(sdk, way);
  const clock = manualClock();
  const stand = standIn({ clock }).always(lasting);
  const { llm, seen, settings, receipts } = govern(sdk.make({ fetch: stand.fetch }), clock);
  let through = 0;
  const fetch: Fetch = (input, init) => {
    through++;
    return stand.fetch(input, init);
  };
  const client = llm.clients.it;
  const scoped = llm.with({ tenant: 'acme' }).clients.it;
  const error = await onClock(clock, way.run({ sdk, client, scoped, fetch }));
  await llm.idle();

  const problems: string[] = [];
  const requests = stand.requests.length;
  const must = (holds: boolean, what: string): void => void (holds || problems.push(what));
  must(bare.requests === way.requests, `bare sends ${bare.requests} requests instead of ${way.requests}`);
  must(requests === way.requests, `${requests} requests instead of ${way.requests}`);
  for (const stage of attemptStages)
    must(seen[stage] === requests, `stage ${stage} saw ${seen[stage] ?? 0} of ${requests}`);
  must(
    receipts.length === 1 && receipts[0] === requests,
    `receipts tell of ${receipts.join(' + ')} attempts`,
  );
  must(error === bare.error, `ends as ${error} instead of ${bare.error}`);
  const counts = stand.requests.map(({ headers }) => headers['x-stainless-retry-count']);
  must(
    counts.every((count, index) => count === String(index)),
    `retry counts ${counts.join(', ')}`,
  );
  if (way.name.includes('fetch'))
    must(through === requests, `the given fetch carried ${through} of ${requests}`);
  if (way.name.includes('llm.with'))
    must(
      settings.every((tenant) => tenant === 'acme'),
      'the tenant of `with` was lost',
    );
  return {
    row: {
      sdk: sdk.name,
      way: way.name,
      bare: bare.requests,
      governed: requests,
      'seen by the chain': seen['send'] ?? 0,
      'ends as': error,
    },
    problems: problems.map((problem) => `${sdk.name}, ${way.name}: ${problem}`),
  };
}

/** Waiting in a queue of ours longer than the call's `timeout` is no timeout; a provider that hangs that long is one. */
async function tryQueue(sdk: Sdk): Promise<readonly Tried[]> {
  const tried: Tried[] = [];
  for (const [name, reply, wanted, requests] of [
    ['a queue of 60 s, timeout: 100', { text: 'late but fine' }, 'answered', 1],
    ['a provider that hangs, timeout: 100, maxRetries: 1', { hang: true }, 'APIConnectionTimeoutError', 2],
  ] as const) {
    const clock = manualClock();
    const stand = standIn({ clock }).always(reply);
    const queue: Interceptor = {
      name: 'queue',
      stage: 'pace',
      intercept: async (call, next) => {
        await new Promise<void>((resolve) => clock.setTimeout(resolve, 60_000));
        return next(call);
      },
    };
    const { llm, seen } = govern(sdk.make({ fetch: stand.fetch }), clock, [queue]);
    for (const [how, run] of [
      ['plain', sdk.plain],
      ['stream', sdk.streamed],
    ] as const) {
      const before = stand.requests.length;
      const seenBefore = seen['send'] ?? 0;
      const error = await onClock(clock, run(llm.clients.it, { timeout: 100, maxRetries: 1 }));
      await llm.idle();
      const sent = stand.requests.length - before;
      const saw = (seen['send'] ?? 0) - seenBefore;
      const problems: string[] = [];
      if (error !== wanted) problems.push(`ends as ${error} instead of ${wanted}`);
      if (sent !== requests || saw !== requests)
        problems.push(`${sent} requests and ${saw} attempts instead of ${requests}`);
      tried.push({
        row: {
          sdk: sdk.name,
          way: `${name}, ${how}`,
          governed: sent,
          'seen by the chain': saw,
          'ends as': error,
        },
        problems: problems.map((problem) => `${sdk.name}, ${name}, ${how}: ${problem}`),
      });
    }
  }
  return tried;
}

export const proof: Proof = {
  name: 'no-way-round',
  claim:
    'Whatever a call or `withOptions` says of retries, timeouts, fetch or middleware, the server gets as many requests as ' +
    'from the bare SDK, and the chain sees every one of them as an attempt.',
  async run({ log }) {
    const tried: Tried[] = [];
    for (const sdk of sdks) {
      log(sdk.name);
      for (const way of ways) {
        if (way.onlyMiddleware === true && !sdk.hasMiddleware) continue;
        tried.push(await tryWay(sdk, way));
      }
      tried.push(...(await tryQueue(sdk)));
    }
    const failed = tried.filter(({ problems }) => problems.length > 0);
    return {
      sample: `${tried.length} tries: ${ways.length + 4} ways round, ${sdks.length} SDKs (newest and oldest supported of each)`,
      rows: tried.map(({ row }) => row),
      passed: tried.length - failed.length,
      failures: failed.map(({ problems }) => problems.join('\n      ')),
      notes: [
        'a lasting 500 in all rows but the last four of each SDK; queues, timeouts and retry waits run on a manual clock',
      ],
    };
  },
};
