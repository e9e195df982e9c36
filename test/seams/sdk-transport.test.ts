import Anthropic from '@anthropic-ai/sdk';
import { Anthropic as OldestAnthropic } from 'anthropic-oldest';
import OpenAI from 'openai';
import { OpenAI as OldestOpenAI } from 'openai-oldest';
import { describe, expect, test } from 'vitest';

// What the seams rely on beside the SDKs' resources: docs/decisions/003-the-sdks-own-transport-step.md.
const fetchOf = (client: object): unknown => Reflect.get(client, 'fetch');

const clients: readonly (readonly [string, (fetch: typeof globalThis.fetch) => OpenAI | Anthropic])[] = [
  ['openai, newest', (fetch) => new OpenAI({ apiKey: 'test', fetch })],
  ['openai, oldest', (fetch) => new OldestOpenAI({ apiKey: 'test', fetch }) as unknown as OpenAI],
  ['anthropic, newest', (fetch) => new Anthropic({ apiKey: 'test', fetch })],
  ['anthropic, oldest', (fetch) => new OldestAnthropic({ apiKey: 'test', fetch }) as unknown as Anthropic],
];

describe.each(clients)('%s', (_, make) => {
  test('keeps the fetch it was given in its `fetch` property, the very same function', () => {
    const given: typeof fetch = async () => Response.json({});
    expect(fetchOf(make(given))).toBe(given);
  });

  test('replaces it by the fetch of `withOptions`, and sends through that alone', async () => {
    const asked: string[] = [];
    const first: typeof fetch = async () => (asked.push('first'), Response.json({ data: [] }));
    const second: typeof fetch = async () => (asked.push('second'), Response.json({ data: [] }));
    const copy = make(first).withOptions({ fetch: second });
    expect(fetchOf(copy)).toBe(second);
    await copy.models.list();
    expect(asked).toEqual(['second']);
  });

  test('hands every built request to `fetchWithTimeout` of the client itself, with the controller that stops it', async () => {
    const client = make(async () => Response.json({ data: [] }));
    const seen: unknown[][] = [];
    const inherited = Reflect.get(client, 'fetchWithTimeout') as (...args: unknown[]) => Promise<Response>;
    Object.defineProperty(client, 'fetchWithTimeout', {
      value: (...args: unknown[]) => {
        seen.push(args);
        return inherited.apply(client, args);
      },
    });

    await client.post('/x', { body: { a: 1 }, fetchOptions: { [mark]: 1 }, [mark]: 2 } as object);

    expect(seen).toHaveLength(1);
    const [url, init, timeoutMs, controller, options] = seen[0] ?? [];
    expect(String(url)).toMatch(/\/x$/);
    expect(init).toMatchObject({ body: '{"a":1}' });
    expect(timeoutMs).toBe(600_000);
    expect(controller).toBeInstanceOf(AbortController);
    // How what the caller said comes through: on `init` in one SDK, on the options in the other.
    expect(client instanceof OpenAI || client instanceof OldestOpenAI ? read(init) : read(options)).toBe(
      client instanceof OpenAI || client instanceof OldestOpenAI ? 1 : 2,
    );
  });

  test('wraps what that step rejects with as it does a failed connection', async () => {
    const client = make(async () => Response.json({}));
    Object.defineProperty(client, 'fetchWithTimeout', {
      value: () => Promise.reject(new Error('no line')),
    });
    const failure = await client.post('/x', { maxRetries: 0 }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(String((failure as Error).cause)).toBe('Error: no line');
  });
});

const mark = Symbol('mark');

function read(holder: unknown): unknown {
  return (holder as { readonly [mark]?: unknown } | undefined)?.[mark];
}
