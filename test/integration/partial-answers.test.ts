import { setImmediate as turn } from 'node:timers/promises';
import { ManagedLLMError, fallback, type Usage } from 'managed-llm';
import type { ScriptedReply } from 'managed-llm/testing';
import { describe, expect, test } from 'vitest';
import { governed, rejection, sdks, theOnlyCall, type Governed, type Sdk } from './governed.ts';
import { redactor } from './neutral.ts';

/** What the provider does to a stream after its second piece. */
const ways: Readonly<Record<string, { readonly script: ScriptedReply; readonly code: string }>> = {
  'the connection breaks': { script: { cutAfterEvents: 4 }, code: 'connection-failed' },
  'it ends without its end': { script: { endWithoutTerminal: true }, code: 'stream-cut' },
  'the provider reports an error': { script: { inBandError: { afterEvents: 4 } }, code: 'provider-failure' },
};

const helpers: Readonly<Record<Sdk['name'], (world: Governed, model: string) => Promise<unknown>>> = {
  openai: ({ llm }, model) =>
    llm.clients.openai.chat.completions
      .stream({ model, messages: [{ role: 'user', content: 'hello' }] })
      .finalChatCompletion(),
  anthropic: ({ llm }, model) =>
    llm.clients.anthropic.messages
      .stream({ model, max_tokens: 100, messages: [{ role: 'user', content: 'hello' }] })
      .finalMessage(),
};

async function read(stream: AsyncIterable<unknown>, items: unknown[]): Promise<unknown> {
  try {
    for await (const item of stream) items.push(item);
  } catch (error) {
    return error;
  }
  return expect.fail('it ended cleanly');
}

/** The text of what either SDK, or the neutral API, has given. */
function textOf(items: readonly unknown[]): string {
  return items
    .map((item) => {
      const { choices, delta, type, text } = item as {
        readonly choices?: readonly { readonly delta: { readonly content?: string } }[];
        readonly delta?: { readonly text?: string };
        readonly type?: string;
        readonly text?: string;
      };
      return choices?.[0]?.delta.content ?? delta?.text ?? (type === 'text-delta' ? text : undefined) ?? '';
    })
    .join('');
}

const said = { text: ['one ', 'two ', 'three '], usage: { inputTokens: 7, outputTokens: 3 } };

describe.each(sdks)('a stream through $name that fails after content', (sdk) => {
  const model = sdk.name === 'openai' ? 'gpt' : 'claude';

  test.each(Object.entries(ways))('tells what had come: %s', async (_how, { script, code }) => {
    const world = governed();
    world.provider.next({ ...said, ...script });
    const items: unknown[] = [];
    const error = await read(await sdk.stream(world.llm), items);
    const managed = ManagedLLMError.from(error);
    expect(managed?.code).toBe(code);
    expect(textOf(items)).toMatch(/^one /);
    expect(managed?.details['text']).toBe(textOf(items));
    const { receipt } = await theOnlyCall(world);
    expect(receipt.outcome).toBe('failed');
    // What was told by then; the receipt estimates the rest.
    const told = managed?.details['usage'] as Usage | undefined;
    expect(told?.provenance ?? 'reported').toBe('reported');
    const { outputTokens, ...input } = receipt.usage ?? {};
    expect(input).toMatchObject({ ...told, provenance: 'estimated' });
    expect(outputTokens).toBeGreaterThan(0);
    // What was said is told to whoever caught the error, and stands in no message and in no receipt.
    expect(`${String(error)} ${String(managed)} ${JSON.stringify(receipt)}`).not.toContain('one ');
  });

  test.each(Object.entries(ways))(
    'tells it through the SDK’s own helper too: %s',
    async (_how, { script, code }) => {
      const world = governed();
      world.provider.next({ ...said, ...script });
      const managed = ManagedLLMError.from(await rejection(helpers[sdk.name](world, model)));
      expect(managed?.code).toBe(code);
      expect(managed?.details['text']).toMatch(/^one /);
      expect((await theOnlyCall(world)).receipt.outcome).toBe('failed');
    },
  );

  test.each(Object.entries(ways))(
    'tells it on the error of a neutral stream: %s',
    async (_how, { script, code }) => {
      const world = governed();
      world.provider.next({ ...said, ...script });
      const items: unknown[] = [];
      const error = await read(world.llm.stream({ model: `${sdk.name}/${model}`, messages: 'hello' }), items);
      expect(error).toMatchObject({ name: 'ManagedLLMError', code, details: { text: textOf(items) } });
      expect(textOf(items)).toMatch(/^one /);
      expect((await theOnlyCall(world)).receipt.outcome).toBe('failed');
    },
  );

  test('tells it, too, where the target before had failed', async () => {
    const world = governed({ routes: { smart: fallback('backup/gpt', `${sdk.name}/${model}`) } });
    world.provider.next({ status: 500 }, { ...said, cutAfterEvents: 4 });
    const items: unknown[] = [];
    const error = await read(await sdk.stream(world.llm, {}, 'smart'), items);
    const managed = ManagedLLMError.from(error);
    expect(managed?.details).toMatchObject({ text: textOf(items), failures: [{ status: 500 }, {}] });
    expect(textOf(items)).toMatch(/^one /);
  });

  test('tells no more than the reader was shown', async () => {
    const world = governed({ interceptors: [redactor] });
    world.provider.next({ text: ['a secret ', 'and more '], endWithoutTerminal: true });
    const items: unknown[] = [];
    const error = await read(await sdk.stream(world.llm), items);
    const told = ManagedLLMError.from(error)?.details['text'];
    expect(told).toBe(textOf(items));
    expect(told).not.toContain('secret');
  });

  test('is let go of, with its response, once its error is', async () => {
    const world = governed();
    const responses: WeakRef<Response>[] = [];
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const response = await world.provider.fetch(input, init);
      responses.push(new WeakRef(response));
      return response;
    };
    const { openai, anthropic } = world.llm.clients;
    const clients = { openai: openai.withOptions({ fetch }), anthropic: anthropic.withOptions({ fetch }) };
    world.provider.always({ ...said, endWithoutTerminal: true });
    for (let count = 0; count < 20; count++) await read(await sdk.stream({ clients }), []);
    await world.llm.idle();
    // Whoever keeps an error keeps what its stack leads to.
    world.settlements.length = 0;
    const isHeld = (response: WeakRef<Response>): boolean => response.deref() !== undefined;
    for (let round = 0; round < 50 && responses.some(isHeld); round++) {
      await turn();
      globalThis.gc?.();
    }
    expect(responses).toHaveLength(20);
    // The last may still lie on a stack.
    expect(responses.filter(isHeld).length).toBeLessThan(3);
  });

  test('keeps nothing for an error before anything was read', async () => {
    const world = governed();
    world.provider.next({ status: 400 });
    expect(ManagedLLMError.from(await rejection(sdk.stream(world.llm)))?.details['text']).toBeUndefined();
  });
});
