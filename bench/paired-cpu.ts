import type { PairedSample } from './figure.ts';

/** Work to be measured, a block at a time. */
export interface Work {
  /** What has to stand before the clock runs. */
  prepare?(): Promise<void>;
  run(): Promise<void>;
}

export interface PairedWork {
  readonly bare: Work;
  readonly ours: Work;
  /** How many of what is counted one block holds. */
  readonly unitsPerBlock: number;
  readonly rounds: number;
  readonly warmUpRounds: number;
}

/**
 * CPU microseconds a unit, both sides in one process, in blocks of bare, ours, ours, bare: each side runs once after
 * itself and once after the other, so neither pays more than the other for what was left behind. All threads count,
 * the collector's too; no collection is forced, since that would change what is measured.
 */
export async function pairedCpu(work: PairedWork): Promise<PairedSample[]> {
  const samples: PairedSample[] = [];
  for (let round = -work.warmUpRounds; round < work.rounds; round++) {
    const first = await cpuOf(work.bare);
    const second = await cpuOf(work.ours);
    const third = await cpuOf(work.ours);
    const fourth = await cpuOf(work.bare);
    if (round < 0) continue;
    const units = work.unitsPerBlock;
    samples.push({ bare: [first / units, fourth / units], ours: [second / units, third / units] });
  }
  return samples;
}

async function cpuOf(work: Work): Promise<number> {
  await work.prepare?.();
  const before = process.cpuUsage();
  await work.run();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
