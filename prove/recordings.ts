import { isDeepStrictEqual } from 'node:util';
import type Anthropic from '@anthropic-ai/sdk';
import { ManagedLLM, type Interceptor, type Receipt } from 'managed-llm';
import type OpenAI from 'openai';
import type { Proof, ProofContext, ProofResult, ProofRow } from './proof.ts';
import { converse, type Govern, type Heard, type SentRequest } from './recordings/conversation.ts';
import { inPieces, randomSizes } from './recordings/cuts.ts';
import { ownExchanges, recordedExchanges, type Exchange } from './recordings/exchanges.ts';
import { quietly } from './recordings/quietly.ts';
import { usageTold } from './recordings/usage-told.ts';

/** Chains that must not show: each gives every reply back as it was. */
const chains: Readonly<Record<string, () => readonly Interceptor[]>> = {
  'no interceptors': () => [],
  'all observed': () => [
    {
      name: 'observer',
      stage: 'observe',
      async intercept(call, next) {
        const answer = await next(call);
        answer.events?.observe((event) => void event.json);
        if (answer.events === undefined && call.operation !== 'passthrough') await answer.text();
        return answer;
      },
    },
  ],
  'all transformed, to the same': () => [
    {
      name: 'transformer',
      stage: 'send',
      async intercept(call, next) {
        const answer = await next(call);
        answer.events?.transform({ event: (event, emit) => emit(event) });
        answer.events?.mapText(() => ({ push: (text) => text, end: () => '' }));
        return answer;
      },
    },
  ],
};

interface Difference {
  readonly exchange: string;
  readonly reason: string | undefined;
  readonly what: string;
}

/** Recorded traffic through governed clients. */
export const proof: Proof = {
  name: 'recordings',
  claim:
    'On recorded traffic a governed client behaves exactly as the bare one, and finds the usage it reports.',
  run,
};

function run(context: ProofContext): Promise<ProofResult> {
  return quietly(() => compareAll(context));
}

async function compareAll({ small, seed, log }: ProofContext): Promise<ProofResult> {
  const recorded = recordedExchanges();
  const exchanges = recorded ?? ownExchanges;
  const seeds = small ? [seed] : [seed, seed + 1, seed + 2];
  const rows: ProofRow[] = [];
  const notes: string[] = [];
  const failures: string[] = [];
  let passed = 0;
  let events = 0;
  for (const chain of Object.keys(chains)) {
    log(chain);
    const differences: Difference[] = [];
    const usage: UsageCount = { told: 0, found: 0, equal: 0, wrong: [], unread: new Set() };
    const compared = exchanges.flatMap((exchange) =>
      seeds.map((each) => compare(exchange, each, chain, usage)),
    );
    for (const comparison of await Promise.all(compared)) {
      differences.push(...comparison.differences);
      events += comparison.events;
    }
    const different = new Set(differences.map(({ exchange }) => exchange));
    const unexplained = differences.filter(({ reason }) => reason === undefined);
    const unexplainedRows = new Set(unexplained.map(({ exchange }) => exchange));
    rows.push({
      chain,
      rows: exchanges.length,
      'exactly as bare': exchanges.length - different.size,
      'differ, explained': different.size - unexplainedRows.size,
      'differ, unexplained': unexplainedRows.size,
      'replies telling usage': usage.told,
      found: usage.found,
      'same tokens': usage.equal,
    });
    for (const [reason, those] of Map.groupBy(differences, (each) => each.reason)) {
      if (reason === undefined) continue;
      const ids = [...new Set(those.map(({ exchange }) => exchange))];
      notes.push(`${chain}: ${ids.length} rows differ because ${reason}: ${ids.join(', ')}`);
    }
    if (usage.unread.size > 0)
      notes.push(`${chain}: no dialect, so usage is not read: ${[...usage.unread].join(', ')}`);
    failures.push(...unexplained.map(({ exchange, what }) => `${chain}: ${exchange}: ${what}`));
    failures.push(...usage.wrong.map((wrong) => `${chain}: usage: ${wrong}`));
    passed += exchanges.length - unexplainedRows.size + usage.equal;
  }
  const streams = exchanges.filter(({ stream }) => stream).length;
  return {
    sample:
      `${exchanges.length} ${recorded === undefined ? 'exchanges that the project wrote itself, since there are no recordings beside the repository' : 'recorded exchanges'}, ` +
      `${streams} of them streams; every body cut at random places, ${seeds.length} seeds; each asked once bare, once governed; ${events} events of streams compared`,
    rows,
    passed,
    failures,
    notes,
  };
}

interface UsageCount {
  told: number;
  found: number;
  equal: number;
  readonly wrong: string[];
  /** Operations without a dialect, whose replies tell usage that nobody reads. */
  readonly unread: Set<string>;
}

