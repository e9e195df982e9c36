import { standIn, type ScriptedReply } from 'managed-llm/testing';

/** The wire formats that providers stream. */
export const wires = ['chat', 'responses', 'messages'] as const;
export type Wire = (typeof wires)[number];

/** What is answered: by the first target, and, in other words, by the second. */
export interface Shape {
  readonly name: string;
  readonly first: ScriptedReply;
  readonly second: ScriptedReply;
}

export const shapes: readonly Shape[] = [
  { name: 'text', first: { text: ['Grüß ', 'dich 👋🏽'] }, second: { text: ['From ', 'elsewhere'] } },
  {
    name: 'tools',
    first: {
      text: 'One moment.',
      toolCalls: [
        { name: 'look', arguments: { at: 'Köln', n: 1 } },
        { name: 'seek', arguments: {} },
      ],
    },
    second: { toolCalls: [{ name: 'hear', arguments: { of: 'elsewhere' } }] },
  },
  {
    name: 'reasoning',
    first: { reasoning: 'Hm, höm…', text: ['So ', 'be it.'] },
    second: { reasoning: 'Elsewhere one thinks', text: 'otherwise' },
  },
];

const requests: Readonly<Record<Wire, { readonly path: string; readonly body: object }>> = {
  chat: {
    path: '/v1/chat/completions',
    body: { stream_options: { include_usage: true }, messages: [{ role: 'user', content: 'Say it.' }] },
  },
  responses: { path: '/v1/responses', body: { input: 'Say it.' } },
  messages: {
    path: '/v1/messages',
    body: { max_tokens: 1_000, messages: [{ role: 'user', content: 'Say it.' }] },
  },
};

/** The stream of a provider, whole. */
export async function wireBytes(wire: Wire, reply: ScriptedReply): Promise<Uint8Array<ArrayBuffer>> {
  const provider = standIn();
  provider.next(reply);
  const { path, body } = requests[wire];
  const response = await provider.fetch(`https://provider.test${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer test', 'x-api-key': 'test' },
    body: JSON.stringify({ model: 'any', stream: true, ...body }),
  });
  return new Uint8Array(await response.arrayBuffer());
}
