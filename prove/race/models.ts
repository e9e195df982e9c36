import type { Provider } from './plan.ts';

/** A model of each provider, one that is ten times as dear, and one that is asked beside the first. USD per million tokens. */
const prices = {
  small: { inputUsdPerMTok: 0.5, outputUsdPerMTok: 4 },
  twin: { inputUsdPerMTok: 0.5, outputUsdPerMTok: 4 },
  large: { inputUsdPerMTok: 5, outputUsdPerMTok: 40 },
} as const;

/** What models of each provider are called by. */
export const families = { openai: 'gpt', anthropic: 'claude' } as const satisfies Record<Provider, string>;

type Role = keyof typeof prices;

/** `openai/gpt-small`. */
export function targetOf(provider: Provider, role: Role) {
  return `${provider}/${families[provider]}-${role}` as const;
}

/** For the stand-in: by model. */
export const pricesOfModels = Object.fromEntries(
  Object.values(families).flatMap((family) =>
    Object.entries(prices).map(([role, price]) => [`${family}-${role}`, price]),
  ),
);

/** For `models` of a `ManagedLLM`: the same prices. */
export const modelFacts = Object.fromEntries(
  (['openai', 'anthropic'] as const).flatMap((provider) =>
    (['small', 'twin', 'large'] as const).map((role) => [
      targetOf(provider, role),
      { price: prices[role], contextTokens: 20_000 },
    ]),
  ),
);
