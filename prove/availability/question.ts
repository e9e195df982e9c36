import type { Priority } from 'managed-llm';
import { between, pick, type Random } from './random.ts';
import type { Family } from './wire.ts';

/** One call of the application, whoever answers it. */
export interface Question {
  /** The SDK it is asked through. */
  readonly family: Family;
  readonly stream: boolean;
  readonly priority: Priority;
  /** Who asks, among those of its priority. */
  readonly caller: number;
  readonly prompt: string;
  readonly maxOutputTokens: number;
}

/** How many callers there are of each priority. */
export const callersPerPriority = 8;

const words = 'the river rose again last night and nobody in town could say when it would fall'.split(' ');

/** A few prompts of 20 to 400 words, made once. */
const prompts = Array.from({ length: 16 }, (_, index) =>
  Array.from({ length: 20 + index * 25 }, (_unused, word) => words[(word * 7 + index) % words.length]).join(
    ' ',
  ),
);

const priorities = ['interactive', 'normal', 'normal', 'batch'] as const satisfies readonly Priority[];

export function drawPrompt(random: Random): string {
  return pick(random, prompts);
}

/** @param families which SDKs ask */
export function drawQuestion(random: Random, families: readonly Family[]): Question {
  return {
    family: pick(random, families),
    stream: random() < 0.5,
    priority: pick(random, priorities),
    caller: Math.floor(random() * callersPerPriority),
    prompt: drawPrompt(random),
    maxOutputTokens: Math.round(between(random, 50, 500)),
  };
}
