import { objectOf, textOf, type JsonObject } from './json.ts';
import type { StandInError } from './provider-error.ts';

const maxRemembered = 10_000;

/** What the provider holds of conversations between requests: enough to count their tokens and to know them again. */
export class Conversations {
  readonly #tokens = new Map<string, number>();
  readonly #threads: boolean;

  /** @param threads Whether Anthropic message threads are held. */
  constructor(threads: boolean) {
    this.#threads = threads;
  }

  /** Tokens of the turns that the request leaves to the provider, or why it cannot be continued. */
  earlierTokens(body: JsonObject): number | StandInError {
    const previousResponse = body['previous_response_id'];
    if (typeof previousResponse === 'string') {
      return (
        this.#tokens.get(previousResponse) ?? {
          message: `Previous response with id '${previousResponse}' not found.`,
          type: 'invalid_request_error',
          code: 'previous_response_not_found',
          param: 'previous_response_id',
        }
      );
    }
    const thread = objectOf(body['thread']);
    if (!('type' in thread)) return 0;
    if (!this.#threads) {
      return {
        message: 'thread: this request cannot be threaded.',
        details: { error_code: 'thread_unsupported_request', unsupported: ['thread'] },
      };
    }
    if (thread['type'] !== 'continue') return 0;
    return (
      this.#tokens.get(textOf(thread['previous_message_id'])) ?? {
        message: 'thread: the previous message is not known.',
        details: { error_code: 'thread_not_found' },
      }
    );
  }

  remember(id: string, tokens: number): void {
    this.#tokens.set(id, tokens);
    const [oldest] = this.#tokens.keys();
    if (this.#tokens.size > maxRemembered && oldest !== undefined) this.#tokens.delete(oldest);
  }

  clear(): void {
    this.#tokens.clear();
  }
}
