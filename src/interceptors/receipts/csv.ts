import { toUsd } from '../../core/nano-usd.ts';
import type { Receipt } from '../../core/receipt.ts';
import { targetName } from '../../core/target.ts';

type Cell = string | number | boolean | undefined;

const columns: readonly (readonly [name: string, value: (receipt: Receipt) => Cell])[] = [
  ['callId', ({ callId }) => callId],
  ['parentId', ({ parentId }) => parentId],
  ['startedAt', ({ startedAt }) => new Date(startedAt).toISOString()],
  ['durationMs', ({ durationMs }) => durationMs],
  ['firstEventMs', ({ firstEventMs }) => firstEventMs],
  ['user', ({ caller }) => caller.user],
  ['team', ({ caller }) => caller.team],
  ['tenant', ({ caller }) => caller.tenant],
  ['roles', ({ caller }) => caller.roles && JSON.stringify(caller.roles)],
  ['tags', ({ caller }) => caller.tags && JSON.stringify(caller.tags)],
  ['operation', ({ operation }) => operation],
  ['dialect', ({ dialect }) => dialect],
  ['provider', ({ provider }) => provider],
  ['asked', ({ model }) => model],
  ['route', ({ facts }) => facts.route?.name],
  ['target', ({ target }) => target && targetName(target)],
  ['servedModel', ({ servedModel }) => servedModel],
  ['stream', ({ stream }) => stream],
  ['outcome', ({ outcome }) => outcome],
  ['origin', ({ origin }) => origin],
  ['status', ({ status }) => status],
  ['error', ({ error }) => error?.kind],
  ['errorCode', ({ error }) => error?.code],
  ['attempts', ({ attempts }) => attempts.length],
  ['inputTokens', ({ usage }) => usage?.inputTokens],
  ['outputTokens', ({ usage }) => usage?.outputTokens],
  ['cachedInputTokens', ({ usage }) => usage?.cachedInputTokens],
  ['reasoningTokens', ({ usage }) => usage?.reasoningTokens],
  ['usageProvenance', ({ usage }) => usage?.provenance],
  ['costUsd', ({ costUsd }) => costUsd],
  ['costNanoUsd', ({ costNanoUsd }) => costNanoUsd],
  ['stopReason', ({ stopReason }) => stopReason],
  ['cache', ({ facts }) => facts.cache?.status],
  ['cacheKind', ({ facts }) => facts.cache?.kind],
  ['cacheReason', ({ facts }) => facts.cache?.reason],
  ['semantic', ({ facts }) => facts.semantic?.verdict],
  ['semanticSimilarity', ({ facts }) => facts.semantic?.similarity],
  ['cacheItemsKnown', ({ facts }) => facts.cache?.items?.known],
  ['cacheItemsAsked', ({ facts }) => facts.cache?.items?.asked],
  ['cacheItemsCoalesced', ({ facts }) => facts.cache?.items?.coalesced],
  ['savedUsd', ({ facts }) => inUsd(facts.cache?.savedNanoUsd)],
  ['savedNanoUsd', ({ facts }) => facts.cache?.savedNanoUsd],
  ['savedMs', ({ facts }) => facts.cache?.savedMs],
  ['promptCacheReadTokens', ({ facts }) => facts.promptCache?.readTokens],
  ['promptCacheWrittenTokens', ({ facts }) => facts.promptCache?.writtenTokens],
  ['promptCacheSavedUsd', ({ facts }) => inUsd(facts.promptCache?.savedNanoUsd)],
  ['promptCacheSavedNanoUsd', ({ facts }) => facts.promptCache?.savedNanoUsd],
  ['prompt', ({ facts }) => facts.prompt?.name],
  ['promptVersion', ({ facts }) => facts.prompt?.version],
  ['promptHash', ({ facts }) => facts.prompt?.hash],
];

function inUsd(nanoUsd: number | undefined): number | undefined {
  return nanoUsd === undefined ? undefined : toUsd(nanoUsd);
}

/** The line of names. */
export function csvHead(): string {
  return line(columns.map(([name]) => name));
}

export function csvLine(receipt: Receipt): string {
  return line(columns.map(([, value]) => value(receipt)));
}

function line(cells: readonly Cell[]): string {
  return `${cells.map(cellText).join(',')}\r\n`;
}

/**
 * What a spreadsheet takes for the beginning of a formula, full-width signs among it. OWASP, "CSV Injection", November 2026.
 */
const formula = /^[=+\-@\t\r\n＝＋－＠]/;
const needsQuotes = /[",\r\n]|^\s|\s$/;

function cellText(cell: Cell): string {
  if (cell === undefined) return '';
  if (typeof cell !== 'string') return plain(cell);
  const text = formula.test(cell) ? `'${cell}` : cell;
  return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Without an exponent: `0.0000001`. */
function plain(cell: number | boolean): string {
  return typeof cell === 'number' && Math.abs(cell) < 1e-6 && cell !== 0
    ? cell.toFixed(9).replace(/0+$/, '')
    : String(cell);
}
