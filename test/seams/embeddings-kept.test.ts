import { cache, ManagedLLM } from 'managed-llm';
import { standIn } from 'managed-llm/testing';
import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';

function governed() {
  const provider = standIn();
  const client = new OpenAI({ apiKey: 'test', fetch: provider.fetch });
  return { provider, llm: new ManagedLLM({ providers: { openai: client }, interceptors: [cache()] }) };
}

const model = 'text-embedding-3-small';

// Some versions of the SDK decode vectors in the very answer that they were given.
describe('vectors that are kept', () => {
  test.each(['as base64', 'as numbers'])(
    'are those that came, whatever the SDK makes of them: %s',
    async (form) => {
      const { provider, llm } = governed();
      const format = form === 'as numbers' ? ({ encoding_format: 'float' } as const) : {};
      const ask = async (input: string[]) => {
        const { data } = await llm.clients.openai.embeddings.create({ model, input, ...format });
        await llm.idle();
        return data.map(({ embedding }) => Array.from(embedding));
      };
      const first = await ask(['red', 'green']);
      expect(first[0]).toHaveLength(1_536);
      expect(await ask(['green', 'red'])).toEqual([first[1], first[0]]);
      const [, blue, red] = await ask(['green', 'blue', 'red']);
      expect(red).toEqual(first[0]);
      expect(await ask(['blue'])).toEqual([blue]);
      expect(provider.requests.map(({ body }) => (body as { input: unknown }).input)).toEqual([
        ['red', 'green'],
        ['blue'],
      ]);
    },
  );

  test('are not written to by who gets them first', async () => {
    const { llm } = governed();
    const ask = async () => {
      const response = await llm.fetch('openai')('https://api.openai.com/v1/embeddings', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model, input: 'red' }),
      });
      return (await response.json()) as { data: { embedding: number[] }[] };
    };
    const first = await ask();
    const [vector] = structuredClone(first.data);
    first.data[0]?.embedding.fill(999);
    await llm.idle();
    expect((await ask()).data[0]?.embedding).toEqual(vector?.embedding);
  });
});
