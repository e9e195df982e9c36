import Anthropic from '@anthropic-ai/sdk';
import { Anthropic as OldestAnthropic } from 'anthropic-oldest';
import OpenAI from 'openai';
import { OpenAI as OldestOpenAI } from 'openai-oldest';
import { describe, expect, test } from 'vitest';

// The one private member of an SDK that the seams rely on: docs/decisions/003-private-fetch.md.
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
});
