import * as z from 'zod/mini';
import type { Documents } from '../core/documents.ts';
import { Listing } from './listing.ts';
import { metrics, type ExperimentMetric } from './metrics.ts';

/** What an experiment is, as far as its results go by it. */
export interface ExperimentDefinition {
  /** Of the tally that it counts in. */
  readonly key: string;
  readonly name: string;
  readonly arms: readonly string[];
  /** One of them. */
  readonly control: string;
  readonly alpha: number;
  readonly decideBy: ExperimentMetric;
}

const definitionSchema = z.object({
  key: z.string(),
  name: z.string(),
  arms: z.readonly(z.array(z.string())),
  control: z.string(),
  alpha: z.number(),
  decideBy: z.enum(metrics),
});

/** Which experiments a state has counts of. */
export function experimentListing(documents: Documents): Listing<ExperimentDefinition> {
  return new Listing(documents, 'experiments', definitionSchema);
}
