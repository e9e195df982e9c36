import { inspect, isDeepStrictEqual } from 'node:util';
import { ManagedLLM, provider, type Interceptor, type ProviderClient } from 'managed-llm';
import { manualClock, standIn, type StandIn } from 'managed-llm/testing';
import { anthropicChecks } from './drop-in/anthropic-checks.ts';
import { anthropicKinds, openaiKinds, type Kind } from './drop-in/clients.ts';
import { observe, withReplacedTexts, within, withoutEcho, type Check, type Outcome } from './drop-in/lab.ts';
import { openaiChecks } from './drop-in/openai-checks.ts';
import { received, requestDifferences, type Received } from './drop-in/requests.ts';
import { observing, transforming, type SeenAttempt } from './drop-in/sentinels.ts';
import type { Proof, ProofContext, ProofResult } from './proof.ts';

interface Mode {
  readonly name: string;
  readonly interceptors: (seen: SeenAttempt[]) => Interceptor[];
  readonly usageMayBeAdded: boolean;
  readonly transforms: boolean;
  readonly overLoopback: boolean;
}

const none: Mode = {
  name: 'none',
  interceptors: () => [],
  usageMayBeAdded: true,
  transforms: false,
  overLoopback: false,
};

const modes: readonly Mode[] = [
  none,
  { ...none, name: 'none, no usage', usageMayBeAdded: false },
  { ...none, name: 'observing', interceptors: observing },
  { ...none, name: 'transforming', interceptors: transforming, transforms: true },
  { ...none, name: 'none, loopback', overLoopback: true },
];

export const proof: Proof = {
  name: 'drop-in',
  claim:
    'A governed client does what the bare one does: same results, classes, errors and requests, byte for byte; and what ' +
    'interceptors change is changed by every way of reading.',
  async run(context) {
    const cells = new Cells(context);
    await cells.sweep(openaiKinds, openaiChecks, '/v1');
    await cells.sweep(anthropicKinds, anthropicChecks, '');
    return cells.result();
  },
};

/** Same, meant, of how many; by way of governing. */
type Counts = Map<string, { same: number; meant: number; of: number }>;

class Cells {
  readonly #context: ProofContext;
  readonly #rows = new Map<string, Counts>();
  readonly #failures: string[] = [];
  readonly #meant = new Map<string, number>();
  readonly #checks = new Set<string>();
  #cells = 0;
  #kinds = 0;
  #refusedByBare = 0;

  constructor(context: ProofContext) {
    this.#context = context;
  }

  async sweep<C, Kit>(
    kinds: readonly Kind<C, Kit>[],
    checksWith: (kit: Kit) => readonly Check<C>[],
    basePath: string,
  ): Promise<void> {
    for (const kind of this.#context.small ? kinds.slice(0, 1) : kinds) {
      const checks = checksWith(kind.kit).filter((check) => wanted(kind.name, check));
      this.#kinds++;
      for (const mode of modes) {
        if (mode.overLoopback && kind.loopback !== true) continue;
        this.#context.log(`${kind.name}, ${mode.name}`);
        for (const check of checks) {
          this.#checks.add(`${basePath} ${check.group} ${check.name}`);
          const startedAt = performance.now();
          this.#count(kind.name, check, mode, await judge(kind, check, mode, basePath));
          const tookMs = performance.now() - startedAt;
          if (tookMs > 300) this.#context.log(`${check.group}: ${check.name} took ${tookMs.toFixed(0)} ms`);
        }
      }
    }
  }

  #count<C>(kind: string, check: Check<C>, mode: Mode, verdict: Verdict): void {
    this.#cells++;
    if (verdict.bareRefused) this.#refusedByBare++;
    for (const row of [check.group, kind]) {
      const counts = this.#rows.get(row) ?? new Map();
      const cell = counts.get(mode.name) ?? { same: 0, meant: 0, of: 0 };
      cell.of++;
      if (verdict.differences.length === 0) cell.same++;
      else if (verdict.meant !== undefined) cell.meant++;
      this.#rows.set(row, counts.set(mode.name, cell));
    }
    if (verdict.differences.length === 0) return;
    if (verdict.meant !== undefined)
      this.#meant.set(verdict.meant, (this.#meant.get(verdict.meant) ?? 0) + 1);
    else
      this.#failures.push(
        [`${kind} · ${mode.name} · ${check.group}: ${check.name}`, ...verdict.differences].join('\n      '),
      );
  }

  result(): ProofResult {
    return {
      sample:
        `${this.#cells.toLocaleString('en-US')} cells: ${this.#checks.size} checks, ${this.#kinds} kinds of client, ` +
        `${modes.length} ways of governing; in ${this.#refusedByBare.toLocaleString('en-US')} the bare client fails and the governed one must fail alike`,
      rows: [...this.#rows].map(([row, counts]) => ({
        '': row,
        ...Object.fromEntries(
          [...counts].map(([mode, { same, meant, of }]) => [
            mode,
            `${same}${meant > 0 ? ` + ${meant}` : ''} of ${of}`,
          ]),
        ),
      })),
      passed: this.#cells - this.#failures.length,
      failures: this.#failures,
      notes: [
        'the one difference in requests: `stream_options.include_usage` in OpenAI chat streams; none with it switched off ("none, no usage")',
        ...[...this.#meant].map(([why, count]) => `${count} cells (shown after +) differ as meant: ${why}`),
      ],
    };
  }
}

