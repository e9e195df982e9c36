import * as z from 'zod/mini';
import type { CanaryGuardStatus, CanaryPhase, CanaryStep } from '../core/canary-status.ts';
import type { AssignedBy } from '../core/experiment-fact.ts';
import type { PlainArm } from '../core/plain-arm.ts';
import type { CanaryArm, CanaryDefinition } from './definition.ts';

/** What is tried out, and how. */
export interface Tried {
  readonly definition: CanaryDefinition;
  /** Who stays with an arm. */
  readonly by: AssignedBy;
  readonly changes: Readonly<Record<CanaryArm, PlainArm>>;
}

/** Where a canary stands, as it is kept in the state: one document, changed by comparing and setting. */
export interface CanaryDocument extends Tried {
  readonly phase: CanaryPhase;
  /** The one that it is at, or was at last. */
  readonly step: number;
  readonly since: number;
  readonly startedAt: number;
  readonly history: readonly CanaryStep[];
  /** Steps that were taken outside the processes that try it out: one of those has yet to tell them. */
  readonly untold?: readonly CanaryStep[] | undefined;
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

export function begun(tried: Tried, now: number): CanaryDocument {
  return { ...tried, phase: 'ramping', step: 0, since: now, startedAt: now, history: [] };
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

/** Who listens is told the latest of what nobody was there to tell. */
const mostUntold = 8;

/** Likewise, where whoever takes the step tells nobody. */
export function afterOutside(document: CanaryDocument, decision: Decision, now: number): CanaryDocument {
  const moved = after(document, decision, now);
  const untold = [...(document.untold ?? []), ...moved.history.slice(-1)].slice(-mostUntold);
  return { ...moved, untold };
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

const phase = z.enum(['ramping', 'promoted', 'rolled-back']);
const plainArm = z.object({
  prompt: z.optional(z.object({ name: z.string(), version: z.string() })),
  model: z.optional(z.string()),
  parameters: z.optional(z.record(z.string(), z.unknown())),
});

const stepSchema = z.object({
  at: z.number(),
  by: z.optional(z.string()),
  from: phase,
  to: phase,
  percent: z.number(),
  reason: z.string(),
});

const documentSchema = z
  .object({
    definition: z.object({
      name: z.string(),
      steps: z.array(z.number()).check(z.minLength(1)),
      guards: z
        .array(
          z.union([
            z.object({ guard: z.enum(['errorRate', 'p95LatencyMs', 'costUsd']), limit: z.number() }),
            z.object({
              guard: z.enum(['errorRate', 'p95LatencyMs', 'costUsd', 'score']),
              tolerated: z.number(),
              harmful: z.number(),
            }),
          ]),
        )
        .check(z.minLength(1)),
      minSamples: z.number(),
      alpha: z.number(),
      beta: z.number(),
    }),
    by: z.enum(['user', 'tenant', 'conversation', 'call', 'own']),
    changes: z.object({ stable: plainArm, canary: plainArm }),
    phase,
    step: z.int().check(z.gte(0)),
    since: z.number(),
    startedAt: z.number(),
    history: z.array(stepSchema),
    untold: z.optional(z.array(stepSchema)),
  })
  .check(z.refine(({ step, definition }) => step < definition.steps.length));

/** `undefined`: it is none that this version understands. */
export function documentOf(text: string): CanaryDocument | undefined {
  const found = parsed(text);
  if (!documentSchema.safeParse(found).success) return undefined;
  // As it was found, with what later versions may have put beside. What JSON leaves out is `undefined` again.
  const document = found as CanaryDocument;
  return { ...document, history: document.history.map((step) => ({ ...step, by: step.by })) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
