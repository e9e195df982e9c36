import type { ProofRow } from '../proof.ts';
import { freshHost, shuffled, type Row } from './row.ts';

/** What estimates of rows were worth. */
export class Judgement {
  measured = 0;
  bounded = 0;
  readonly broken: string[] = [];
  readonly #input: number[] = [];
  readonly #inputAtFirst: number[] = [];
  readonly #output: number[] = [];
  readonly #slack: number[] = [];
  #expectedOutput = 0;
  #actualOutput = 0;

  /** Learns from one half of the rows, and measures on the other. */
  judge(rows: readonly Row[], random: () => number): void {
    const mixed = shuffled(rows, random);
    const half = Math.floor(mixed.length / 2);
    const { estimates: learnt } = freshHost();
    const { estimates: first } = freshHost();
    for (const { target, measure, usage } of mixed.slice(0, half))
      learnt.learn(target, measure, usage, usage.outputTokens === undefined ? 0 : usage.outputTokens * 20);
    for (const row of mixed.slice(half)) {
      const { target, measure, usage, contextTokens } = row;
      const after = learnt.estimate(target, measure, contextTokens);
      const before = first.estimate(target, measure, contextTokens);
      this.measured++;
      this.#input.push(errorOf(after.inputTokens, usage.inputTokens));
      this.#inputAtFirst.push(errorOf(before.inputTokens, usage.inputTokens));
      if (usage.outputTokens !== undefined && usage.outputTokens > 0) {
        this.#output.push(errorOf(after.outputTokens, usage.outputTokens));
        this.#expectedOutput += after.outputTokens;
        this.#actualOutput += usage.outputTokens;
      }
      for (const estimate of [before, after]) this.#bound(row, estimate.inputBound, estimate.outputBound);
    }
  }

  #bound({ id, usage }: Row, input: number | undefined, output: number | undefined): void {
    if (output !== undefined && (usage.outputTokens ?? 0) > output)
      this.broken.push(`${id}: ${usage.outputTokens} tokens of output, bound ${output}`);
    if (input === undefined) return;
    this.bounded++;
    this.#slack.push(input / Math.max(1, usage.inputTokens));
    if (usage.inputTokens > input)
      this.broken.push(`${id}: ${usage.inputTokens} tokens of input, bound ${input}`);
  }

  row(of: string): ProofRow {
    const share = (value: number): string => `${Math.round(value * 100)} %`;
    return {
      of,
      measured: this.measured,
      'input off, median': share(quantile(this.#input, 0.5)),
      p95: share(quantile(this.#input, 0.95)),
      'unlearnt, median': share(quantile(this.#inputAtFirst, 0.5)),
      'p95 unlearnt': share(quantile(this.#inputAtFirst, 0.95)),
      'output off, median': share(quantile(this.#output, 0.5)),
      'p95 output': share(quantile(this.#output, 0.95)),
      'all output, expected': share(this.#expectedOutput / Math.max(1, this.#actualOutput)),
      bounded: this.bounded,
      'bound, times': quantile(this.#slack, 0.5).toFixed(1),
      broken: this.broken.length,
    };
  }
}

function errorOf(estimate: number, actual: number): number {
  return Math.abs(estimate - actual) / Math.max(1, actual);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
