import type { Capability } from '../../core/capabilities.ts';
import type { DatedPrice, Price } from '../models-option.ts';

/** Where a row comes from. */
export interface Sourced {
  /** The page that says so: its name, or its address. */
  readonly source: string;
  /** The day it was read, or the day that the stored copy of it is from: `2026-11-24`. */
  readonly asOf: string;
}

/** A model that the catalogue lacks. Where the catalogue has it after all, the catalogue counts. */
export interface ModelRow extends Sourced {
  readonly provider: string;
  readonly ids: readonly string[];
  readonly price: Price | readonly DatedPrice[];
  readonly contextTokens?: number;
  readonly maxOutputTokens?: number;
}

/** Further ids of a model that the catalogue has, such as dated snapshots. */
export interface AliasRow extends Sourced {
  readonly provider: string;
  /** The catalogue's own id. */
  readonly model: string;
  readonly ids: readonly string[];
}

/** How many tokens models take and give. Goes before what the catalogue says. */
export interface LimitsRow extends Sourced {
  readonly provider: string;
  readonly ids: readonly string[];
  readonly contextTokens?: number;
  readonly maxOutputTokens?: number;
}

/** What tokens cost at a service tier, beside the standard one. Fees for requests and tools stay as they are. */
export interface TierRow extends Sourced {
  readonly provider: string;
  readonly ids: readonly string[];
  /** As usage or a request names it. */
  readonly tiers: readonly string[];
  /** The price of every kind of tokens, times this. */
  readonly factor: number;
  /** A project or an account can be set to it, so that a request is served at it that did not ask. */
  readonly unasked: boolean;
  /** Prompts of more tokens than this are served at the standard tier. */
  readonly upToInputTokens?: number;
}

/** What tokens cost where a request is to be served in one region. */
export interface RegionRow extends Sourced {
  readonly provider: string;
  readonly ids: readonly string[];
  /** As `Usage.inferenceGeo` names it. */
  readonly region: string;
  readonly factor: number;
}

/** What one request of a server tool costs, where the catalogue does not say it. */
export interface ToolRow extends Sourced {
  readonly provider: string;
  /** The name of its count in `Usage.serverToolRequests`. */
  readonly tool: string;
  readonly usd: number;
}

/** What cache writes of a lifetime cost, where the model's price does not say it. */
export interface LifetimesRow extends Sourced {
  readonly provider: string;
  /** Default: all of the provider's. */
  readonly ids?: readonly string[];
  /** Names of counts in `Usage.cacheWriteTokensByTtl`. */
  readonly names: readonly string[];
  /** The price of the model's cache writes, or of its input where those have none, times this. */
  readonly factor: number;
}

/** Models whose price in the catalogue is not all that is billed, for a reason. */
export interface WithheldRow extends Sourced {
  readonly provider: string;
  /** As a request names them: the catalogue may hold one for another's alias. */
  readonly ids: readonly string[];
  readonly why: string;
}

/** Hosts that belong to a provider of the catalogue, or only some of whose hosts do. */
export interface HostsRow extends Sourced {
  readonly provider: string;
  /** Whole host names; `*.` before one stands for one or more names. They replace the catalogue's own pattern. */
  readonly hosts: readonly string[];
}

/** What models can do, and what they cannot. What no row says is not known. */
export interface AbilityRow extends Sourced {
  readonly provider: string;
  /** The catalogue's own ids: what holds of one holds of its snapshots. */
  readonly ids: readonly string[];
  readonly has: readonly Capability[];
  readonly lacks: readonly Capability[];
}

/** Dated snapshots of a model whose own id is an alias. */
export interface SnapshotRow extends Sourced {
  readonly provider: string;
  readonly model: string;
  /** The oldest first. */
  readonly ids: readonly string[];
}

/** Models whose end their provider has announced. */
export interface RetirementRow extends Sourced {
  readonly provider: string;
  /** As a request names them: an alias and its snapshots may end on different days. */
  readonly ids: readonly string[];
  /** The first day it is not served any more: `2026-12-11`. */
  readonly retiresAt: string;
  readonly successor?: string;
}

/** What we know beside the catalogue. */
export interface Overlay {
  readonly models: readonly ModelRow[];
  readonly aliases: readonly AliasRow[];
  readonly limits: readonly LimitsRow[];
  readonly tiers: readonly TierRow[];
  readonly regions: readonly RegionRow[];
  readonly tools: readonly ToolRow[];
  readonly lifetimes: readonly LifetimesRow[];
  readonly withheld: readonly WithheldRow[];
  readonly hosts: readonly HostsRow[];
  readonly abilities: readonly AbilityRow[];
  readonly snapshots: readonly SnapshotRow[];
  readonly retirements: readonly RetirementRow[];
}

/** Adds nothing to the data. */
export const emptyOverlay: Overlay = {
  models: [],
  aliases: [],
  limits: [],
  tiers: [],
  regions: [],
  tools: [],
  lifetimes: [],
  withheld: [],
  hosts: [],
  abilities: [],
  snapshots: [],
  retirements: [],
};
