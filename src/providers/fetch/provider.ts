import type { Dialect } from '../../core/dialect.ts';
import type { Provider, Quirks } from '../../core/provider.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';

/** A label for calls of other SDKs, made through `llm.fetch(name)`: URL and key are theirs, so nothing else can be sent there. */
export class ForeignProvider implements Provider {
  readonly name: string;
  readonly quirks: Quirks;
  readonly slashIds: boolean;
  readonly onUnsupported = undefined;

  constructor(name: string, quirks: Quirks, slashIds: boolean) {
    this.name = name;
    this.quirks = quirks;
    this.slashIds = slashIds;
  }

  dialectFor(dialect: Dialect): Dialect {
    return dialect;
  }

  serving(): this {
    return this;
  }

  post(): Promise<Response> {
    throw new ManagedLLMError({
      code: 'unsupported',
      message: `\`${this.name}\` is declared as \`foreign()\`: it has no client of its own to send this request with.`,
    });
  }
}
