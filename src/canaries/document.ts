import type { CanaryGuardStatus, CanaryPhase, CanaryStep } from '../core/canary-status.ts';
import type { CanaryDefinition } from './definition.ts';

/** Where a canary stands, as it is kept in the state: one document, changed by comparing and setting. */
export interface CanaryDocument {
  readonly definition: CanaryDefinition;
  readonly phase: CanaryPhase;
  /** The one that it is at, or was at last. */
  readonly step: number;
  readonly since: number;
  readonly startedAt: number;
  readonly history: readonly CanaryStep[];
}

/** A step that is to be taken, and why. */
export interface Decision {
  readonly by: string | undefined;
  readonly to: CanaryPhase;
  /** Where it goes on ramping. */
  readonly step: number;
  readonly reason: string;
  readonly guards: readonly CanaryGuardStatus[];
}

/** So that it is far below the 64 kB that a document may have: the oldest steps go. */
const mostBytes = 32_768;

export function begun(definition: CanaryDefinition, now: number): CanaryDocument {
  return { definition, phase: 'ramping', step: 0, since: now, startedAt: now, history: [] };
}

/** How many of 100 subjects get the canary. */
export function percentOf({ phase, step, definition }: CanaryDocument): number {
  if (phase === 'rolled-back') return 0;
  return phase === 'promoted' ? 100 : (definition.steps[step] ?? 0);
}

/** The document after a step, which is the last of its history. */
export function after(
  document: CanaryDocument,
  { by, to, step, reason }: Decision,
  now: number,
): CanaryDocument {
  const moved: CanaryDocument = { ...document, phase: to, step, since: now };
  const taken: CanaryStep = { at: now, by, from: document.phase, to, percent: percentOf(moved), reason };
  return { ...moved, history: [...document.history, taken] };
}

export function textOf(document: CanaryDocument): string {
  let kept = document;
  let text = JSON.stringify(kept);
  while (Buffer.byteLength(text) > mostBytes && kept.history.length > 1) {
    kept = { ...kept, history: kept.history.slice(1) };
    text = JSON.stringify(kept);
  }
  return text;
}

/** @throws if it is none */
export function documentOf(text: string): CanaryDocument {
  const found: CanaryDocument = JSON.parse(text);
  // What JSON leaves out is `undefined` again.
  return { ...found, history: found.history.map((step) => ({ ...step, by: step.by })) };
}