/** One exchange, bare and governed, on the same pieces. */
async function compare(
  exchange: Exchange,
  seed: number,
  chain: string,
  usage: UsageCount,
): Promise<{ readonly differences: readonly Difference[]; readonly events: number }> {
  const cut = (bytes: Uint8Array<ArrayBuffer>): ReadableStream => inPieces(bytes, randomSizes(seed));
  const bare = await converse(exchange, cut, (client) => ({ client }));
  const receipts: Receipt[] = [];
  let llm: ManagedLLM<{ openai: OpenAI; anthropic: Anthropic }> | undefined;
  const faults: unknown[] = [];
  const govern: Govern = (client) => {
    const made = new ManagedLLM({
      providers: { openai: client as OpenAI, anthropic: client as Anthropic },
      interceptors: chains[chain]?.() ?? [],
      // Recorded models come to their end, some day.
      onError: (error) => void (error.code === 'model-retires' || faults.push(error)),
    });
    llm = made;
    made.on('call:end', (receipt) => receipts.push(receipt));
    return {
      client: exchange.operation.startsWith('anthropic.') ? made.clients.anthropic : made.clients.openai,
    };
  };
  const governed = await converse(exchange, cut, govern);
  await llm?.idle();

  const differences: Difference[] = [];
  const differs = (what: string, reason?: string): void => {
    differences.push({ exchange: exchange.id, reason, what });
  };
  if (bare.sent.length === 0) differs('the bare client sent nothing');
  if (faults.length > 0) differs(`faults were reported: ${String(faults[0])}`);
  if (receipts.length !== 1) differs(`${receipts.length} settlements for one call`);
  const requests = requestDifference(exchange, bare.sent, governed.sent);
  if (requests !== undefined) differs(requests);
  if (!isDeepStrictEqual(bare.heard, governed.heard))
    differs(describe(bare.heard, governed.heard), explain(exchange, bare.heard, governed.heard));
  const receipt = receipts[0];
  if (receipt !== undefined) countUsage(exchange, receipt, usage);
  return { differences, events: bare.heard.kind === 'events' ? bare.heard.events.length : 0 };
}

function countUsage(exchange: Exchange, { usage, dialect }: Receipt, count: UsageCount): void {
  const told = usageTold(exchange);
  if (told === undefined) return;
  if (dialect === 'passthrough') {
    count.unread.add(exchange.operation);
    return;
  }
  count.told++;
  if (usage === undefined) {
    count.wrong.push(`${exchange.id} (${exchange.operation}) tells ${JSON.stringify(told)}; none was found`);
    return;
  }
  count.found++;
  if (usage.inputTokens === told.input && usage.outputTokens === told.output) count.equal++;
  else count.wrong.push(`${exchange.id} tells ${JSON.stringify(told)}, found ${JSON.stringify(usage)}`);
}

/** Requests may differ in one thing: a chat stream is asked for its usage. */
function requestDifference(
  exchange: Exchange,
  bare: readonly SentRequest[],
  governed: readonly SentRequest[],
): string | undefined {
  if (bare.length !== governed.length) return `${governed.length} requests instead of ${bare.length}`;
  for (const [index, theirs] of bare.entries()) {
    const ours = governed[index];
    if (ours === undefined) continue;
    for (const part of ['method', 'url', 'headers'] as const) {
      if (!isDeepStrictEqual(ours[part], theirs[part]))
        return `request ${part}: ${JSON.stringify(ours[part])} instead of ${JSON.stringify(theirs[part])}`;
    }
    if (ours.body === theirs.body) continue;
    const asked = JSON.parse(ours.body) as Record<string, unknown>;
    const wanted = JSON.parse(theirs.body) as Record<string, unknown>;
    const expected = {
      ...wanted,
      stream_options: { ...(wanted['stream_options'] as object | undefined), include_usage: true },
    };
    const isChatStream = exchange.operation === 'openai.chat' && exchange.stream;
    if (!isChatStream || !isDeepStrictEqual(asked, expected)) return `request body: ${ours.body}`;
  }
  return undefined;
}

/** The differences that are meant. */
function explain(exchange: Exchange, bare: Heard, governed: Heard): string | undefined {
  if (bare.kind !== 'events' || governed.kind !== 'events') return undefined;
  const isCut = String(governed.error?.message).includes('ended without its terminal event');
  if (bare.error === undefined && isCut && isDeepStrictEqual({ ...bare, error: governed.error }, governed)) {
    return 'the recorded stream ends without its terminal event: the bare SDK takes it for complete, we do not';
  }
  const asked = exchange.request.body['stream_options'] as { include_usage?: boolean } | undefined;
  const events = bare.events.filter((event) => !isOnlyUsage(event)).map(withoutNullUsage);
  if (asked?.include_usage !== true && isDeepStrictEqual({ ...bare, events }, governed)) {
    return 'the provider tells usage unasked (an event, or `null` in every chunk); we ask for it, so we keep it from the caller';
  }
  return undefined;
}

function withoutNullUsage(event: unknown): unknown {
  const { usage, ...rest } = event as { usage?: unknown };
  return usage === null ? rest : event;
}

function isOnlyUsage(event: unknown): boolean {
  const { choices, usage } = event as { choices?: unknown; usage?: unknown };
  return Array.isArray(choices) && choices.length === 0 && usage !== undefined && usage !== null;
}

function describe(bare: Heard, governed: Heard): string {
  const short = (heard: Heard): string => {
    if (heard.kind === 'data') return `data ${JSON.stringify([heard.data, heard.response]).slice(0, 300)}`;
    const { error } = heard;
    const ending =
      error === undefined
        ? 'clean end'
        : `${String(error.name)}: ${String(error.message)} ${String(error.status)}`;
    return heard.kind === 'error'
      ? ending
      : `${heard.events.length} events, ${ending}, ${JSON.stringify(heard.response)}`;
  };
  return `heard ${short(governed)} instead of ${short(bare)}`;
}
