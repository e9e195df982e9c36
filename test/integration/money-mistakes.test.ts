import {
  ManagedLLM,
  ManagedLLMError,
  budget,
  costOf,
  receipts,
  watchUngoverned,
  type BudgetOptions,
  type CallSettings,
} from 'managed-llm';
import { sqliteState } from 'managed-llm/sqlite';
import { standIn } from 'managed-llm/testing';
import { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';

const openai = new OpenAI({ apiKey: 'test', fetch: standIn().fetch });

/** What types would have told. */
function given(value: unknown): never {
  return value as never;
}

function make(options: object = {}) {
  return new ManagedLLM({ providers: { openai }, ...options });
}

function daily(options: object) {
  return budget(given({ name: 'daily', limitUsd: 1, window: 'day', ...options }));
}

/** Of a feature that belongs to a `ManagedLLM`. */
function listed() {
  const log = receipts();
  make({ interceptors: [log] });
  return log;
}

describe('a mistake about money is told with its path and what to write', () => {
  test.each<[string, () => unknown, string]>([
    [
      'a budget without a window',
      () => budget(given({ name: 'a', limitUsd: 1 } satisfies Partial<BudgetOptions>)),
      '`budget.window` is missing: it must be "minute" or "hour" or "day" or "week" or "month" or "total" or "manual" or an object `{ rollingMs }`.',
    ],
    [
      'a window by another name',
      () => daily({ window: { rolling: 3_600_000 } }),
      '`budget.window` has no option `rolling`. Did you mean `rollingMs`?',
    ],
    [
      'a tag by another name',
      () => daily({ per: { tags: 'feature' } }),
      '`budget.per` has no option `tags`. Did you mean `tag`?',
    ],
    [
      'a target to downgrade to by another name',
      () => daily({ onExceed: { downgradeTo: 'openai/gpt-5-nano' } }),
      '`budget.onExceed` has no option `downgradeTo`. Did you mean `downgrade`?',
    ],
    [
      'a table of limits that is not in `by`',
      () => daily({ per: 'user', limitUsd: { alice: 5 } }),
      '`budget.limitUsd` has no option `alice`. Known options: by, default.',
    ],
    [
      'percents in place of shares',
      () => daily({ alertAt: [80] }),
      '`budget.alertAt.0` must be a share of the limit, above 0 and up to 10: 0.8 is 80 %.',
    ],
    [
      'a model that is covered, without its provider',
      () => make({ interceptors: [daily({ covers: { models: ['gpt-5-mini'] } })] }),
      '`budget.covers.models.0` of `daily` names no provider: write `openai/gpt-5-mini`.',
    ],
    [
      'a provider in place of a model that is covered',
      () => make({ interceptors: [daily({ covers: { models: ['openai'] } })] }),
      '`budget.covers.models.0` of `daily` names no model: write `openai/…`.',
    ],
    [
      'a rate that is misspelt',
      () => make({ models: { 'openai/x': { price: { inputUsdPerMtok: 1, outputUsdPerMTok: 2 } } } }),
      '`models.openai/x.price` has no option `inputUsdPerMtok`. Did you mean `inputUsdPerMTok`?',
    ],
    [
      'a factory that was not called',
      () => make({ interceptors: [receipts] }),
      '`interceptors.0` is a function and no interceptor: call it, and list what it returns.',
    ],
    ['options that are a text', () => sqliteState(given('llm.db')), '`sqliteState` must be an object'],
    [
      'settings behind the function',
      () =>
        make().run(
          given(() => {}),
          given({ maxCostUsd: 1 } satisfies CallSettings),
        ),
      '`run` takes settings and then a function.',
    ],
    [
      'the URL of a host',
      () => watchUngoverned({ hosts: ['https://llm.internal/v1'] }),
      '`watchUngoverned.hosts.0` must be a host alone, without scheme, port and path: `llm.internal`.',
    ],
  ])('%s', (_title, made, message) => {
    expect(made).toThrow(ManagedLLMError);
    expect(made).toThrow(message);
  });

  test.each<[string, () => Promise<unknown>, string]>([
    [
      'a dimension in the plural',
      () => listed().query(given({ by: ['users'] })),
      '`tag:` and the name of a tag, as in `tag:feature`, or `experiment:` or `canary:` and the name of one. Did you mean "user"?',
    ],
    [
      'a time that ends before it begins',
      () => listed().query({ from: '2026-12', to: '2026-11' }),
      '`query.to` is before `from`: it is the first moment that is not meant',
    ],
    [
      'usage as an SDK gives it',
      () => costOf(given({ prompt_tokens: 100, completion_tokens: 10 }), 'gpt-5-mini'),
      '`costOf` takes usage as receipts have it, `{ inputTokens, outputTokens }`, and then the id of a model.',
    ],
    [
      'nothing to estimate',
      () => make().estimate({ model: 'openai/gpt-5-mini' }),
      '`estimate.messages` is missing: it must be a text or a list of messages.',
    ],
    [
      'a limit of output as an SDK names it',
      () => make().estimate({ model: 'openai/gpt-5-mini', messages: 'Hello', max_tokens: 3 }),
      '`estimate.max_tokens` is `maxOutputTokens`.',
    ],
  ])('%s', async (_title, asked, message) => {
    await expect(asked()).rejects.toMatchObject({
      code: 'invalid-options',
      message: expect.stringContaining(message),
    });
  });

  test('hosts may be patterns and addresses', () => {
    watchUngoverned({ hosts: ['*.models.internal', '10.0.0.7', '[::1]'] }).stop();
  });
});

describe('a call that cannot be counted is told which option counts it, and where that is said', () => {
  const ask = (llm: ManagedLLM<{ openai: OpenAI }>) => () =>
    llm.clients.openai.chat.completions.create({
      model: 'mine',
      messages: [{ role: 'user', content: 'Hi' }],
    });
  const paint = (llm: ManagedLLM<{ openai: OpenAI }>) => () =>
    llm.clients.openai.images.generate({ model: 'gpt-image-1', prompt: 'A cat' });
  const refusal = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (thrown: unknown) => ManagedLLMError.from(thrown)?.message,
    );

  test('under a ceiling', async () => {
    const llm = make();
    expect(await refusal(llm.run({ maxCostUsd: 1 }, ask(llm)))).toBe(
      '`run.maxCostUsd` limits USD, and what openai/mine costs is not known. State it in `models`, `"openai/mine": { price: … }` ' +
        "(0 for a machine of yours), or give the `ManagedLLM` `ceilings: { onUnknownPrice: 'zero' }`.",
    );
    expect(await refusal(llm.run({ maxCostUsd: 1 }, paint(llm)))).toBe(
      '`run.maxCostUsd` is kept strictly, and nothing bounds what this request to openai can cost, because it is billed by rules ' +
        'of its own. State what it costs at most: give the `ManagedLLM` `ceilings: { passthroughUsd: { "images.generate": … } }`.',
    );
  });

  test('under a budget', async () => {
    const llm = make({ interceptors: [daily({ window: 'hour' })] });
    expect(await refusal(ask(llm)())).toContain("or give the budget `onUnknownPrice: 'zero'`.");
    expect(await refusal(paint(llm)())).toContain(
      'give the budget `passthroughUsd: { "images.generate": … }`, or `reserve: "expected"`.',
    );
  });
});
