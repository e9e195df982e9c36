import type { VectorStore } from '../../core/vector-store.ts';
import type { ContractRunner } from '../interceptor-contract.ts';
import { findingChecks } from './finding.ts';
import { keepingChecks } from './keeping.ts';
import { anyLengthChecks, oddVectorChecks } from './odd-vectors.ts';
import { VectorScene } from './scene.ts';
import { timeChecks } from './times.ts';

/** A kind of vector store to be checked. */
export interface VectorStoreSubject {
  /** Stands before every test's title. */
  readonly name: string;
  /** Makes an empty store, one for each test. */
  readonly open: () => OpenVectorStore | Promise<OpenVectorStore>;
  /** Whether {@link OpenVectorStore.pass} lets time pass, so that times to live are checked. Default `false`. */
  readonly timed?: boolean;
  /** How long vectors are, where a store is made for one length only. At least 3. Default: several lengths are checked. */
  readonly dimensions?: number;
  /** Of the random vectors. Default 1. */
  readonly seed?: number;
}

/** A store, and what is done with it beside. */
export interface OpenVectorStore {
  readonly store: VectorStore;
  /** Lets time pass in the store: at least so long. */
  pass?(ms: number): void | Promise<void>;
  /** Leaves nothing behind. */
  close?(): void | Promise<void>;
}

/**
 * What every store of vectors has to do, as tests: find the nearest first and say how near, keep groups apart, replace, delete,
 * and let go of what is over. The largest has 2,000 vectors in one group.
 *
 * ```ts
 * import { test } from 'node:test';
 * import { memoryVectors } from 'managed-llm';
 * import { describeVectorStoreContract, manualClock } from 'managed-llm/testing';
 *
 * const open = () => {
 *   const clock = manualClock();
 *   return { store: memoryVectors({ clock }), pass: (ms: number) => clock.advance(ms) };
 * };
 * describeVectorStoreContract({ test }, { name: 'memory', open, timed: true });
 * ```
 */
export function describeVectorStoreContract(runner: ContractRunner, subject: VectorStoreSubject): void {
  const { name, timed = false, dimensions } = subject;
  const checks = [
    ...findingChecks,
    ...keepingChecks,
    ...oddVectorChecks,
    ...(dimensions === undefined ? anyLengthChecks : []),
    ...(timed ? timeChecks : []),
  ];
  for (const [title, run] of checks)
    runner.test(`${name}: ${title}`, async () => {
      const scene = await VectorScene.open(subject);
      try {
        await run(scene);
      } finally {
        await scene.close();
      }
    });
}
