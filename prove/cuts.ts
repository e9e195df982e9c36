import { everyCut } from './cuts/every-cut.ts';
import { firstContent } from './cuts/first-content.ts';
import type { Proof, ProofContext, ProofResult } from './proof.ts';
import { Checks } from './streams/lab.ts';

/** What becomes of a stream that breaks off, wherever it does. */
export const proof: Proof = {
  name: 'cuts',
  claim:
    'Cut before its first content, a stream is answered by the next target; after it, the caller gets an error with what had come; never less passed off as all, and never two answers in one.',
  run,
};

async function run(context: ProofContext): Promise<ProofResult> {
  const { error } = console;
  // The SDKs print what is no JSON before they throw.
  console.error = () => {};
  try {
    const checks = new Checks('cuts');
    const cuts = await everyCut(checks, context);
    const first = await firstContent(checks, context.small ? 5 : 50);
    return {
      sample:
        `${cuts.streams} streams cut at ${context.small ? 'every 23rd' : 'every'} byte, ended and broken, with a second ` +
        `target and without; ${first.streams} whole ones, watched for their first content`,
      rows: [...cuts.rows, ...first.rows],
      passed: checks.passed,
      failures: checks.failures,
      notes: [
        'turns of the event loop and events are counted from the arrival of the first content to its handing on; the times ' +
          'beside them are medians on this machine, and judged by nobody',
        'behind the data of the event that ends a stream, a line that breaks may be an error or not: nothing is missing',
      ],
    };
  } finally {
    console.error = error;
  }
}
