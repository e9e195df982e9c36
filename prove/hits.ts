import { isDeepStrictEqual } from 'node:util';
import { explain, type Way } from './hits/explained.ts';
import { differences } from './hits/differences.ts';
import { reasonNotToKeep } from './hits/kept.ts';
import { ownLine, translatedLines, type Line } from './hits/lines.ts';
import { hear, KeptAnswers, playing, Process, type Heard } from './hits/world.ts';
import type { Form } from './hits/ask.ts';
import type { Proof, ProofContext, ProofResult, ProofRow } from './proof.ts';
import { ownExchanges, recordedExchanges } from './recordings/exchanges.ts';
import { quietly } from './recordings/quietly.ts';

const ways: Readonly<Record<'plain' | 'stream', readonly Way[]>> = {
  plain: [
    ['plain', 'plain'],
    ['plain', 'bytes'],
    ['plain', 'helper'],
  ],
  stream: [
    ['stream', 'events'],
    ['stream', 'helper'],
    ['stream', 'plain'],
  ],
};

export const proof: Proof = {
  name: 'hits',
  claim:
    'Every answer that may be kept is kept, and given again as the SDK gives the original, plain or streamed, in whichever of ' +
    'the two it came; no other answer is.',
  run: (context) => quietly(() => proveAll(context)),
};

/** What came of one way of one format. */
interface Tally {
  equal: number;
  explained: number;
  wrong: number;
}

async function proveAll({ small, log }: ProofContext): Promise<ProofResult> {
  const recorded = recordedExchanges();
  const exchanges = recorded ?? ownExchanges;
  const lines = exchanges.flatMap((exchange) => [
    ...[ownLine(exchange) ?? []].flat(),
    ...translatedLines(exchange),
  ]);
  const chosen = small && recorded !== undefined ? lines.filter((_line, index) => index % 5 === 0) : lines;
  const tallies = new Map<string, Tally>();
  const reasons = new Map<string, number>();
  const explained = new Map<string, number>();
  const failures: string[] = [];
  let kept = 0;
  let passed = 0;
  for (const line of chosen) {
    log(`${line.exchange.id}, ${line.name}`);
    const found = await replayed(line);
    if ('notKept' in found) {
      count(reasons, found.notKept);
      if (found.fault === undefined) passed += 1;
      else failures.push(`${describe(line)}: ${found.fault}`);
      continue;
    }
    kept += 1;
    for (const { way, wrong, reasons: meant } of found.ways) {
      const name = `${line.name}|${way[0]} → ${shown[way[1]]}`;
      const tally = tallies.get(name) ?? { equal: 0, explained: 0, wrong: 0 };
      tallies.set(name, tally);
      if (wrong.length > 0) {
        tally.wrong += 1;
        failures.push(`${describe(line)}, ${way.join(' → ')}: ${wrong.slice(0, 3).join('; ')}`);
        continue;
      }
      passed += 1;
      tally[meant.length === 0 ? 'equal' : 'explained'] += 1;
      for (const reason of meant) count(explained, reason);
    }
  }
  return {
    sample:
      `${chosen.length} answers of ${exchanges.length} ${recorded === undefined ? 'exchanges of our own (no recordings lie beside the repository)' : 'recorded exchanges'}, ` +
      `${kept} of them to be kept`,
    rows: [...tallies].map(([name, { equal, explained: meant, wrong }]): ProofRow => {
      const [asked = '', way = ''] = name.split('|');
      return { asked, way, of: equal + meant + wrong, equal, 'equal but for what is meant': meant, wrong };
    }),
    passed,
    failures,
    notes: [
      ...[...reasons].map(([reason, times]) => `not kept, as it must be: ${reason}: ${times}`),
      ...[...explained].map(([reason, times]) => `meant: ${reason}: ${times}`),
    ],
  };
}

const shown: Readonly<Record<Form, string>> = {
  plain: 'plain',
  bytes: 'plain, its bytes',
  events: 'events',
  helper: 'stream helper',
};

function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

function describe({ exchange, name }: Line): string {
  return `${exchange.id} (${name})`;
}

type Replayed =
  | { readonly notKept: string; readonly fault: string | undefined }
  | { readonly ways: readonly Judged[] };

