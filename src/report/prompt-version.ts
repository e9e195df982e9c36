import type { Receipt } from '../core/receipt.ts';
import type { Groups } from './groups.ts';

/** What calls were rendered from. */
export interface PromptVersion {
  readonly name: string;
  readonly version: string;
  readonly hash: string;
  /** Those by which a registry found it, as many as are shown. */
  readonly labels: Set<string>;
}

const labelsAtMost = 4;

/** A call counts with the version that it was rendered from. The same version of another content is another one. */
export function addPrompt(versions: Groups<PromptVersion>, receipt: Receipt): void {
  const { prompt } = receipt.facts;
  if (prompt === undefined) return;
  const { name, version, hash, label } = prompt;
  const key = JSON.stringify([name, version, hash]);
  const { labels } = versions.add(key, { name, version, hash, labels: new Set() }, receipt);
  if (typeof label === 'string' && labels.size < labelsAtMost) labels.add(label);
}
