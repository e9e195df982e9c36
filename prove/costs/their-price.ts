import { calcPrice, extractUsage, findProvider, waitForUpdate, type Provider } from '@pydantic/genai-prices';
import type { Usage } from 'managed-llm';

type Counts = Readonly<Record<string, number>>;

/** The price data itself, which the package loads as well. */
export const providers: readonly Provider[] = (await waitForUpdate()) ?? [];

/** The provider that it takes an address for. */
export function theirProvider(url: string): Provider | undefined {
  return findProvider({ providerApiUrl: url });
}

/** Usage in its words. It counts as we do: cached tokens are part of the input. */
export function theirUsage(usage: Usage): Counts {
  const { cacheWriteTokensByTtl: ttl = {}, serverToolRequests: tools = {} } = usage;
  const named = Object.values(ttl).reduce((sum, count) => sum + count, 0);
  return counted({
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    cache_read_tokens: usage.cachedInputTokens,
    cache_write_tokens: usage.cacheWriteTokens ?? (named > 0 ? named : undefined),
    cache_write_5m_tokens: ttl['ephemeral_5m_input_tokens'],
    cache_write_1h_tokens: ttl['ephemeral_1h_input_tokens'],
    input_audio_tokens: usage.audioInputTokens,
    input_image_tokens: usage.imageInputTokens,
    output_audio_tokens: usage.audioOutputTokens,
    output_image_tokens: usage.imageOutputTokens,
    output_reasoning_tokens: usage.reasoningTokens,
    web_searches: tools['web_search_requests'],
    storage_searches: tools['file_search_requests'],
  });
}

/** What it makes of usage, in nano-USD; `undefined` where it has no price, a text where it refuses. */
export function theirCost(
  usage: Counts,
  provider: Provider,
  model: string,
  at: number,
): number | string | undefined {
  try {
    const price = calcPrice(usage, model, { provider, timestamp: new Date(at) });
    return price === null ? undefined : price.total_price * 1e9;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The usage that it finds by itself in a recorded body, by the first of its ways to read one that finds any. */
export function theirReading(provider: Provider, body: unknown): Counts | undefined {
  for (const { api_flavor: flavor } of provider.extractors ?? []) {
    try {
      return counted(extractUsage(provider, body, flavor).usage);
    } catch {
      // Another way may fit.
    }
  }
  return undefined;
}

/** Equal but for the rounding to whole nano-USD, and for what a double cannot hold of their product. */
export function isSame(ours: number, theirs: number): boolean {
  return Math.abs(ours - theirs) <= 0.5 + 1e-6 + Math.abs(theirs) * 1e-12;
}

function counted(all: Readonly<Record<string, number | undefined>>): Counts {
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
}
