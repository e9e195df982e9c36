import type { Proof, ProofContext, ProofResult, ProofRow } from './proof.ts';
import { costOfChunks } from './translation/cost.ts';
import { Dice, generatedRows } from './translation/generate.ts';
import { directions } from './translation/relay.ts';
import { proveReplies } from './translation/replies.ts';
import { proveRequests } from './translation/requests.ts';
import { recordedRows, type Rows } from './translation/rows.ts';
import { proveChunking, proveFirstEvents, type Counted } from './translation/streaming.ts';
import { proveWatching } from './translation/watching.ts';

/** What is sent to, and answered by, a provider that speaks another format than the SDK that asks. */
export const proof: Proof = {
  name: 'translation',
  claim:
    'What a target of another dialect has a place for arrives there, and back, as it was; all else is told in the receipt, and ' +
    'nothing else is. A stream is translated event by event, however it is cut.',
  run,
};

async function run(context: ProofContext): Promise<ProofResult> {
  const { warn } = console;
  // The SDKs warn of recorded models that are about to be retired.
  console.warn = () => {};
  try {
    return await proveAll(context);
  } finally {
    console.warn = warn;
  }
}

const rules = [
  'not compared: ids of answers and items, the name of an output format, what is counted beside tokens, what a reply repeats of its request',
  'mergers that are no loss: turns of one role in a row, results before the user’s words, system and developer, texts of a reply that has one text, refusals as text where a format has no refusals',
  'no facts: empty lists, null, and settings that ask for what every answer is (`n: 1`, `store: false`, `tool_choice: "auto"`, adaptive thinking)',
];

async function proveAll({ small, seed, log }: ProofContext): Promise<ProofResult> {
  const recorded = recordedRows();
  const generated = generatedRows(seed, small ? (recorded === undefined ? 70 : 20) : 200);
  const table: ProofRow[] = [];
  const failures: string[] = [];
  const notes: string[] = [];
  let passed = 0;
  const sources = [...(recorded === undefined ? [] : [thinned(recorded, small, seed)]), generated];
  for (const rows of sources) {
    for (const direction of directions) {
      for (const stream of [false, true]) {
        log(`${direction.name}, ${stream ? 'stream' : 'plain'}`);
        for (const [what, prove] of [
          ['requests', proveRequests],
          ['replies', proveReplies],
        ] as const) {
          const tally = await prove(rows, direction, stream);
          passed += tally.through;
          const where = `${direction.name}, ${stream ? 'stream' : 'plain'}, ${what}`;
          failures.push(...tally.failures.map((failure) => `${where}: ${failure}`));
          table.push({
            rows: rows.areRecorded ? 'recorded' : 'generated',
            direction: direction.name,
            what: `${stream ? 'streamed' : 'plain'} ${what}`,
            of: tally.of,
            through: tally.through,
            'nothing lost': tally.whole,
            refused: tally.refused,
          });
          if (rows.areRecorded && !stream && tally.commonest(1) !== '')
            notes.push(`lost most often, ${direction.name}, ${what}: ${tally.commonest(6)}`);
        }
      }
    }
  }
  const [rows = generated] = sources;
  const count = (what: string, counted: Counted): void => {
    passed += counted.through;
    failures.push(...counted.failures);
    notes.push(`${what}: ${counted.through} of ${counted.of}`);
  };
  log('chunking');
  const seeds = small ? [seed, seed + 1] : [seed, seed + 1, seed + 2, seed + 3, seed + 4];
  count(
    `streams cut at random places, ${seeds.length} seeds, with the same events as uncut`,
    await proveChunking(rows, seeds),
  );
  log('first events');
  const first = await proveFirstEvents(rows);
  count(
    'streams of which the first words, or the first call, reached the caller before anything more came',
    first,
  );
  notes.push(
    `streams that begin with thinking, held back from Anthropic callers by design, since it has no signature: ${first.heldBack}`,
  );
  log('watching');
  count(
    'things taken away, or kept quiet, that the judges missed as they must',
    await proveWatching(rows, seed),
  );
  log('cost');
  notes.push(...(await costOfChunks(small ? 5 : 25)));
  const told = sources.map(
    ({ areRecorded, requests, replies }) =>
      `${requests.length} ${areRecorded ? 'recorded' : 'generated'} requests and ${replies.length} replies`,
  );
  return {
    sample: `${told.join('; ')}${recorded === undefined ? ' (no recordings lie beside the repository)' : ''}; each request plain and streamed; ${directions.length} ways`,
    rows: table,
    passed,
    failures,
    notes: [...notes, ...rules],
  };
}

/** Two rows of five for a quick look. */
function thinned(rows: Rows, small: boolean, seed: number): Rows {
  const dice = new Dice(seed);
  const kept = (): boolean => !small || dice.chance(0.4);
  return { ...rows, requests: rows.requests.filter(kept), replies: rows.replies.filter(kept) };
}