interface Judged {
  readonly way: Way;
  readonly wrong: readonly string[];
  /** Why what differs is meant to. */
  readonly reasons: readonly string[];
}

/** Has an answer kept by one process, and given by others. */
async function replayed(line: Line): Promise<Replayed> {
  const { exchange, question } = line;
  const form = exchange.response.sse === undefined ? 'plain' : 'stream';
  const store = new KeptAnswers();
  const { played, fetch } = playing(exchange);
  const first = new Process(line.clients(fetch), store);
  const original = await hear(first.client, question, form === 'plain' ? 'plain' : 'events');
  await first.idle();
  const [receipt] = first.receipts;
  const reason = reasonNotToKeep(exchange, question.body, line.isTranslated);
  if (reason !== undefined)
    return { notKept: reason, fault: store.texts.size > 0 ? `was kept, and is ${reason}` : undefined };
  if (store.texts.size !== 1) {
    const why = 'error' in original ? String(original.error) : receipt?.facts.cache?.reason;
    return { notKept: 'by mistake', fault: `was not kept: ${why ?? receipt?.stopReason ?? 'no reason'}` };
  }
  const judged: Judged[] = [];
  for (const way of ways[form]) {
    // What was translated was never sent in these bytes.
    if (way[1] === 'bytes' && line.isTranslated) continue;
    const before = played.requests;
    const other = new Process(line.clients(fetch), store);
    const given = await hear(other.client, question, way[1]);
    await other.idle();
    const wrong: string[] = [];
    if (played.requests !== before) wrong.push('the provider was asked');
    const status = other.receipts[0]?.facts.cache?.status;
    if (status !== 'hit') wrong.push(`it was a ${status}`);
    if (other.faults.length > 0) wrong.push(`reported: ${String(other.faults[0])}`);
    const isAsKept = way[1] === 'plain' ? form === 'plain' : way[1] === 'events';
    // What was translated has ids of its own in every call.
    const wanted = isAsKept && line.isTranslated ? original : await heardUncached(line, way);
    judged.push({ way, ...judge(line, way, wanted, given, wrong) });
  }
  return { ways: judged };
}

/** What the application has without a cache: of the bare SDK, or of a governed client where the format is translated. */
async function heardUncached(line: Line, [kept, given]: Way): Promise<Heard> {
  const clients = line.clients(playing(line.exchange).fetch);
  const client = clients.target === undefined ? clients.caller : new Process(clients, undefined).client;
  // What the provider has said plainly, the SDK is given plainly.
  const whole = given === 'bytes' ? given : 'plain';
  return hear(client, line.question, kept === 'plain' ? whole : given === 'plain' ? 'helper' : given);
}

function judge(
  line: Line,
  way: Way,
  wanted: Heard,
  given: Heard,
  wrong: readonly string[],
): Pick<Judged, 'wrong' | 'reasons'> {
  if ('error' in wanted || 'error' in given) {
    if ('error' in wanted && 'answer' in given && way[1] === 'plain')
      return {
        wrong,
        reasons: ['the SDK’s helper cannot read the original stream; plain, its answer is given'],
      };
    const same = 'error' in wanted && 'error' in given && String(wanted.error) === String(given.error);
    return same
      ? {
          wrong,
          reasons: [
            `the SDK’s helper fails at the original in the same way: ${String(wanted.error).slice(0, 80)}`,
          ],
        }
      : { wrong: [...wrong, `heard ${shortly(given)} instead of ${shortly(wanted)}`], reasons: [] };
  }
  if (isDeepStrictEqual(wanted.answer, given.answer)) return { wrong, reasons: [] };
  const reasons = new Set<string>();
  const unexplained = differences(wanted.answer, given.answer).flatMap((difference) => {
    const reason = explain(difference, line, way);
    if (reason === undefined)
      return [`${difference.path}: ${json(difference.given)} instead of ${json(difference.wanted)}`];
    reasons.add(reason);
    return [];
  });
  return { wrong: [...wrong, ...unexplained], reasons: [...reasons] };
}

const json = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 120);

function shortly(heard: Heard): string {
  return 'error' in heard ? String(heard.error).slice(0, 160) : json(heard.answer);
}
