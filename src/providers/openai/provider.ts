import type { Dialect } from '../../core/dialect.ts';
import type { OnUnsupported, Provider, ProviderRequest, Quirks } from '../../core/provider.ts';
import { openaiChat } from '../../dialects/index.ts';
import type { ProviderSettings } from '../provider-settings.ts';
import type { OpenAIClient } from './govern.ts';
import { sendAnew, stainlessRows } from './send-anew.ts';

/** An `openai` client as a provider: other clients' calls are sent through it. */
export class OpenAIProvider implements Provider {
  readonly name: string;
  readonly quirks: Quirks;
  readonly slashIds: boolean;
  readonly onUnsupported: OnUnsupported | undefined;
  readonly #client: OpenAIClient;

  constructor(name: string, client: OpenAIClient, { quirks, slashIds, onUnsupported }: ProviderSettings) {
    this.name = name;
    this.quirks = quirks;
    this.slashIds = slashIds;
    this.onUnsupported = onUnsupported;
    this.#client = client;
  }

  get origin(): string {
    return this.#client.baseURL;
  }

  dialectFor(dialect: Dialect): Dialect | undefined {
    switch (dialect.id) {
      case 'openai-chat':
      case 'openai-embeddings':
      case 'passthrough':
        return dialect;
      case 'openai-responses':
        return this.quirks.responsesApi === false ? openaiChat : dialect;
      case 'anthropic-messages':
      case 'neutral':
        return openaiChat;
      default:
        return dialect.id satisfies never;
    }
  }

  serving(): this {
    return this;
  }

  post({ path, body, stream, headers, signal, retryCount }: ProviderRequest): Promise<Response> {
    const rows = [...headers, ...stainlessRows(undefined, retryCount)];
    return sendAnew(this.#client, path, { body, stream, signal, headers: rows });
  }
}
