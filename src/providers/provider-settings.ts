import type { OnUnsupported, Quirks } from '../core/provider.ts';

/** What was said of a provider where it was given, defaults filled in. */
export interface ProviderSettings {
  readonly quirks: Quirks;
  readonly slashIds: boolean;
  readonly onUnsupported: OnUnsupported | undefined;
}
