import { budget, ManagedLLM, type Budget } from 'managed-llm';
import OpenAI from 'openai';
import { openState, type OpenState, type StateSpec } from '../race/states.ts';

/** Figures of one block of calls. */
export interface Block {
  /** Of this process, for each of the calls that were made one after the other. */
  readonly cpuUs: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  /** Calls that ended in a second, 32 at a time. */
  readonly perSecond: number;
}

/** What a budget's books say in the end. */
export interface Audit {
  readonly name: string;
  readonly isRight: boolean;
  readonly found: string;
}

const usage = { prompt_tokens: 20, completion_tokens: 30, total_tokens: 50 };
const price = { inputUsdPerMTok: 1, outputUsdPerMTok: 10 };
const costUsd = 20e-6 + 300e-6;
const atOnce = 32;
const answer = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 0,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Fine.' }, finish_reason: 'stop' }],
  usage,
});
const request = { model: 'm', max_tokens: 100, messages: [{ role: 'user' as const, content: 'How is it?' }] };

/** A governed client whose provider answers at once, with so many budgets. */
export class Contender implements AsyncDisposable {
  readonly #llm: ManagedLLM<{ readonly openai: OpenAI }>;
  readonly #budgets: readonly Budget[];
  readonly #opened: OpenState;
  #made = 0;

  private constructor(
    llm: ManagedLLM<{ readonly openai: OpenAI }>,
    budgets: readonly Budget[],
    opened: OpenState,
  ) {
    this.#llm = llm;
    this.#budgets = budgets;
    this.#opened = opened;
  }

  /** @param accounts how many each call is counted in */
  static async enter(spec: StateSpec, accounts: number): Promise<Contender> {
    const opened = openState(spec);
    const common = { window: 'total', limitUsd: 1_000_000 } as const;
    const budgets = Array.from({ length: accounts }, (_, index) =>
      budget({ ...common, name: `${index + 1} of ${accounts}` }),
    );
    const headers = { 'content-type': 'application/json' };
    const openai = new OpenAI({ apiKey: 'none', fetch: async () => new Response(answer, { headers }) });
    const llm = new ManagedLLM<{ readonly openai: OpenAI }>({
      providers: { openai },
      models: { 'openai/m': { price } },
      state: opened.state,
      interceptors: budgets,
      onError: () => {},
    });
    const contender = new Contender(llm, budgets, opened);
    await contender.#oneByOne(50);
    return contender;
  }

  async block(calls: number): Promise<Block> {
    const before = process.cpuUsage();
    const durations = await this.#oneByOne(calls);
    const { user, system } = process.cpuUsage(before);
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: atOnce }, () => this.#oneByOne(Math.ceil(calls / atOnce))));
    const seconds = (performance.now() - startedAt) / 1_000;
    const sorted = durations.toSorted((one, other) => one - other);
    return {
      cpuUs: (user + system) / calls,
      medianMs: sorted[sorted.length >> 1] ?? Number.NaN,
      p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
      perSecond: (Math.ceil(calls / atOnce) * atOnce) / seconds,
    };
  }

  /** Whether each budget has counted every call, and has nothing set aside. */
  async audit(): Promise<readonly Audit[]> {
    await this.#llm.idle();
    const expectedUsd = this.#made * costUsd;
    return Promise.all(
      this.#budgets.map(async (each) => {
        const { usedUsd, reservedUsd } = await each.status();
        return {
          name: each.name,
          isRight: reservedUsd === 0 && Math.abs(usedUsd - expectedUsd) < 1e-9,
          found: `has $${reservedUsd} set aside and $${usedUsd} used, of $${expectedUsd}`,
        };
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#llm.close();
    await this.#opened.close();
  }

  async #oneByOne(calls: number): Promise<readonly number[]> {
    const durations: number[] = [];
    for (let call = 0; call < calls; call += 1) {
      const startedAt = performance.now();
      await this.#llm.clients.openai.chat.completions.create(request);
      durations.push(performance.now() - startedAt);
      this.#made += 1;
    }
    // What is settled after an answer belongs to its call.
    await this.#llm.idle();
    return durations;
  }
}

/** Blocks of both, in turn, so that what happens to the machine happens to both. */
export async function blocksOf(
  [one, other]: readonly [Contender, Contender],
  blocks: number,
  calls: number,
): Promise<readonly [readonly Block[], readonly Block[]]> {
  const ofOne: Block[] = [];
  const ofOther: Block[] = [];
  for (let block = 0; block < blocks; block += 1) {
    if (block % 2 === 0) ofOne.push(await one.block(calls));
    ofOther.push(await other.block(calls));
    if (block % 2 === 1) ofOne.push(await one.block(calls));
  }
  return [ofOne, ofOther];
}
