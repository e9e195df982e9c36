import { breaker, budget, limit, receipts, retry, throttle, timeLimits, type Interceptor } from 'managed-llm';
import { plainFetch, type SdkName } from './canned.ts';
import type { Case, Effort, Group } from './case.ts';
import { bareClients, caller, governed } from './clients.ts';
import { pairedFigure, shareGoal, type Goal } from './figure.ts';
import { pairedCpu } from './paired-cpu.ts';

type Call = () => Promise<unknown>;

/** The two sides of one line, made when it is measured. */
interface Contest {
  readonly bare: Call;
  readonly ours: Call;
}

/** What a bare call took where the goals were set, in microseconds. */
const bareMicros = { openai: 48, anthropic: 36 } as const;

/** Limits that are never reached, so that what is measured is looking, not waiting. */
const limits: Readonly<Record<string, () => Interceptor | readonly Interceptor[]>> = {
  retry: () => retry(),
  breaker: () => breaker(),
  'time limits': () =>
    timeLimits({ firstEventMs: 10_000, betweenEventsMs: 10_000, attemptMs: 60_000, callMs: 120_000 }),
  throttle: () =>
    throttle(
      Object.fromEntries(
        ['openai', 'anthropic', 'spareOpenai', 'spareAnthropic'].map((provider) => [
          provider,
          { requestsPerMinute: 1e9, tokensPerMinute: 1e12, concurrency: 1_000 },
        ]),
      ),
    ),
  limit: () => limit({ per: 'user', requestsPerMinute: 1e9, requestsPerDay: 1e12, onMissing: 'skip' }),
  budget: () => budget({ name: 'bench', limitUsd: 1e6, window: 'hour' }),
};

/** CPU of one plain call, 1 kB of prompt. */
export const calls: Group = {
  heading: 'CPU of a plain call, 1 kB prompt',
  cases: (['openai', 'anthropic'] as const).flatMap((sdk) => [
    callCase(sdk, 'pass-through', 9, () => ({
      bare: caller(sdk, bareClients(plainFetch(sdk))).plain,
      ours: caller(sdk, governed(plainFetch(sdk)).clients).plain,
    })),
    callCase(sdk, 'listener and receipt', undefined, () => {
      const llm = governed(plainFetch(sdk));
      let tokens = 0;
      llm.on('call:end', (receipt) => (tokens += receipt.usage?.outputTokens ?? Number.NaN));
      const ours = caller(sdk, llm.clients);
      return {
        bare: caller(sdk, bareClients(plainFetch(sdk))).withResponse,
        ours: async () => {
          const receipt = await llm.receipt(await ours.withResponse());
          if (Number.isNaN(tokens) || receipt.outcome !== 'finished') throw new Error('No usage was told.');
        },
      };
    }),
    ...Object.entries(limits).map(([name, make]) =>
      callCase(sdk, name, undefined, () => ({
        bare: caller(sdk, bareClients(plainFetch(sdk))).plain,
        ours: caller(sdk, governed(plainFetch(sdk), [make()]).clients).plain,
      })),
    ),
    callCase(sdk, 'receipt log', undefined, () => ({
      bare: caller(sdk, bareClients(plainFetch(sdk))).plain,
      ours: caller(sdk, governed(plainFetch(sdk), [receipts()]).clients).plain,
    })),
    callCase(sdk, 'ceiling by run()', undefined, () => {
      const llm = governed(plainFetch(sdk));
      const { plain } = caller(sdk, llm.clients);
      return {
        bare: caller(sdk, bareClients(plainFetch(sdk))).plain,
        ours: () => llm.run({ maxCostUsd: 1 }, plain),
      };
    }),
    callCase(sdk, '8 no-op interceptors', undefined, () => ({
      bare: caller(sdk, bareClients(plainFetch(sdk))).plain,
      ours: caller(sdk, governed(plainFetch(sdk), noOps()).clients).plain,
    })),
    callCase(sdk, 'fallback route', undefined, () => ({
      bare: caller(sdk, bareClients(plainFetch(sdk))).plain,
      ours: caller(sdk, governed(plainFetch(sdk)).clients, { model: `smart-${sdk}` }).plain,
    })),
    callCase(sdk, 'settings by with()', undefined, () => ({
      bare: caller(sdk, bareClients(plainFetch(sdk))).plain,
      ours: caller(sdk, governed(plainFetch(sdk)).with({ user: 'alice', tenant: 'acme' }).clients).plain,
    })),
    callCase(sdk, 'settings by run()', undefined, () => {
      const llm = governed(plainFetch(sdk));
      const { plain } = caller(sdk, llm.clients);
      return {
        bare: caller(sdk, bareClients(plainFetch(sdk))).plain,
        ours: () => llm.run({ user: 'alice', tenant: 'acme' }, plain),
      };
    }),
    callCase(sdk, 'all of these', 20, () => {
      const llm = governed(
        plainFetch(sdk),
        Object.values(limits).map((make) => make()),
      );
      let calls = 0;
      llm.on('call:end', () => calls++);
      const inner = caller(sdk, llm.with({ tenant: 'acme' }).clients, { model: `smart-${sdk}` });
      return {
        bare: caller(sdk, bareClients(plainFetch(sdk))).withResponse,
        ours: async () => {
          const receipt = await llm.receipt(await llm.run({ user: 'alice' }, inner.withResponse));
          if (calls === 0 || receipt.caller.user !== 'alice') throw new Error('No receipt was told.');
        },
      };
    }),
  ]),
};

function callCase(sdk: SdkName, what: string, goalMicros: number | undefined, make: () => Contest): Case {
  const name = `${sdk} · ${what}`;
  const goal: Goal | undefined =
    goalMicros === undefined ? undefined : shareGoal(goalMicros, bareMicros[sdk]);
  return {
    name,
    async measure({ quick }: Effort) {
      const { bare, ours } = make();
      // A block long enough to hold collections of its own garbage.
      const unitsPerBlock = quick ? 20 : 800;
      const samples = await pairedCpu({
        bare: { run: () => repeated(bare, unitsPerBlock) },
        ours: { run: () => repeated(ours, unitsPerBlock) },
        unitsPerBlock,
        rounds: quick ? 4 : 40,
        warmUpRounds: quick ? 1 : 3,
      });
      return pairedFigure(name, 'µs', samples, goal);
    },
  };
}

async function repeated(call: Call, times: number): Promise<void> {
  for (let made = 0; made < times; made++) await call();
}

/** Four round the call, four round each attempt. */
function noOps(): Interceptor[] {
  return (['admit', 'shape', 'guard', 'reuse', 'health', 'spend', 'pace', 'send'] as const).map((stage) => ({
    name: `no-op-${stage}`,
    stage,
    intercept: (call, next) => next(call),
  }));
}
