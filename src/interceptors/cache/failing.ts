import type { Host } from '../../core/interceptor.ts';

/** What fails at present. Each is reported once, until it works again. */
export class Failing<What extends string> {
  readonly #host: Pick<Host, 'report'>;
  readonly #context: string;
  readonly #reported = new Set<What>();

  /** @param context who goes on without, for the report */
  constructor(host: Pick<Host, 'report'>, context: string) {
    this.#host = host;
    this.#context = context;
  }

  failed(what: What, thrown: unknown): void {
    if (!this.#reported.has(what)) this.#host.report(thrown, this.#context);
    this.#reported.add(what);
  }

  works(what: What): void {
    this.#reported.delete(what);
  }
}
