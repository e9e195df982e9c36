import { balance, fallback, hedge, when, type Route } from 'managed-llm';
import type { ScriptedReply } from 'managed-llm/testing';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { governed, readAll, sdks, settledOnce } from './governed.ts';

const models = 6;

/** Any rules, up to four deep, over targets of one SDK's provider. */
const rules = (provider: string): fc.Arbitrary<string | Route> =>
  fc.letrec<{ choice: string | Route }>((tie) => {
    const target = fc.nat(models - 1).map((index) => `${provider}/m${index}`);
    const choices = fc.uniqueArray(tie('choice'), { minLength: 1, maxLength: 3, comparator: Object.is });
    const by = fc.constantFrom('weight', 'round-robin', 'least-busy', 'latency', 'headroom');
    const delays = fc.constantFrom(50, 150, 1_000);
    const on = fc.constantFrom(
      { server: 'stop' },
      { 'invalid-request': 'next' },
      { 'rate-limit': `${provider}/m0` },
    );
    return {
      choice: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        target,
        choices.map((list) => fallback(...list)),
        fc.tuple(choices, on).map(([list, kinds]) => fallback(...list, { on: kinds as object }) as Route),
        fc.tuple(choices, by).map(([list, way]) => balance(list, { by: way as 'weight' })),
        fc
          .tuple(tie('choice'), tie('choice'))
          .map(([use, otherwise]) => when([{ if: { stream: true }, use }], otherwise)),
        fc
          .tuple(tie('choice'), tie('choice'), delays)
          .filter(([primary, second]) => primary !== second)
          .map(([primary, second, afterMs]) => hedge(primary, second, { afterMs, maxExtra: 1 })),
      ),
    };
  }).choice;

const latencyMs = fc.constantFrom(0, 50, 100, 150, 400);
const scripts: fc.Arbitrary<ScriptedReply> = fc.oneof(
  fc.record({ text: fc.constant(['a ', 'b ']), latencyMs }),
  fc.record({ text: fc.constant(['a ', 'b ']), latencyMs, betweenEventsMs: fc.constantFrom(30, 100) }),
  fc.record({ status: fc.constantFrom(400, 401, 429, 500, 529), latencyMs }),
  fc.record({
    text: fc.constant(['a ', 'b ']),
    inBandError: fc.record({ afterEvents: fc.nat(4) }),
    latencyMs,
  }),
  fc.record({ text: fc.constant(['a ', 'b ']), cutAfterEvents: fc.nat(4), latencyMs }),
  fc.record({ connectionError: fc.constant(true), latencyMs }),
  fc.record({ hang: fc.constant(true) }),
);

describe.each(sdks)('any rules, any failures, any end ($name)', (sdk) => {
  test(
    'each call settles once, nothing stays open, and nobody breaks the contract',
    { timeout: 60_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(
          rules(sdk.name),
          fc.array(scripts, { minLength: models, maxLength: models }),
          fc.boolean(),
          fc.option(fc.constantFrom(0, 50, 100, 150, 160, 300)),
          fc.constantFrom(undefined, 200, 2_000),
          async (rule, replies, stream, abortAtMs, deadlineMs) => {
            const w = governed({ routes: { all: rule } });
            for (const [index, reply] of replies.entries()) w.provider.when({ model: `m${index}` }, reply);
            const llm = w.llm.with(deadlineMs === undefined ? {} : { deadlineMs });
            const controller = new AbortController();
            const options = { maxRetries: 0, timeout: 5_000, signal: controller.signal };
            const asked = (
              stream ? sdk.stream(llm, options, 'all').then(readAll) : sdk.create(llm, options, 'all')
            ).then(
              () => 'answered',
              () => 'failed',
            );
            if (abortAtMs !== null) {
              await w.clock.advance(abortAtMs);
              controller.abort();
            }
            await w.clock.advance(600_000);
            const told = await asked;
            const [receipt] = await settledOnce(w);
            expect(w.errors).toEqual([]);
            // Both SDKs end a stream that the application has aborted as if it were over.
            if (told === 'answered' && abortAtMs === null) {
              expect(receipt?.outcome).toBe('finished');
              expect(receipt?.attempts.some(({ outcome }) => outcome === 'finished')).toBe(true);
            }
            expect(w.provider.requests.every(({ outcome }) => outcome !== 'open')).toBe(true);
          },
        ),
        { numRuns: 300 },
      );
    },
  );
});
