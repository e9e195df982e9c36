import * as anthropic from './overlay/anthropic.ts';
import { abilities } from './overlay/capabilities.ts';
import * as clouds from './overlay/clouds.ts';
import * as openaiModels from './overlay/openai-models.ts';
import * as openaiTerms from './overlay/openai-terms.ts';
import { retirements } from './overlay/retirements.ts';
import type { Overlay } from './overlay/rows.ts';
import { snapshots } from './overlay/snapshots.ts';

/** What the catalogue lacks. Every row says where it is from; `npm run prices:check` says which have had their day. */
export const overlay: Overlay = {
  models: [...openaiModels.models, ...anthropic.models],
  aliases: [...openaiModels.aliases, ...anthropic.aliases, ...clouds.aliases],
  limits: [...openaiTerms.limits, ...anthropic.limits],
  tiers: [...openaiTerms.tiers, ...anthropic.tiers],
  regions: anthropic.regions,
  tools: [...openaiTerms.tools, ...anthropic.tools],
  lifetimes: [...openaiTerms.lifetimes, ...anthropic.lifetimes],
  withheld: openaiModels.withheld,
  hosts: clouds.hosts,
  abilities,
  snapshots,
  retirements,
};
