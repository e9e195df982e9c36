import { budget, ManagedLLMError, type BudgetOptions } from 'managed-llm';
import { describe, expect, test } from 'vitest';
import { openai as sdk, rejection, type TestOptions } from './governed.ts';
import { ceilinged, spending, type Spending } from './spending.ts';

/** The message of whatever it throws, or rejects with. */
async function told(act: () => unknown): Promise<string> {
  const error = ManagedLLMError.from(await rejection(Promise.resolve().then(act)));
  return `${error?.code}: ${error?.message}`;
}

const daily = { name: 'daily', limitUsd: 1, window: 'day' } as const satisfies BudgetOptions;

/** What types would have told. */
const given = (options: object) => () => budget(options as BudgetOptions);
const changed = (changes: object) => given({ ...daily, ...changes });
const attached = (options: Partial<BudgetOptions>) => () => spending({ name: 'daily', ...options });

describe('what is wrong with options of a budget is told with its path, and what to write', () => {
  test.each<[() => unknown, string]>([
    [given({}), '`budget.name` is missing: it must be a string.'],
    [given({ name: 'daily', window: 'day' }), '`budget` states no limit: give `limitUsd` or `limitTokens`.'],
    [
      given({ name: 'daily', limitUsd: 1 }),
      '`budget.window` is missing: it must be "minute" or "hour" or "day" or "week" or "month" or "total" or "manual" or an object `{ rollingMs }`.',
    ],
    [changed({ name: '' }), '`budget.name` must be a text that is not empty.'],
    [changed({ limitUSD: 1 }), '`budget` has no option `limitUSD`. Did you mean `limitUsd`?'],
    [changed({ limitUsd: -1 }), '`budget.limitUsd` must be at least 0.'],
    [
      changed({ limitUsd: '1' }),
      '`budget.limitUsd` must be a number or an object `{ by, default }` or a function.',
    ],
    [changed({ limitUsd: 1e9 }), '`budget.limitUsd` must be at most 9000000.'],
    [
      changed({ limitUsd: { alice: 1 } }),
      '`budget.limitUsd` has no option `alice`. Known options: by, default.',
    ],
    [changed({ limitUsd: { by: { alice: -1 } } }), '`budget.limitUsd.by.alice` must be at least 0.'],
    [
      changed({ limitTokens: 1.5 }),
      '`budget.limitTokens` must be an integer or an object `{ by, default }` or a function.',
    ],
    [
      changed({ window: 'year' }),
      '`budget.window` must be "minute" or "hour" or "day" or "week" or "month" or "total" or "manual" or an object `{ rollingMs }`.',
    ],
    [changed({ window: { rollingMs: 10 } }), '`budget.window.rollingMs` must be at least 1000.'],
    [
      changed({ timeZone: 'Europe/Munich' }),
      '`budget.timeZone` is "Europe/Munich", which is no time zone: give one as `Europe/Berlin` or `UTC`.',
    ],
    [
      changed({ timeZone: 'UTC', window: 'total' }),
      '`budget.timeZone` says nothing with a window that is no unit of the calendar.',
    ],
    [
      changed({ per: 'users' }),
      '`budget.per` must be "global" or "user" or "team" or "tenant" or "credential" or "provider" or "model" or "route" or an object `{ tag }` or a function or an array. Did you mean "user"?',
    ],
    [changed({ per: [] }), '`budget.per` must be a list that is not empty.'],
    [changed({ per: { tags: 'feature' } }), '`budget.per` has no option `tags`. Did you mean `tag`?'],
    [
      changed({ onExceed: { downgrad: 'openai/small' } }),
      '`budget.onExceed` has no option `downgrad`. Did you mean `downgrade`?',
    ],
    [
      changed({ alertAt: [80] }),
      '`budget.alertAt.0` must be a share of the limit, above 0 and up to 10: 0.8 is 80 %.',
    ],
    [changed({ reserve: 'lax' }), '`budget.reserve` must be "strict" or "expected".'],
    [changed({ onMissing: 'skip' }), '`budget.onMissing` says nothing without `per`: every call is counted.'],
    [
      changed({ limitUsd: undefined, limitTokens: 1, onUnknownPrice: 'zero' }),
      '`budget.onUnknownPrice` says nothing without `limitUsd`: tokens have no price.',
    ],
    [
      changed({ onUnknownPrice: 'free' }),
      '`budget.onUnknownPrice` must be "refuse" or "zero" or an object `{ inputUsdPerMTok, outputUsdPerMTok, cachedInputUsdPerMTok, cacheWriteUsdPerMTok }`.',
    ],
    [
      changed({ passthroughUsd: { 'image.generate': 0.2 } }),
      '`budget.passthroughUsd` has "image.generate", which is no request: did you mean `images.generate`?',
    ],
    [
      changed({ passthroughUsd: { 'nothing of the kind': 0.2 } }),
      '`budget.passthroughUsd` has "nothing of the kind", which is no request: names are those of docs/budgets.md, or paths.',
    ],
    [changed({ outputLimit: 0 }), '`budget.outputLimit` must be at least 1.'],
    [changed({ maxWaitMs: Infinity }), '`budget.maxWaitMs` must be a finite number, not Infinity.'],
    [
      changed({ covers: { provider: ['openai'] } }),
      '`budget.covers` has no option `provider`. Did you mean `providers`?',
    ],
    [
      attached({ onExceed: { downgrade: 'cheap' } }),
      '`budget.onExceed.downgrade` of `daily` is "cheap", which is neither a route nor `provider/model`. Providers: openai, anthropic, backup.',
    ],
    [
      attached({ onExceed: { downgrade: 'opneai/cheap' } }),
      '`budget.onExceed.downgrade` of `daily` is "opneai/cheap", which is neither a route nor `provider/model`. Did you mean "openai/cheap"?',
    ],
    [
      attached({ covers: { providers: ['opneai'] } }),
      '`budget.covers.providers.0` of `daily`: `opneai` is no provider; did you mean `openai`?',
    ],
    [
      attached({ covers: { models: ['opneai/gpt'] } }),
      '`budget.covers.models.0` of `daily`: `opneai` is no provider; did you mean `openai`?',
    ],
    [
      attached({ covers: { models: ['gpt'] } }),
      '`budget.covers.models.0` of `daily` names no provider: write `openai/gpt`.',
    ],
    [
      () => spending([daily, daily]),
      '`interceptors.2` has the name `daily`, which another interceptor has already: give it once, or under a `name` of its own where it takes one.',
    ],
  ])('%#', async (act, message) => {
    expect(await told(act)).toBe(`invalid-options: ${message}`);
  });
});

