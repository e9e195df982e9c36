import type { ModelFacts } from './models-option.ts';
import { hostMatches } from './origin.ts';
import { retirements } from './overlay/retirements.ts';

/** An end that was announced, or that an application has stated. */
export interface AnnouncedEnd {
  readonly retiresAt: string;
  readonly successor: string | undefined;
  /** `models`: the application. */
  readonly source: string;
  readonly asOf: string | undefined;
}

/** The hosts that are the provider's own: regional ones are, too. */
const ownHosts = {
  openai: ['api.openai.com', '*.api.openai.com'],
  anthropic: ['api.anthropic.com'],
} as const;

/**
 * Platforms of clouds that Anthropic runs: its days hold there, too (https://platform.claude.com/docs/en/about-claude/model-deprecations,
 * 2026-11-30), and not at Bedrock and Vertex AI. By the base URLs that its SDKs have for them.
 */
const runByAnthropic = [
  'aws-external-anthropic.*.api.aws',
  '*.services.ai.azure.com',
  '*.azure.anthropic.com',
];

const rows = new Map(
  retirements.flatMap((row) => row.ids.map((id) => [`${row.provider}/${id}`, row] as const)),
);

/**
 * When a model ends.
 *
 * @param provider whose days hold there, as `announcerAt` tells; `undefined`: what others resell has other days, which are not known
 * @param facts what the application says of it; `retiresAt: false` says that it does not end
 */
export function retirementOf(
  provider: string | undefined,
  model: string,
  facts: ModelFacts,
): AnnouncedEnd | undefined {
  const { retiresAt, successor } = facts;
  if (retiresAt === false) return undefined;
  if (retiresAt !== undefined) return { retiresAt, successor, source: 'models', asOf: undefined };
  const found = announced(provider, model, facts);
  return found && { ...found, successor: successor ?? found.successor };
}

function announcedEnd(provider: string, model: string): AnnouncedEnd | undefined {
  const row = rows.get(`${provider}/${model.toLowerCase()}`);
  return row && { retiresAt: row.retiresAt, successor: row.successor, source: row.source, asOf: row.asOf };
}

function announced(
  provider: string | undefined,
  model: string,
  { pin, is }: ModelFacts,
): AnnouncedEnd | undefined {
  if (provider === undefined) return undefined;
  const ids = pin === undefined ? [model, baseOf(model), idOf(provider, is)] : [pin];
  for (const id of ids) {
    const found = id === undefined ? undefined : announcedEnd(provider, id);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The provider whose own platform a base URL is. */
export function ownerOf(origin: string | undefined): keyof typeof ownHosts | undefined {
  const url = urlOf(origin);
  if (url === undefined) return undefined;
  return (['openai', 'anthropic'] as const).find((provider) =>
    ownHosts[provider].some((host) => hostMatches(url, host)),
  );
}

/** The provider whose announcements hold at a base URL: at its own platform, and where it runs one of a cloud. */
export function announcerAt(origin: string | undefined): keyof typeof ownHosts | undefined {
  const url = urlOf(origin);
  if (url === undefined) return undefined;
  const isRun = runByAnthropic.some((host) => hostMatches(url, host));
  // One host of Azure serves models of others beside them.
  const isTheirs = !url.hostname.endsWith('.azure.com') || url.pathname.startsWith('/anthropic');
  return isRun && isTheirs ? 'anthropic' : ownerOf(origin);
}

function urlOf(origin: string | undefined): URL | undefined {
  return origin !== undefined && URL.canParse(origin) ? new URL(origin) : undefined;
}

/** What a fine-tuned model was made from: `ft:gpt-4.1-mini-2025-04-14:acme::x1`. */
export function baseOf(model: string): string | undefined {
  return model.startsWith('ft:') ? model.split(':')[1] : undefined;
}

/** A model of the same provider that it is said to be. */
function idOf(provider: string, is: string | undefined): string | undefined {
  return is?.startsWith(`${provider}/`) === true ? is.slice(provider.length + 1) : is;
}
