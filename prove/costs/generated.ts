import type { MatchLogic, ModelInfo, Provider } from '@pydantic/genai-prices';
import { costOf, type Usage } from 'managed-llm';
import type { ProofContext } from '../proof.ts';
import { seeded } from '../availability/random.ts';
import { Tally } from './tally.ts';
import { providers, theirCost, theirUsage } from './their-price.ts';

const noon = Date.UTC(2026, 10, 23, 12);
const dayMs = 86_400_000;

/** Random usages on every model that the installed data lists, at random times of two years. */
export async function compareGenerated({ small, seed }: ProofContext): Promise<Tally> {
  const tally = new Tally();
  const random = seeded(seed);
  for (const provider of providers) {
    for (const model of provider.models) {
      const id = askableId(provider, model);
      if (id === undefined) {
        tally.unaskable += 1;
        continue;
      }
      for (let count = 0; count < (small ? 4 : 60); count += 1) {
        const usage = randomUsage(random, provider.id);
        const at = noon - Math.floor(random() * 730 * dayMs);
        const name = `${provider.id}/${id}`;
        const ours = await costOf(usage, name, { at });
        const theirs = theirCost(theirUsage(usage), provider, id, at);
        await tally.add({ what: name, usage, model: name, at, ours, theirs });
      }
    }
  }
  return tally;
}

/** An id by which it finds the model itself: some of its own ids are only labels. */
function askableId(provider: Provider, model: ModelInfo): string | undefined {
  return [model.id, ...equalsIn(model.match)].find(
    (id) =>
      typeof theirCost({ input_tokens: 1, output_tokens: 1 }, provider, id, noon) === 'number' &&
      isFirst(provider, model, id),
  );
}

/** Another model may be found by an id before the one that has it. */
function isFirst(provider: Provider, model: ModelInfo, id: string): boolean {
  return provider.models.every(
    (other) => other === model || (other.id !== id && !equalsIn(other.match).includes(id)),
  );
}

function equalsIn(match: MatchLogic): readonly string[] {
  if ('equals' in match) return [match.equals];
  return 'or' in match ? match.or.flatMap(equalsIn) : [];
}

/** Consistent in itself, of a size that is as often short as beyond every tier. */
function randomUsage(random: () => number, provider: string): Usage {
  const upTo = (most: number): number => Math.floor(random() * (most + 1));
  const oneIn = (count: number): boolean => random() * count < 1;
  const inputTokens = upTo([2_000, 120_000, 300_000, 1_000_000][upTo(3)] ?? 0);
  const outputTokens = upTo(4_000);
  const hasSound = oneIn(20);
  const cachedInputTokens = hasSound || oneIn(2) ? 0 : upTo(inputTokens);
  const written = hasSound || oneIn(2) ? 0 : upTo(inputTokens - cachedInputTokens);
  const forAnHour = upTo(written);
  return {
    inputTokens,
    outputTokens,
    ...(cachedInputTokens > 0 ? { cachedInputTokens } : {}),
    ...(written > 0 ? { cacheWriteTokens: written } : {}),
    ...(written > 0 && provider === 'anthropic'
      ? {
          cacheWriteTokensByTtl: {
            ephemeral_5m_input_tokens: written - forAnHour,
            ephemeral_1h_input_tokens: forAnHour,
          },
        }
      : {}),
    ...(hasSound ? { audioInputTokens: upTo(inputTokens), audioOutputTokens: upTo(outputTokens) } : {}),
    ...(!hasSound && oneIn(2) ? { reasoningTokens: upTo(outputTokens) } : {}),
    ...(oneIn(20) ? { serverToolRequests: { web_search_requests: upTo(5) } } : {}),
    ...(oneIn(provider === 'openai' ? 4 : 100) ? { serviceTier: oneIn(2) ? 'priority' : 'flex' } : {}),
    ...(oneIn(provider === 'anthropic' ? 4 : 100) ? { inferenceGeo: 'us' } : {}),
    provenance: 'reported',
  };
}