describe('what is wrong with asking a budget is told likewise', () => {
  test.each<[() => unknown, string]>([
    [
      () => budget(daily).status(),
      'invalid-options: `daily` belongs to no ManagedLLM yet: list it in `interceptors` before it is asked for anything.',
    ],
    [
      () => budget(daily).setLimits({ limitUsd: -1 }),
      'invalid-options: `daily.setLimits.limitUsd` must be at least 0.',
    ],
    [
      () => budget(daily).setLimits({ limit: 1 } as object),
      'invalid-options: `daily.setLimits` has no option `limit`. Known options: limitUsd, limitTokens.',
    ],
    [
      () => spending(daily).spend.raise({}, { forMs: 1 }),
      'invalid-options: `daily.raise` raises nothing: give `usd` or `tokens`.',
    ],
    [
      () => spending(daily).spend.raise({}, { usd: 1, forMs: 0 }),
      'invalid-options: `daily.raise.forMs` must be more than 0.',
    ],
    [
      () => spending({ ...daily, per: 'user' }).spend.status(),
      'caller-required: The budget `daily` counts by user: say which, `{ user: … }`.',
    ],
    [
      () => spending({ ...daily, per: ['user', 'model'] }).spend.reset({ user: 'alice' }),
      'caller-required: The budget `daily` counts by user and model: say which, `{ model: … }`.',
    ],
    [
      () => spending({ ...daily, window: { rollingMs: 60_000 } }).spend.reset(),
      'invalid-options: `daily.reset` is for windows that do not roll: what has left a rolling one is gone by itself.',
    ],
  ])('%#', async (act, message) => {
    expect(await told(act)).toBe(message);
  });
});

