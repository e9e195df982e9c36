import { cache, ManagedLLM, type VectorStore } from 'managed-llm';
import { standIn } from 'managed-llm/testing';
import OpenAI from 'openai';
import type { DifferenceKind, QuestionPair } from './question-pair.ts';

/** What became of a pair of which the one was answered, and the other asked. */
export interface Judged {
  readonly kind: DifferenceKind;
  /** Whether the other was given the answer to the one. */
  readonly isGiven: boolean;
  /** Of the call that asked the other, with the gate and without. */
  readonly ms: number;
  readonly msWithout: number;
}

/** Asks both questions of every pair, as a user of the package, where every two questions mean the same. */
export async function judge(pairs: readonly QuestionPair[]): Promise<readonly Judged[]> {
  const [gated, ungated] = [asking(true), asking(false)];
  const judged: Judged[] = [];
  for (const [index, pair] of pairs.entries()) {
    const { verdict, ms } = await gated.ask(pair, `pair-${index}`);
    const without = await ungated.ask(pair, `pair-${index}`);
    if (without.verdict !== 'given' || (verdict !== 'given' && verdict !== 'differs'))
      throw new Error(`Pair ${index} was not compared: ${verdict}, without the gate ${without.verdict}.`);
    judged.push({ kind: pair.kind, isGiven: verdict === 'given', ms, msWithout: without.ms });
  }
  await Promise.all([gated.llm.close(), ungated.llm.close()]);
  return judged;
}

function asking(gate: boolean) {
  const llm = new ManagedLLM({
    providers: { openai: new OpenAI({ apiKey: 'none', fetch: standIn().fetch }) },
    interceptors: [cache({ semantic: { embed: () => [1, 0], vectors: equalVectors(), gate } })],
  });
  let verdict: string | undefined;
  llm.on('call:end', ({ facts }) => {
    verdict = facts.semantic?.verdict;
  });
  const askOne = async (content: string, tenant: string): Promise<void> => {
    const messages = [{ role: 'user' as const, content }];
    await llm.with({ tenant }).clients.openai.chat.completions.create({ model: 'm', messages });
    await llm.idle();
  };
  const ask = async ({ one, other }: QuestionPair, tenant: string) => {
    await askOne(one, tenant);
    const startedAt = performance.now();
    await askOne(other, tenant);
    return { verdict, ms: performance.now() - startedAt };
  };
  return { llm, ask };
}

/** To which every vector is as near as can be. */
function equalVectors(): VectorStore {
  const groups = new Map<string, Set<string>>();
  return {
    nearest: (group, _vector, count) =>
      [...(groups.get(group) ?? [])].slice(0, count).map((id) => ({ id, similarity: 1 })),
    put(group, id) {
      groups.set(group, (groups.get(group) ?? new Set()).add(id));
    },
    delete(group, id) {
      groups.get(group)?.delete(id);
    },
  };
}
