import type { Dialect } from '../../core/dialect.ts';
import type { OnUnsupported, Provider, ProviderRequest, Quirks } from '../../core/provider.ts';
import { anthropicMessages } from '../../dialects/index.ts';
import type { ProviderSettings } from '../provider-settings.ts';
import { captured, capturing, responseSlot, type ResponseSlot } from '../captured-response.ts';
import { liftedTimeoutMs } from '../carried-options.ts';
import type { AnthropicClient, MiddlewareRequest } from './govern.ts';

/** An Anthropic client as a provider: other clients' calls are sent through it. */
export class AnthropicProvider implements Provider {
  readonly name: string;
  readonly quirks: Quirks;
  readonly slashIds: boolean;
  readonly onUnsupported: OnUnsupported | undefined;
  readonly #client: AnthropicClient;
  #sender: AnthropicClient | undefined;

  constructor(name: string, client: AnthropicClient, { quirks, slashIds, onUnsupported }: ProviderSettings) {
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
    if (dialect.id === 'passthrough') return dialect;
    return dialect.operation === 'chat' ? anthropicMessages : undefined;
  }

  serving(): this {
    return this;
  }

  post({ path, body, stream, headers, signal, retryCount }: ProviderRequest): Promise<Response> {
    this.#sender ??= sender(this.#client);
    const slot: ResponseSlot = { response: undefined };
    const sending = this.#sender.post(path, {
      body,
      stream,
      headers: { ...Object.fromEntries(headers), 'x-stainless-retry-count': String(retryCount) },
      signal,
      timeout: liftedTimeoutMs,
      [responseSlot]: slot,
    });
    return captured(slot, sending.asResponse());
  }
}

type Sending = { readonly options?: { readonly [responseSlot]?: ResponseSlot } };

function sender(client: AnthropicClient): AnthropicClient {
  const outermost = async (
    request: MiddlewareRequest,
    next: (request: MiddlewareRequest) => Promise<Response>,
    context: Sending,
  ): Promise<Response> => {
    const slot = context.options?.[responseSlot];
    if (slot === undefined) return next(request);
    request.headers.set('x-stainless-timeout', String(Math.trunc(client.timeout / 1000)));
    return capturing(slot, () => next(request));
  };
  return client.withOptions({
    maxRetries: 0,
    middleware: [outermost, ...client.middleware],
  }) as AnthropicClient;
}
