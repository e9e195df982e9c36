import { receipts, type Interceptor } from 'managed-llm';
import { callCase, callGoal } from './call-case.ts';
import { plainFetch } from './canned.ts';
import type { Group } from './case.ts';
import { bareClients, caller, governed } from './clients.ts';
import { everything, limits } from './limits.ts';

/** CPU of one plain call, 1 kB of prompt. */
export const calls: Group = {
  heading: 'CPU of a plain call, 1 kB prompt',
  cases: (['openai', 'anthropic'] as const).flatMap((sdk) => [
    callCase(`${sdk} · pass-through`, callGoal(sdk, 9), () => ({
      bare: caller(sdk, bareClients(plainFetch(sdk))).plain,
      ours: caller(sdk, governed(plainFetch(sdk)).clients).plain,
    })),
    callCase(`${sdk} · listener and receipt`, undefined, () => {
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
      callCase(`${sdk} · ${name}`, undefined, () => ({
        bare: caller(sdk, bareClients(plainFetch(sdk))).plain,
        ours: caller(sdk, governed(plainFetch(sdk), [make()]).clients).plain,
      })),
    ),
    callCase(`${sdk} · receipt log`, undefined, () => ({
      bare: caller(sdk, bareClients(plainFetch(sdk))).plain,
      ours: caller(sdk, governed(plainFetch(sdk), [receipts()]).clients).plain,
    })),
    callCase(`${sdk} · ceiling by run()`, undefined, () => {
      const llm = governed(plainFetch(sdk));
      const { plain } = caller(sdk, llm.clients);
      return {
        bare: caller(sdk, bareClients(plainFetch(sdk))).plain,
        ours: () => llm.run({ maxCostUsd: 1 }, plain),
      };
    }),
    callCase(`${sdk} · 8 no-op interceptors`, undefined, () => ({
      bare: caller(sdk, bareClients(plainFetch(sdk))).plain,
      ours: caller(sdk, governed(plainFetch(sdk), noOps()).clients).plain,
    })),
    callCase(`${sdk} · fallback route`, undefined, () => ({
      bare: caller(sdk, bareClients(plainFetch(sdk))).plain,
      ours: caller(sdk, governed(plainFetch(sdk)).clients, { model: `smart-${sdk}` }).plain,
    })),
    callCase(`${sdk} · settings by with()`, undefined, () => ({
      bare: caller(sdk, bareClients(plainFetch(sdk))).plain,
      ours: caller(sdk, governed(plainFetch(sdk)).with({ user: 'alice', tenant: 'acme' }).clients).plain,
    })),
    callCase(`${sdk} · settings by run()`, undefined, () => {
      const llm = governed(plainFetch(sdk));
      const { plain } = caller(sdk, llm.clients);
      return {
        bare: caller(sdk, bareClients(plainFetch(sdk))).plain,
        ours: () => llm.run({ user: 'alice', tenant: 'acme' }, plain),
      };
    }),
    callCase(`${sdk} · all of these`, callGoal(sdk, 20), () => everything(sdk)),
  ]),
};

/** Four round the call, four round each attempt. */
function noOps(): Interceptor[] {
  return (['admit', 'shape', 'guard', 'reuse', 'health', 'spend', 'pace', 'send'] as const).map((stage) => ({
    name: `no-op-${stage}`,
    stage,
    intercept: (call, next) => next(call),
  }));
}
