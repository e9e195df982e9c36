import type { Host } from '../core/interceptor.ts';
import { isOlder } from '../core/is-older.ts';
import type { ErrorCode } from '../errors/codes.ts';
import { ManagedLLMError } from '../errors/managed-llm-error.ts';

const tellEveryMs = 60_000;

/** Tells of what goes wrong with calls, each kind once a minute: what goes wrong with one does with very many. Never throws. */
export class CallFaults {
  readonly #host: Pick<Host, 'clock' | 'report'>;
  readonly #owner: string;
  readonly #toldAt = new Map<ErrorCode, number>();

  /** @param owner whose calls they are: ``the canary `next` `` */
  constructor(host: Pick<Host, 'clock' | 'report'>, owner: string) {
    this.#host = host;
    this.#owner = owner;
  }

  /** @param became what became of such calls, in words */
  tell(thrown: unknown, became: string): void {
    const isOurs = ManagedLLMError.isInstance(thrown);
    const code = isOurs ? thrown.code : 'interceptor-fault';
    const now = this.#host.clock.now();
    if (!isOlder(this.#toldAt.get(code) ?? -Infinity, now, tellEveryMs)) return;
    this.#toldAt.set(code, now);
    // What others say may quote a prompt: it is told as the cause alone.
    const said = isOurs ? thrown.message : 'A fault was caught.';
    const message = `In ${this.#owner}: ${said} Such calls ${became}. Told once a minute.`;
    this.#host.report(new ManagedLLMError({ code, message, cause: thrown }), this.#owner);
  }
}
