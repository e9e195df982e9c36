import type { Clock } from '../../core/clock.ts';
import type { Documents } from '../../core/documents.ts';
import type { Reports } from './reports.ts';
import type { PromptSource } from './source.ts';
import type { StoredVersions } from './stored-versions.ts';

/** What the prompts of one registry share. */
export interface Surroundings {
  readonly source: PromptSource;
  readonly documents: Documents;
  readonly stored: StoredVersions;
  readonly clock: Clock;
  readonly reports: Reports;
  readonly freshMs: number;
  readonly labelsFreshMs: number;
  readonly loadTimeoutMs: number;
  /** Aborts when the registry is closed. */
  readonly stop: AbortSignal;
}
