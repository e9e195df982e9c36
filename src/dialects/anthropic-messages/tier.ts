import { asText, member } from '../record.ts';

/**
 * The tier that a request asks for. Fast mode is said beside it, and has prices of its own (Anthropic docs, "Fast mode",
 * November 2026): it goes before the tier.
 */
export function askedTier(body: unknown): string | undefined {
  return member(body, 'speed') === 'fast' ? 'fast' : asText(member(body, 'service_tier'));
}