describe('a refusal tells who refuses, how it stands, and what to do', () => {
  type Ask = (clients: Spending['llm']['clients']) => Promise<unknown>;
  const messages = [{ role: 'user' as const, content: 'hello' }];
  const chat: Ask = ({ openai }) => openai.chat.completions.create({ model: 'gpt', messages });
  const responses =
    (given: object): Ask =>
    ({ openai }) =>
      openai.responses.create({ model: 'gpt', input: 'hello', ...given });

  /** By a budget of these options. */
  const by =
    (options: Partial<BudgetOptions>, ask: Ask = chat, caller: object = {}, more: TestOptions = {}) =>
    () =>
      ask(spending({ ...daily, ...options }, more).llm.with(caller).clients);

  test.each<[() => unknown, string]>([
    [
      by({ limitUsd: 0.001 }),
      'budget-exceeded: The budget `daily` allows $0.001 a day: $0 used, $0 set aside for attempts under way, and this one at openai/gpt, its answer limited to 256 tokens, could take $0.002845. It starts anew at 2026-11-24T00:00:00.000Z. Ask for less (a lower output limit, a shorter prompt, a cheaper model), or raise the limit.',
    ],
    [
      by({ limitUsd: 0.001, per: 'user', window: 'hour' }, chat, { user: 'alice' }),
      'budget-exceeded: The budget `daily` allows $0.001 an hour for this user: $0 used, $0 set aside for attempts under way, and this one at openai/gpt, its answer limited to 256 tokens, could take $0.002845. It starts anew at 2026-11-23T01:00:00.000Z. Ask for less (a lower output limit, a shorter prompt, a cheaper model), or raise the limit.',
    ],
    [
      by({ limitUsd: 0.001, per: ['user', { tag: 'feature' }], window: { rollingMs: 86_400_000 } }, chat, {
        user: 'alice',
        tags: { feature: 'search' },
      }),
      'budget-exceeded: The budget `daily` allows $0.001 in any 24 hours for this user and tag feature: $0 used, $0 set aside for attempts under way, and this one at openai/gpt, its answer limited to 256 tokens, could take $0.002845. Ask for less (a lower output limit, a shorter prompt, a cheaper model), or raise the limit.',
    ],
    [
      by({ limitUsd: 0.001, per: () => 'all', window: 'total' }),
      'budget-exceeded: The budget `daily` allows $0.001 for one of those that it counts apart: $0 used, $0 set aside for attempts under way, and this one at openai/gpt, its answer limited to 256 tokens, could take $0.002845. Ask for less (a lower output limit, a shorter prompt, a cheaper model), or raise the limit.',
    ],
    [
      by({ limitTokens: 10, window: 'manual' }),
      'budget-exceeded: The budget `daily` allows 10 tokens until it is reset: 0 tokens used, 0 tokens set aside for attempts under way, and this one at openai/gpt, its answer limited to 256 tokens, could take 541 tokens. Ask for less (a lower output limit, a shorter prompt, a cheaper model), or raise the limit.',
    ],
    [
      by({ limitUsd: 0, onExceed: { downgrade: 'openai/small' } }),
      'budget-exceeded: The budget `daily` allows $0 a day: $0 used, $0 set aside for attempts under way, and this one at openai/small, its answer limited to 256 tokens, could take $0.002845. It starts anew at 2026-11-24T00:00:00.000Z. Ask for less (a lower output limit, a shorter prompt, a cheaper model), or raise the limit.',
    ],
    [
      by({ limitUsd: 0.0005 }, ({ openai }) =>
        openai.chat.completions.create({ model: 'gpt', messages, max_tokens: 100 }),
      ),
      'budget-exceeded: The budget `daily` allows $0.0005 a day: $0 used, $0 set aside for attempts under way, and this one at openai/gpt could take $0.001285. It starts anew at 2026-11-24T00:00:00.000Z. Ask for less (a lower output limit, a shorter prompt, a cheaper model), or raise the limit.',
    ],
    [
      async () => {
        const { llm, clock, provider } = spending({ ...daily, limitUsd: 0.015, maxWaitMs: 500 });
        provider.next({ latencyMs: 1_000 });
        const ask = () =>
          llm.clients.openai.chat.completions.create(
            { model: 'gpt', messages, max_tokens: 1_000 },
            { maxRetries: 0 },
          );
        const first = ask();
        const second = rejection(ask());
        await clock.advance(2_000);
        await first;
        throw await second;
      },
      'budget-exceeded: The budget `daily` allows $0.015 a day: $0 used, $0.010285 set aside for attempts under way, and this one at openai/gpt could take $0.010285. It has waited 500 ms for others to give back what they do not use, which is as long as it may. It starts anew at 2026-11-24T00:00:00.000Z. Ask for less (a lower output limit, a shorter prompt, a cheaper model), or raise the limit.',
    ],
    [
      () => {
        const { llm } = ceilinged();
        return llm.run({ maxCostUsd: 0.001 }, () => sdk.create(llm));
      },
      'ceiling-exceeded: `run.maxCostUsd` allows $0.001: $0 spent, $0 set aside for attempts under way, and this one at openai/gpt, its answer limited to 256 tokens, could cost $0.002845. Ask for less (a lower output limit, a shorter prompt, a cheaper model), or raise `maxCostUsd`.',
    ],
    [
      by({}, chat, {}, { models: {} }),
      'unknown-price: The budget `daily` limits USD, and what openai/gpt costs is not known. State it in `models`, `"openai/gpt": { price: … }` (0 for a machine of yours), or give the budget `onUnknownPrice: \'zero\'`.',
    ],
    [
      () => sdk.create(ceilinged({ models: {} }).llm.with({ maxCostUsd: 1 })),
      'unknown-price: `with.maxCostUsd` limits USD, and what openai/gpt costs is not known. State it in `models`, `"openai/gpt": { price: … }` (0 for a machine of yours), or give the `ManagedLLM` `ceilings: { onUnknownPrice: \'zero\' }`.',
    ],
    [
      by({}, responses({ tools: [{ type: 'web_search' }] })),
      'unbounded-cost: The budget `daily` is kept strictly, and nothing bounds what this request to openai/gpt can cost, because the provider may use its tool `web_search` as often as the model likes. Say how often (`max_uses`, `max_tool_calls`), or state what it costs at most: give the budget `passthroughUsd: { "chat": … }`, or `reserve: "expected"`.',
    ],
    [
      by({}, responses({ previous_response_id: 'resp_1' })),
      'unbounded-cost: The budget `daily` is kept strictly, and nothing bounds what this request to openai/gpt can cost, because the provider holds a part of the conversation, and the context window of the model is not known. State that in `models`, `"openai/gpt": { contextTokens: … }`, or state what it costs at most: give the budget `passthroughUsd: { "chat": … }`, or `reserve: "expected"`.',
    ],
    [
      by({}, responses({ input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'file_1' }] }] })),
      'unbounded-cost: The budget `daily` is kept strictly, and nothing bounds what this request to openai/gpt can cost, because it refers to files whose length it does not tell, and the context window of the model is not known. State that in `models`, `"openai/gpt": { contextTokens: … }`, or state what it costs at most: give the budget `passthroughUsd: { "chat": … }`, or `reserve: "expected"`.',
    ],
    [
      by({}, responses({ background: true })),
      'unbounded-cost: The budget `daily` is kept strictly, and nothing bounds what this request to openai/gpt can cost, because it is answered in the background, after this request has ended. Ask without `background`, or state what it costs at most: give the budget `passthroughUsd: { "responses.background": … }`, or `reserve: "expected"`.',
    ],
    [
      by({}, ({ anthropic }) =>
        anthropic.messages.create({
          model: 'claude',
          max_tokens: 10,
          messages,
          tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 2 }],
        }),
      ),
      'unbounded-cost: The budget `daily` is kept strictly, and nothing bounds what this request to anthropic/claude can cost, because with each use of a tool that the provider runs all of it is read once more, and the context window of the model is not known. State that in `models`, `"anthropic/claude": { contextTokens: … }`, or state what it costs at most: give the budget `passthroughUsd: { "chat": … }`, or `reserve: "expected"`.',
    ],
    [
      by({}, ({ openai }) => openai.images.generate({ model: 'image', prompt: 'a cat' })),
      'unbounded-cost: The budget `daily` is kept strictly, and nothing bounds what this request to openai can cost, because it is billed by rules of its own. State what it costs at most: give the budget `passthroughUsd: { "images.generate": … }`, or `reserve: "expected"`.',
    ],
    [
      by({}, ({ openai }) => openai.post('/brand_new/thing-123456789/run', { body: {} })),
      'unbounded-cost: The budget `daily` is kept strictly, and nothing bounds what this request to openai can cost, because it is billed by rules of its own. State what it costs at most: give the budget `passthroughUsd: { "/brand_new/*/run": … }`, or `reserve: "expected"`.',
    ],
    [
      by({ per: 'user' }),
      "caller-required: The budget `daily` counts by user, and this call has no user. Make it inside `llm.run({ user: … }, …)`, or give the budget `onMissing: 'skip'`.",
    ],
    [
      by({ per: { tag: 'feature' } }),
      'caller-required: The budget `daily` counts by tag feature, and this call has no tag feature. Make it inside `llm.run({ tags: { "feature": … } }, …)`, or give the budget `onMissing: \'skip\'`.',
    ],
    [
      by({ per: 'route' }),
      "caller-required: The budget `daily` counts by route, and this call has no route. Name a route as its model, or give the budget `onMissing: 'skip'`.",
    ],
    [
      by({ per: function plan() {} as never }),
      "caller-required: The budget `daily` counts by its function `plan`, which says nothing of this call. Have it give a text, or give the budget `onMissing: 'skip'`.",
    ],
    [
      by({ per: ['provider', () => undefined] }),
      "caller-required: The budget `daily` counts by provider and its function, and its function says nothing of this call. Have it give a text, or give the budget `onMissing: 'skip'`.",
    ],
    [
      by({ per: (() => 5) as never }),
      'invalid-options: `per` of the budget `daily` gave 5: give a text, or undefined.',
    ],
    [
      by({ limitUsd: (() => Promise.resolve(1)) as never }),
      'invalid-options: `limitUsd` of the budget `daily` gave a promise, and is not waited for: give a number of at least 0, or undefined for no limit.',
    ],
    [
      by({ limitTokens: (() => 'many') as never }),
      'invalid-options: `limitTokens` of the budget `daily` gave a value of the type string: give a number of at least 0, or undefined for no limit.',
    ],
    [
      by({
        limitUsd: () => {
          throw new Error('no such plan');
        },
      }),
      'interceptor-fault: The budget `daily` could not be asked: a function in its options threw.',
    ],
  ])('%#', async (act, message) => {
    expect(await told(act)).toBe(message);
  });
});

test('a budget that its state will forget is reported when it is made', async () => {
  const { errors, llm } = spending(daily);
  await llm.idle();
  expect(errors.map(({ message }) => message)).toEqual([
    "The budget `daily` adds up over a day or longer, and its state is this process's memory: a restart begins anew, and other processes have their own. Give the `ManagedLLM` a `state` that lasts: `sqliteState`, `redisState`, `postgresState`.",
  ]);
});
