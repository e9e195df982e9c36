import type { Proof, ProofContext, ProofResult, ProofRow } from './proof.ts';
import { chunking } from './streams/chunking.ts';
import { aborts } from './streams/aborts.ts';
import { cuts } from './streams/cuts.ts';
import { Checks, type Part } from './streams/lab.ts';
import { dropped, listeners, memory, unread } from './streams/letting-go.ts';
import { shutdown } from './streams/shutdown.ts';
import { stopping } from './streams/stopping.ts';

const parts: readonly Part[] = [
  chunking,
  stopping,
  dropped,
  unread,
  memory,
  listeners,
  shutdown,
  cuts,
  aborts,
];

/** What becomes of streams, however they are read, cut, dropped or stopped. */
export const proof: Proof = {
  name: 'streams',
  claim: 'A governed stream is the same however it is cut, stops when its reader does, and always settles.',
  run,
};

async function run(context: ProofContext): Promise<ProofResult> {
  const { error } = console;
  // The SDKs print what is no JSON before they throw.
  console.error = () => {};
  try {
    return await runAll(context);
  } finally {
    console.error = error;
  }
}

async function runAll(context: ProofContext): Promise<ProofResult> {
  const rows: ProofRow[] = [];
  const failures: string[] = [];
  let passed = 0;
  for (const part of parts) {
    context.log(part.name);
    const checks = new Checks(part.name);
    const startedAt = performance.now();
    const found = await part.run(checks, context);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    rows.push({
      part: part.name,
      checks: checks.passed + checks.failures.length,
      failed: checks.failures.length,
      found,
      seconds,
    });
    failures.push(...checks.failures);
    passed += checks.passed;
  }
  return {
    sample: `${passed + failures.length} checks in ${parts.length} parts, both SDKs, three streaming dialects`,
    rows,
    passed,
    failures,
    notes: [
      "a reply of the OpenAI SDK that was half read with a caller's signal and then dropped is settled by the time limit, " +
        'not by a collection: the SDK (7.57) ties its reader to that signal by `AbortSignal.any`, which Node keeps alive ' +
        'as long as the signal, and the call keeps the signal; the bare SDK lets go when the signal itself is dropped',
      'where a stream breaks off inside an event that was handed on unframed, its reader gets a rejection instead of an ' +
        'error event, which half an event would swallow',
    ],
  };
}
