/** Each SDK's own provider, and one more that is compatible with OpenAI. */
export const providerNames = ['openai', 'anthropic', 'spare'] as const;

export type ProviderName = (typeof providerNames)[number];

export type ByProvider<T> = Readonly<Record<ProviderName, T>>;

export function byProvider<T>(make: (name: ProviderName) => T): ByProvider<T> {
  return { openai: make('openai'), anthropic: make('anthropic'), spare: make('spare') };
}

export function sumOver(of: ByProvider<number>): number {
  return providerNames.reduce((sum, name) => sum + of[name], 0);
}
