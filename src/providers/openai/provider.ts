import type { Dialect } from '../../core/dialect.ts';
import type { Provider, ProviderRequest, Quirks } from '../../core/provider.ts';
import { capture, captured, responseSlot, type ResponseSlot } from '../captured-response.ts';
import { liftedTimeoutMs } from '../carried-options.ts';
import { copyWith } from './copy.ts';
import type { CarriedInit, OpenAIClient } from './govern.ts';

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
  #sender: OpenAIClient | undefined;

  constructor(name: string, client: OpenAIClient, quirks: Quirks, slashIds: boolean) {
    this.name = name;
    this.quirks = quirks;
    this.slashIds = slashIds;
    this.#client = client;
  }

  speaks(dialect: Dialect): boolean {
    return dialects.has(dialect.id);
  }

  async post({ path, body, stream, headers, signal }: ProviderRequest): Promise<Response> {
    this.#sender ??= sender(this.#client);
    const slot: ResponseSlot = { response: undefined };
    await this.#sender
      .post(path, {
        body,
        stream,
        headers: Object.fromEntries(headers),
        signal,
        timeout: liftedTimeoutMs,
        fetchOptions: { [responseSlot]: slot },
      })
      .asResponse();
    return captured(slot);
  }
}

function sender(client: OpenAIClient): OpenAIClient {
  const inner = client.fetch;
  return copyWith(client, {
    maxRetries: 0,
    fetch: async (input: string | URL | Request, init?: CarriedInit & { [responseSlot]?: ResponseSlot }) => {
      const slot = init?.[responseSlot];
      if (init === undefined || slot === undefined) return inner(input, init);
      const { [responseSlot]: _, ...rest } = init;
      if (rest.headers instanceof Headers) rest.headers.delete('x-stainless-timeout');
      return capture(slot, await inner(input, rest));
    },
  });
}
