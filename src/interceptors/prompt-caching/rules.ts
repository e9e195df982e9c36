import { invalidOption, parseOptions } from '../../core/parse-options.ts';
import type { Breakpoints } from '../../core/prompt-cache-lens.ts';
import {
  promptCachingOptionsSchema,
  type AnthropicCaching,
  type OpenAICaching,
  type PromptCachingOptions,
} from './options.ts';

/** What to do to requests, defaults filled in. */
export interface PromptCachingRules {
  /** `undefined`: nothing. */
  readonly anthropic: { readonly wanted: Breakpoints; readonly minTokens: number } | undefined;
  readonly openai: Pick<OpenAICaching, 'key' | 'retention'> | undefined;
  readonly stableTools: boolean;
}

/** @throws `invalid-options`, also for lifetimes that Anthropic refuses together */
export function parsePromptCaching(options: PromptCachingOptions): PromptCachingRules {
  const {
    anthropic = {},
    openai = {},
    stableTools = false,
  } = parseOptions(promptCachingOptionsSchema, options, 'promptCaching');
  return {
    anthropic: anthropic === false ? undefined : breakpointsOf(anthropic),
    openai: openai === false ? undefined : { key: openai.key ?? true, ...openai },
    stableTools,
  };
}

const sections = ['tools', 'system', 'conversation'] as const;

function breakpointsOf(given: AnthropicCaching): PromptCachingRules['anthropic'] {
  const { ttl = '5m', minTokens = 512 } = given;
  const wanted: { -readonly [K in keyof Breakpoints]: Breakpoints[K] } = {};
  let isShort = false;
  for (const section of sections) {
    const asked = given[section] ?? true;
    if (asked === false) continue;
    const kept = asked === true ? ttl : asked;
    if (isShort && kept === '1h')
      throw invalidOption(
        `promptCaching.anthropic.${section}`,
        'is kept for an hour behind what is kept for 5 minutes, which Anthropic refuses: ' +
          'the longer ones come first, in the order tools, system, conversation',
      );
    isShort ||= kept === '5m';
    wanted[section] = kept;
  }
  return { wanted, minTokens };
}
