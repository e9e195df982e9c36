import { stripVTControlCharacters, styleText } from 'node:util';
import type { Receipt, Target } from 'managed-llm';

const targetName = ({ provider, model }: Target): string => `${provider}/${model}`;

/** One line a receipt, in columns as wide as they need to be. */
export function receiptTable(receipts: readonly Receipt[]): string {
  const head = ['call', 'who', 'asked → served', 'ended', 'tries', 'tokens in/out', 'first event', 'total'];
  const rows = receipts.map((receipt) => [
    receipt.caller.tags?.['step'] ?? receipt.operation,
    who(receipt),
    askedAndServed(receipt),
    ended(receipt),
    String(receipt.attempts.length),
    tokens(receipt),
    milliseconds(receipt.firstEventMs),
    milliseconds(receipt.durationMs),
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => stripVTControlCharacters(row[column] ?? '').length)),
  );
  const isNumber = (column: number) => column >= 4;
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => {
        const padding = ' '.repeat((widths[column] ?? 0) - stripVTControlCharacters(cell).length);
        return isNumber(column) ? padding + cell : cell + padding;
      })
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('──');
  return [styleText('bold', line(head)), styleText('dim', rule), ...rows.map(line)].join('\n');
}

function who({ caller }: Receipt): string {
  return [caller.user, caller.tenant].filter((part) => part !== undefined).join(' @ ') || '-';
}

function askedAndServed({ provider, model, target }: Receipt): string {
  if (target === undefined) return `${model} → nobody`;
  const served = targetName(target);
  return served === model || served === `${provider}/${model}` ? served : `${model} → ${served}`;
}

function ended({ outcome, error, stream }: Receipt): string {
  const color = outcome === 'finished' ? 'green' : outcome === 'abandoned' ? 'yellow' : 'red';
  const why = error === undefined || error.code === outcome ? '' : ` (${error.code ?? error.kind})`;
  return styleText(color, outcome) + why + (stream ? styleText('dim', ' stream') : '');
}

function tokens({ usage }: Receipt): string {
  return usage === undefined ? '-' : `${usage.inputTokens ?? '?'} / ${usage.outputTokens ?? '?'}`;
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? '-' : `${Math.round(value)} ms`;
}
