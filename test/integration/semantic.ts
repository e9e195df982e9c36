import { cache, type CacheOptions, type SemanticOptions, type VectorStore } from 'managed-llm';
import type { OpenAI } from 'openai';
import { governed, type Governed, type TestOptions } from './governed.ts';

/** Tells meanings by their first words: what begins alike means the same, what shares nothing is far apart. */
const topics = ['capital', 'refund', 'weather'];
export function meaning(text: string): number[] {
  return topics.map((topic) => (text.includes(topic) ? 1 : 0.01));
}

export const norway = 'What is the capital of Norway?';
export const norwayAgain = 'Tell me the capital of Norway, please.';

/** A provider whose answers are numbered, behind a cache that compares questions; `asked`: what was embedded. */
export function compared(
  semantic: Partial<SemanticOptions> = {},
  options: CacheOptions = {},
  more: TestOptions = {},
) {
  const asked: string[] = [];
  const embed = (text: string): number[] => {
    asked.push(text);
    return meaning(text);
  };
  const answers = cache({ ...options, semantic: { embed, ...semantic } });
  const world = governed({ ...more, interceptors: [answers, ...(more.interceptors ?? [])] });
  let count = 0;
  world.provider.always(() => ({ text: `answer ${++count}` }));
  return { answers, world, asked };
}

type Asking = Pick<Governed['llm'], 'clients'>;
export type Turn = OpenAI.ChatCompletionMessageParam;

export async function askWith(
  world: Governed,
  messages: readonly Turn[],
  llm: Asking = world.llm,
): Promise<string> {
  const reply = await llm.clients.openai.chat.completions.create({ model: 'gpt', messages: [...messages] });
  await world.llm.idle();
  return reply.choices[0]?.message.content ?? '';
}

export const ask = (world: Governed, content: string, llm: Asking = world.llm) =>
  askWith(world, [{ role: 'user', content }], llm);

export const statuses = ({ receipts }: Governed) =>
  receipts.map(({ facts: { cache: fact } }) => fact && `${fact.kind} ${fact.status}`);
export const verdicts = ({ receipts }: Governed) => receipts.map(({ facts }) => facts.semantic?.verdict);

/** A store of vectors in which nothing is found. */
export function nowhere(): VectorStore {
  return { nearest: () => [], put: () => {}, delete: () => {} };
}
