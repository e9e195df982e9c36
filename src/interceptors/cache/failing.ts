import type { Host } from '../../core/interceptor.ts';

/** What fails at present. Each is reported once, until it works again. */
export class Failing<What extends string> {
  readonly #host: Pick<Host, 'report'>;
  readonly #context: string;
  readonly #reported = new Set<What>();
  readonly #known = new WeakSet<object>();

  /** @param context who goes on without, for the report */
  constructor(host: Pick<Host, 'report'>, context: string) {
    this.#host = host;
    this.#context = context;
  }

  /** What one failure has led to is no other. */
  failed(what: What, thrown: unknown): void {
    const isObject = typeof thrown === 'object' && thrown !== null;
    const isKnown = this.#reported.has(what) || (isObject && this.#known.has(thrown));
    if (!isKnown) this.#host.report(thrown, this.#context);
    if (isObject) this.#known.add(thrown);
    this.#reported.add(what);
  }

  works(what: What): void {
    this.#reported.delete(what);
  }
}
