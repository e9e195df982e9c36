import { Anthropic } from '@anthropic-ai/sdk';
import { ManagedLLM, throttle, type LimitsByName } from 'managed-llm';
import { manualClock, standIn } from 'managed-llm/testing';
import { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/testing/seeded-random.ts';

type SdkName = 'openai' | 'anthropic';

interface Demand {
  readonly callers: number;
  readonly minutes: number;
  /** How long the provider takes to answer, on average. */
  readonly latencyMs: number;
  readonly stream?: boolean;
  /** The output limit of requests; they use a fraction. Anthropic requires one. */
  readonly maxTokens?: number;
  /** Of the requests. */
  readonly shareAborted?: number;
  /** Of the requests. */
  readonly shareFailing?: number;
}

interface Outcome {
  /** Tokens that were reported as used, as a share of all that the provider permits in the time. */
  readonly used: number;
  /** Refusals by the provider, of requests that were sent after the first answer had come. */
  readonly refused: number;
  readonly faults: readonly unknown[];
}

const tokensPerMinute = 60_000;
const minuteMs = 60_000;

/** Callers that ask again as soon as they are answered, over a network that takes up to 80 ms each way. */
async function run(sdk: SdkName, limits: LimitsByName, demand: Demand): Promise<Outcome> {
  const clock = manualClock(Date.UTC(2026, 10, 23));
  const random = seededRandom(7);
  const provider = standIn({
    clock,
    keepRequests: 10,
    rateLimit: { tokensPerMinute, requestsPerMinute: 600, per: 'model' },
  });
  const pause = (ms: number) => new Promise<void>((resolve) => void clock.setTimeout(resolve, ms));
  const network: typeof fetch = async (input, init) => {
    await pause(random() * 80);
    const response = await provider.fetch(String(input), init);
    await pause(random() * 80);
    return response;
  };
  const faults: unknown[] = [];
  const options = { apiKey: 'test', fetch: network, maxRetries: 0 };
  const llm = new ManagedLLM({
    providers: { openai: new OpenAI(options), anthropic: new Anthropic(options) },
    clock,
    random,
    interceptors: [throttle(limits, { maxWaitMs: 600_000 })],
    onError: (error) => void faults.push(error),
  });
  let used = 0;
  let refused = 0;
  let firstAnswerAt = Infinity;
  llm.on('attempt:end', ({ status, startedAt, usage }) => {
    if (status === 429 && startedAt > firstAnswerAt) refused++;
    if (status !== undefined) firstAnswerAt = Math.min(firstAnswerAt, clock.now());
    used += (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0);
  });

  const { maxTokens, stream = false, latencyMs, shareAborted = 0, shareFailing = 0 } = demand;
  const words = (count: number) =>
    Array.from({ length: count }, () => 'abcdefghij'.slice(0, 2 + Math.floor(random() * 8))).join(' ');
  const ask = async (): Promise<void> => {
    const fails = random() < shareFailing;
    provider.next({
      text: words(5 + Math.floor(random() * 400)),
      latencyMs: latencyMs * (0.5 + random()),
      ...(fails ? { status: 500 } : {}),
    });
    const abort = new AbortController();
    if (random() < shareAborted) clock.setTimeout(() => abort.abort(), random() * latencyMs);
    const body = {
      model: 'm',
      messages: [{ role: 'user' as const, content: words(5 + Math.floor(random() * 800)) }],
    };
    const request = { signal: abort.signal };
    const { openai, anthropic } = llm.clients;
    if (sdk === 'openai') {
      const limited = maxTokens === undefined ? body : { ...body, max_tokens: maxTokens };
      if (!stream) await openai.chat.completions.create(limited, request);
      else await drain(await openai.chat.completions.create({ ...limited, stream }, request));
    } else {
      const limited = { ...body, max_tokens: maxTokens ?? 500 };
      if (!stream) await anthropic.messages.create(limited, request);
      else await drain(await anthropic.messages.create({ ...limited, stream }, request));
    }
  };
  let stopped = false;
  const caller = async (): Promise<void> => {
    // oxlint-disable-next-line no-unmodified-loop-condition -- another function stops it
    while (!stopped) await ask().catch(() => undefined);
  };
  const callers = Array.from({ length: demand.callers }, caller);
  for (let second = 0; second < demand.minutes * 60; second++) await clock.advance(1_000);
  const share = used / (tokensPerMinute + demand.minutes * tokensPerMinute);
  stopped = true;
  await clock.advance(10 * minuteMs);
  await Promise.all(callers);
  await llm.idle();
  return { used: share, refused, faults };
}

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _event of stream);
}

const base: Demand = { callers: 40, minutes: 4, latencyMs: 1_500, maxTokens: 500 };

// Minutes of simulated time: how many seconds they take depends on what else the machine does.
const timeout = 60_000;

describe.each(['openai', 'anthropic'] as const)(
  'a provider that enforces its limits (%s)',
  { timeout },
  (sdk) => {
    test.each<{ readonly title: string; readonly limits: LimitsByName; readonly demand: Demand }>([
      {
        title: 'limits as stated',
        limits: { [sdk]: { tokensPerMinute, requestsPerMinute: 600 } },
        demand: base,
      },
      {
        title: 'limits stated too high',
        limits: { [sdk]: { tokensPerMinute: 1e6, requestsPerMinute: 6_000 } },
        demand: base,
      },
      { title: 'limits that only answers tell', limits: {}, demand: base },
      { title: 'streams', limits: {}, demand: { ...base, stream: true } },
      { title: 'answers that take long', limits: {}, demand: { ...base, latencyMs: 5_000 } },
      { title: 'failures on the way', limits: {}, demand: { ...base, shareFailing: 0.2 } },
      {
        title: 'a burst far above what is permitted',
        limits: {},
        demand: { ...base, callers: 150, shareFailing: 0.2 },
      },
      {
        title: 'requests without an output limit',
        limits: {},
        demand: { callers: 40, minutes: 4, latencyMs: 1_500 },
      },
    ])(
      '$title: is asked for nearly all that it permits, and never says it was too much',
      async ({ limits, demand }) => {
        const { used, refused, faults } = await run(sdk, limits, demand);
        expect(refused).toBe(0);
        expect(used).toBeGreaterThan(demand.latencyMs > 2_000 ? 0.9 : 0.95);
        expect(used).toBeLessThanOrEqual(1);
        expect(faults).toEqual([]);
      },
    );

    test('callers that give up, and output limits far above what is used, cost little', async () => {
      const { used, refused } = await run(
        sdk,
        {},
        { ...base, maxTokens: 2_000, shareAborted: 0.3, stream: true },
      );
      expect(refused).toBe(0);
      // What those used who gave up is not reported.
      expect(used).toBeGreaterThan(0.8);
    });
  },
);
