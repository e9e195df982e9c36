import Anthropic from '@anthropic-ai/sdk';
import { answer, question } from './question.ts';
import { Tally } from './tally.ts';

/** Marks the requests of this application, for whoever counts them. */
export const bareMark = 'x-bare';

/** An application on the SDK as it comes: two repeats, and ten minutes of patience. */
export class BareApplication {
  readonly tally = new Tally();
  readonly #stopped = new AbortController();
  readonly #messages: Anthropic['messages'];

  constructor(baseURL: string) {
    const client = new Anthropic({ baseURL, apiKey: 'none', defaultHeaders: { [bareMark]: 'yes' } });
    this.#messages = client.messages;
  }

  /** Twice, as the governed one does. */
  ask(): void {
    const request = { ...question, model: 'claude-haiku-5-5' };
    for (let times = 0; times < 2; times += 1) {
      const stream = this.#messages.stream(request, { signal: this.#stopped.signal });
      this.tally.count(stream.finalText(), answer);
    }
  }

  /** Gives up what still waits. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.tally.idle();
  }
}
