import type { Provider } from '../core/provider.ts';
import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import { governAnthropic, type AnthropicClient } from './anthropic/govern.ts';
import { AnthropicProvider } from './anthropic/provider.ts';
import { isGoverned } from './carried-options.ts';
import { hasSlashIds, type ProviderClient, type ProviderOptions } from './declaration.ts';
import type { ProviderSettings } from './provider-settings.ts';
import { quirksOf } from './quirks.ts';
import { copyWith } from './openai/copy.ts';
import { governOpenAI, type OpenAIClient } from './openai/govern.ts';
import { OpenAIProvider } from './openai/provider.ts';
import type { Seam } from './seam.ts';

/** What we can do with a client, whichever SDK it is from. */
export interface Connector {
  readonly provider: Provider;
  /** A governed client of the same class. */
  govern(seam: Seam): ProviderClient;
  /** The client's own way to the network, for `llm.fetch`. */
  readonly fetch: typeof fetch;
}

/** Recognizes a client by its shape, so that neither SDK is imported. */
export function connect(name: string, client: unknown, options: ProviderOptions): Connector {
  const settings = (slashIds: boolean): ProviderSettings => ({
    quirks: quirksOf(options.quirks),
    slashIds: options.slashIds ?? slashIds,
    onUnsupported: options.onUnsupported,
  });
  if (isGoverned(client)) {
    throw new ManagedLLMError({
      code: 'invalid-options',
      message: `\`providers.${name}\` is governed by another ManagedLLM already. Give the client that it was made from.`,
      details: { path: `providers.${name}` },
    });
  }
  if (isAnthropic(client)) {
    return {
      provider: new AnthropicProvider(name, client, settings(false)),
      govern: (seam) => governAnthropic(client, seam),
      fetch: innerFetch(client),
    };
  }
  if (isOpenAI(client)) {
    // A client that cannot be governed is refused here, not at its first use.
    copyWith(client, { fetch: client.fetch });
    return {
      provider: new OpenAIProvider(name, client, settings(hasSlashIds(client.baseURL))),
      govern: (seam) => governOpenAI(client, seam),
      fetch: innerFetch(client),
    };
  }
  throw new ManagedLLMError({
    code: 'invalid-options',
    message:
      `\`providers.${name}\` is no client of \`openai\` or \`@anthropic-ai/sdk\`. Give a client, \`provider(client, …)\`, ` +
      '`foreign()`, or a function that returns a client.',
    details: { path: `providers.${name}` },
  });
}

function innerFetch(client: OpenAIClient | AnthropicClient): typeof fetch {
  return (client as OpenAIClient).fetch as typeof fetch;
}

function isClient(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'withOptions' in value &&
    typeof value.withOptions === 'function' &&
    'request' in value &&
    typeof value.request === 'function' &&
    'fetchWithTimeout' in value &&
    typeof value.fetchWithTimeout === 'function'
  );
}

function isAnthropic(value: unknown): value is AnthropicClient {
  return isClient(value) && 'messages' in value && Array.isArray(value['middleware']);
}

function isOpenAI(value: unknown): value is OpenAIClient {
  return isClient(value) && 'chat' in value && typeof value['fetch'] === 'function';
}