interface Verdict {
  readonly differences: readonly string[];
  /** Why they are meant, when they are. */
  readonly meant: string | undefined;
  readonly bareRefused: boolean;
}

/** Bare and governed, one after the other, against one stand-in that starts afresh for each. */
async function judge<C, Kit>(
  kind: Kind<C, Kit>,
  check: Check<C>,
  mode: Mode,
  basePath: string,
): Promise<Verdict> {
  let verdict = await compare(kind, check, mode, basePath);
  // A signature names its second: two runs that fall into different ones are run again.
  for (let tries = 0; tries < 3 && verdict.differences.some((how) => how.includes('x-amz-date')); tries++)
    verdict = await compare(kind, check, mode, basePath);
  return verdict;
}

async function compare<C, Kit>(
  kind: Kind<C, Kit>,
  check: Check<C>,
  mode: Mode,
  basePath: string,
): Promise<Verdict> {
  const stand = standIn({ clock: manualClock(Date.UTC(2026, 10, 23)) });
  const server = mode.overLoopback ? await stand.listen() : undefined;
  const fetch: typeof globalThis.fetch = (input, init) =>
    server !== undefined && String(input).startsWith(server.url)
      ? globalThis.fetch(input, init)
      : stand.fetch(input, init);
  const make = (): C => kind.make(fetch, server && server.url + basePath);
  try {
    const bare = await run(check, make(), stand, mode);
    const { governed, faults, seen } = await runGoverned(check, make(), stand, mode);
    const expected = mode.transforms ? (withReplacedTexts(bare.outcome) as Outcome) : bare.outcome;
    const differences = [
      ...outcomeDifferences(
        expected,
        mode.transforms ? (withoutEcho(governed.outcome) as Outcome) : governed.outcome,
      ),
      ...requestDifferences(bare.requests, governed.requests, {
        usage: mode.usageMayBeAdded,
        transformed: mode.transforms ? seen : undefined,
        signed: kind.signed === true,
      }),
      ...faults,
    ];
    const meant =
      differences.length > 0 && check.meant?.isIt(expected, governed.outcome, differences) === true
        ? check.meant.why
        : undefined;
    return { differences, meant, bareRefused: bare.outcome.error !== undefined };
  } finally {
    await server?.close();
  }
}

interface Run {
  /** What the application saw. */
  readonly outcome: Outcome;
  /** What the provider saw. */
  readonly requests: readonly Received[];
}

async function run<C>(check: Check<C>, client: C, stand: StandIn, mode: Mode): Promise<Run> {
  stand.reset();
  check.script?.(stand);
  const outcome = await observe(check, client, stand, mode.transforms);
  return { outcome, requests: received(stand.requests) };
}

async function runGoverned<C>(
  check: Check<C>,
  client: C,
  stand: StandIn,
  mode: Mode,
): Promise<{ governed: Run; faults: string[]; seen: SeenAttempt[] }> {
  const faults: string[] = [];
  const seen: SeenAttempt[] = [];
  const declared = client as unknown as ProviderClient;
  const llm = new ManagedLLM({
    providers: {
      it: mode.usageMayBeAdded ? declared : provider(declared, { quirks: { includeUsage: false } }),
    },
    interceptors: mode.interceptors(seen),
    onError: (error) => void faults.push(`reported: ${error.message} ${inspect(error.cause)}`),
  });
  const governed = await run(check, llm.clients.it as unknown as C, stand, mode);
  const settled = await within(
    1_000,
    llm.idle().then(() => true),
  );
  if (settled === undefined) faults.push('a call did not settle');
  const blind = mode.interceptors === none.interceptors || check.neverArrives === true;
  if (!blind && seen.length !== governed.requests.length)
    faults.push(`the chain saw ${seen.length} attempts of ${governed.requests.length}`);
  return { governed, faults, seen };
}

/** Where two outcomes differ, by member. */
function outcomeDifferences(bare: Outcome, governed: Outcome): string[] {
  const found: string[] = [];
  const walk = (path: string, a: unknown, b: unknown): void => {
    if (isDeepStrictEqual(a, b)) return;
    const inner = isOpen(a) && isOpen(b) && Object.getPrototypeOf(a) === Object.getPrototypeOf(b);
    if (!inner) {
      found.push(`${path}: ${brief(b)} instead of ${brief(a)}`);
      return;
    }
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      walk(`${path}.${key}`, (a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]);
    }
  };
  walk('outcome', bare, governed);
  return found.slice(0, 6);
}

function isOpen(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

function brief(value: unknown): string {
  return inspect(value, { depth: 2, breakLength: Infinity, maxStringLength: 200 }).slice(0, 300);
}

/** `PROVE_ONLY` narrows the sweep while looking into one difference. */
function wanted<C>(kind: string, { group, name }: Check<C>): boolean {
  const only = process.env['PROVE_ONLY'];
  return only === undefined || new RegExp(only).test(`${kind} ${group} ${name}`);
}
