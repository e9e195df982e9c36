import {
  consoleTelemetry,
  fallback,
  foreign,
  manage,
  ManagedLLM,
  ManagedLLMError,
  provider,
  tool,
  type ManagedLLMOptions,
} from 'managed-llm';
import { standIn } from 'managed-llm/testing';
import { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';

import { nearestOf } from '../../../src/core/parse-options.ts';

const openai = new OpenAI({ apiKey: 'test', fetch: standIn().fetch });

/** What a user reads who gives these options. */
function told(options: object): string {
  try {
    const llm = new ManagedLLM({ providers: { openai, backup: openai }, ...options } as ManagedLLMOptions<{
      openai: OpenAI;
    }>);
    return expect.fail(`expected a refusal, got ${typeof llm}`);
  } catch (error) {
    if (!ManagedLLMError.isInstance(error)) throw error;
    expect(error.code).toBe('invalid-options');
    return error.message;
  }
}

describe('an option that is wrong is refused at construction, in words that say where and what instead', () => {
  test('misspelt', () => {
    expect(told({ interceptor: [] })).toMatchInlineSnapshot(
      `"\`options\` has no option \`interceptor\`. Did you mean \`interceptors\`?"`,
    );
    expect(told({ unreadStreamsMs: 5 })).toMatchInlineSnapshot(
      `"\`options\` has no option \`unreadStreamsMs\`. Did you mean \`unreadStreamMs\`?"`,
    );
  });

  test('unlike any that there is', () => {
    expect(told({ colour: 'red' })).toMatchInlineSnapshot(
      `"\`options\` has no option \`colour\`. Known options: providers, routes, models, prices, ceilings, tokenizer, interceptors, state, unreadStreamMs, stoppedStreams, waitUntil, onError, classify, clock, random."`,
    );
  });

  test('of the wrong type', () => {
    expect(told({ interceptors: {} })).toMatchInlineSnapshot(`"\`interceptors\` must be an array."`);
    expect(told({ waitUntil: 5 })).toMatchInlineSnapshot(`"\`waitUntil\` must be a function."`);
    expect(told({ onError: 'log' })).toMatchInlineSnapshot(`"\`onError\` must be a function."`);
    expect(told({ clock: 5 })).toMatchInlineSnapshot(`"\`clock\` must be an object."`);
    expect(told({ random: 0.5 })).toMatchInlineSnapshot(`"\`random\` must be a function."`);
    expect(told({ routes: 'smart' })).toMatchInlineSnapshot(`"\`routes\` must be an object."`);
  });

  test('out of range', () => {
    expect(told({ unreadStreamMs: 0 })).toMatchInlineSnapshot(`"\`unreadStreamMs\` must be more than 0."`);
    expect(told({ unreadStreamMs: true })).toMatchInlineSnapshot(
      `"\`unreadStreamMs\` must be false or a number."`,
    );
  });

  test('no providers', () => {
    expect(told({ providers: {} })).toMatchInlineSnapshot(
      `"\`providers\` is empty: give at least one client."`,
    );
    expect(told({ providers: undefined })).toMatchInlineSnapshot(`"\`providers\` must be an object."`);
  });

  test('a provider that is no client', () => {
    expect(told({ providers: { mine: {} } })).toMatchInlineSnapshot(
      `"\`providers.mine\` is no client of \`openai\` or \`@anthropic-ai/sdk\`. Give a client, \`provider(client, …)\`, \`foreign()\`, or a function that returns a client."`,
    );
    expect(told({ providers: { mine: undefined } })).toMatchInlineSnapshot(
      `"\`providers.mine\` is no client of \`openai\` or \`@anthropic-ai/sdk\`. Give a client, \`provider(client, …)\`, \`foreign()\`, or a function that returns a client."`,
    );
  });

  test('a class where a client should stand', () => {
    expect(told({ providers: { mine: OpenAI } })).toMatchInlineSnapshot(
      `"\`providers.mine\` is a class: give a client made of it, \`new …(…)\`."`,
    );
  });

  test('a provider whose name cannot be told from a model', () => {
    expect(told({ providers: { 'a/b': openai } })).toMatchInlineSnapshot(
      `"\`providers.a/b\` has a name with a slash, or an empty one."`,
    );
    expect(told({ providers: { '': openai } })).toMatchInlineSnapshot(
      `"\`providers.\` has a name with a slash, or an empty one."`,
    );
  });

  test('a route to a provider that there is not, with the nearest one', () => {
    expect(told({ routes: { smart: 'opnai/gpt' } })).toMatchInlineSnapshot(
      `"\`routes.smart\` is "opnai/gpt": there is no provider \`opnai\`. Did you mean \`openai\`?"`,
    );
    expect(told({ routes: { smart: fallback('openai/gpt', 'bakcup/gpt') } })).toMatchInlineSnapshot(
      `"\`routes.smart.choices.1\` is "bakcup/gpt": there is no provider \`bakcup\`. Did you mean \`backup\`?"`,
    );
    expect(told({ routes: { smart: 'somewhere/gpt' } })).toMatchInlineSnapshot(
      `"\`routes.smart\` is "somewhere/gpt": there is no provider \`somewhere\`. Providers: openai, backup."`,
    );
  });

  test('a route target that is not written as `provider/model`', () => {
    expect(told({ routes: { smart: 'gpt' } })).toMatchInlineSnapshot(
      `"\`routes.smart\` is "gpt": write targets as \`provider/model\`."`,
    );
    expect(told({ routes: { smart: 'openai/' } })).toMatchInlineSnapshot(
      `"\`routes.smart\` is "openai/": write targets as \`provider/model\`."`,
    );
    expect(told({ routes: { smart: '' } })).toMatchInlineSnapshot(
      `"\`routes.smart\` is "": write targets as \`provider/model\`."`,
    );
  });

  test('a route that is neither a target nor a rule', () => {
    expect(told({ routes: { smart: { target: 'openai/gpt' } } })).toMatchInlineSnapshot(
      `"\`routes.smart\` is no route: give a target, \`provider/model\`, the name of another route, or a rule such as \`fallback(…)\`."`,
    );
    expect(told({ routes: { smart: undefined } })).toMatchInlineSnapshot(
      `"\`routes.smart\` is no route: give a target, \`provider/model\`, the name of another route, or a rule such as \`fallback(…)\`."`,
    );
  });

  test('the path of what is wrong is in `details` too', () => {
    const routes = { smart: fallback('openai/a', 'x/b' as 'openai/b') };
    expect(() => new ManagedLLM({ providers: { openai }, routes })).toThrow(
      expect.objectContaining({ code: 'invalid-options', details: { path: 'routes.smart.choices.1' } }),
    );
  });
});

describe('the parts that are given in options check theirs', () => {
  const message = (act: () => unknown): string => {
    try {
      act();
    } catch (error) {
      if (ManagedLLMError.isInstance(error)) return error.message;
      throw error;
    }
    return expect.fail('expected a refusal');
  };

  test('`fallback`', () => {
    expect(message(() => fallback())).toMatchInlineSnapshot(
      `"\`fallback\` needs at least one choice: a target \`provider/model\`, a route, or a rule."`,
    );
    expect(message(() => fallback(['openai/a', 'openai/b'] as object))).toMatchInlineSnapshot(
      `"\`fallback\` takes choices one by one, not as a list: \`fallback('a/x', 'b/y')\`."`,
    );
  });

  test('`consoleTelemetry`', () => {
    expect(message(() => consoleTelemetry({ prnt: () => {} } as object))).toMatchInlineSnapshot(
      `"\`consoleTelemetry\` has no option \`prnt\`. Did you mean \`print\`?"`,
    );
    expect(message(() => consoleTelemetry({ print: 'stdout' } as object))).toMatchInlineSnapshot(
      `"\`consoleTelemetry.print\` must be a function."`,
    );
  });

  test('`tool`', () => {
    const parameters = { city: z.string() };
    expect(message(() => tool({ name: 'weather', parameters }))).toMatchInlineSnapshot(
      `"\`tool("weather").parameters.city\` is a schema where a JSON schema has none: wrap them all, as \`z.object({ … })\` does."`,
    );
  });

  test('`run` and `track` without a function', () => {
    const llm = new ManagedLLM({ providers: { openai } });
    const none = undefined as unknown as () => void;
    expect(message(() => llm.run({}, none))).toMatchInlineSnapshot(
      `"\`run\` takes settings and then a function."`,
    );
    expect(message(() => llm.with({}).run({}, none))).toMatchInlineSnapshot(
      `"\`run\` takes settings and then a function."`,
    );
    expect(message(() => llm.track(none))).toMatchInlineSnapshot(`"\`track\` takes a function."`);
  });

  test('`provider`', () => {
    expect(message(() => provider(openai, { quirk: {} } as object))).toMatchInlineSnapshot(
      `"\`provider\` has no option \`quirk\`. Did you mean \`quirks\`?"`,
    );
    expect(
      message(() => provider(openai, { quirks: { includeUsages: false } } as object)),
    ).toMatchInlineSnapshot(
      `"\`provider.quirks\` has no option \`includeUsages\`. Did you mean \`includeUsage\`?"`,
    );
    expect(
      message(() => provider(openai, { quirks: { maxTokensField: 'tokens' } } as object)),
    ).toMatchInlineSnapshot(
      `"\`provider.quirks.maxTokensField\` must be "max_tokens" or "max_completion_tokens"."`,
    );
  });

  test('`foreign`', () => {
    expect(message(() => foreign({ slashids: true } as object))).toMatchInlineSnapshot(
      `"\`foreign\` has no option \`slashids\`. Did you mean \`slashIds\`?"`,
    );
  });

  test('`manage`', () => {
    expect(message(() => manage(openai, { interceptor: [] } as object))).toMatchInlineSnapshot(
      `"\`options\` has no option \`interceptor\`. Did you mean \`interceptors\`?"`,
    );
  });

  test('`fetch` of a name that there is not', () => {
    const llm = new ManagedLLM({ providers: { openai } });
    expect(message(() => llm.fetch('opnai' as 'openai'))).toMatchInlineSnapshot(
      `"\`fetch("opnai")\` names no provider. Providers: openai."`,
    );
  });
});

describe('options are taken as they are at construction', () => {
  test('and never written to', () => {
    const options = Object.freeze({
      providers: Object.freeze({ openai }),
      routes: Object.freeze({ smart: 'openai/gpt' as const }),
      interceptors: Object.freeze([]),
    });
    expect(() => new ManagedLLM(options)).not.toThrow();
  });

  test('and the application’s own client is left alone', () => {
    const before = Object.entries(openai);
    const llm = new ManagedLLM({ providers: { openai } });
    expect(llm.clients.openai).toBeInstanceOf(OpenAI);
    expect(llm.clients.openai).not.toBe(openai);
    expect(llm.clients.openai).toBe(llm.clients.openai);
    expect(Object.entries(openai)).toEqual(before);
    expect(Object.hasOwn(openai, 'request')).toBe(false);
  });
});

describe('the nearest known word', () => {
  test.each([
    ['interceptor', 'interceptors'],
    ['INTERCEPTORS', 'interceptors'],
    ['ruotes', 'routes'],
    ['providers', 'providers'],
    ['xyz', undefined],
    ['', undefined],
    ['unreadStreamMilliseconds', undefined],
  ])('to `%s` is %s', (word, nearest) => {
    expect(nearestOf(word, ['providers', 'routes', 'interceptors', 'unreadStreamMs'])).toBe(nearest);
  });
});
