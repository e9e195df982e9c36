import type { Dialect } from '../../core/dialect.ts';
import type { Provider, ProviderRequest, Quirks } from '../../core/provider.ts';
import type { OpenAIClient } from './govern.ts';
import { sendAnew, stainlessRows } from './send-anew.ts';

const dialects: ReadonlySet<string> = new Set([
  'openai-chat',
  'openai-responses',
  'openai-embeddings',
  'passthrough',
]);

/** An `openai` client as a provider: other clients' calls are sent through it. */
export class OpenAIProvider implements Provider {
  readonly name: string;
  readonly quirks: Quirks;
  readonly slashIds: boolean;
  readonly #client: OpenAIClient;

  constructor(name: string, client: OpenAIClient, quirks: Quirks, slashIds: boolean) {
    this.name = name;
    this.quirks = quirks;
    this.slashIds = slashIds;
    this.#client = client;
  }

  speaks(dialect: Dialect): boolean {
    return dialects.has(dialect.id);
  }

  post({ path, body, stream, headers, signal }: ProviderRequest): Promise<Response> {
    const rows = [...headers, ...stainlessRows(undefined, 0)];
    return sendAnew(this.#client, path, { body, stream, signal, headers: rows });
  }
}
