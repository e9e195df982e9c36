import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import type { ProviderClient } from 'managed-llm';
import { anthropicKinds, openaiKinds, type Kind } from './drop-in/clients.ts';
import { chatChecks } from './foreign-targets/chat-checks.ts';
import { faultsOf, type ForeignCheck } from './foreign-targets/lab.ts';
import { messagesChecks } from './foreign-targets/messages-checks.ts';
import { responsesChecks } from './foreign-targets/responses-checks.ts';
import type { Proof, ProofContext, ProofResult } from './proof.ts';

type Fetch = typeof globalThis.fetch;

const openai = (fetch: Fetch): ProviderClient => new OpenAI({ apiKey: 'sk-test', fetch });
const anthropic = (fetch: Fetch): ProviderClient => new Anthropic({ apiKey: 'sk-test', fetch });

/** Every kind of client asks, and a provider of the other SDK answers. There is no bare client to compare with. */
export const proof: Proof = {
  name: 'foreign-targets',
  claim:
    'A program written against one SDK runs on the other’s provider: streams, helpers, structured output, tool loops, aborts and ' +
    'errors are those of the SDK it is written against.',
  async run(context) {
    const matrix = new Matrix(context);
    await matrix.sweep('openai chat answered by anthropic', openaiKinds, chatChecks, anthropic, '/messages');
    await matrix.sweep(
      'openai responses answered by anthropic',
      openaiKinds,
      responsesChecks,
      anthropic,
      '/messages',
    );
    await matrix.sweep(
      'anthropic answered by openai chat',
      anthropicKinds,
      messagesChecks,
      openai,
      '/chat/completions',
    );
    return matrix.result();
  },
};

class Matrix {
  readonly #context: ProofContext;
  readonly #rows = new Map<string, Map<string, { held: number; of: number }>>();
  readonly #failures: string[] = [];
  readonly #checks = new Set<string>();
  readonly #kinds = new Set<string>();
  #cells = 0;
  #held = 0;
  #impossible = 0;

  constructor(context: ProofContext) {
    this.#context = context;
  }

  async sweep<C, Kit>(
    way: string,
    kinds: readonly Kind<C, Kit>[],
    checksWith: (kit: Kit) => readonly ForeignCheck<C>[],
    target: (fetch: Fetch) => ProviderClient,
    path: string,
  ): Promise<void> {
    for (const kind of this.#context.small ? kinds.slice(0, 1) : kinds) {
      this.#context.log(`${way}, ${kind.name}`);
      this.#kinds.add(kind.name);
      for (const check of checksWith(kind.kit)) {
        const faults = await faultsOf(check, { caller: (fetch) => kind.make(fetch), target, path });
        if (faults === undefined) {
          this.#impossible++;
          continue;
        }
        this.#count(way, check.group, faults.length === 0);
        this.#checks.add(`${way} ${check.group} ${check.name}`);
        if (faults.length > 0)
          this.#failures.push(
            [`${way} · ${kind.name} · ${check.group}: ${check.name}`, ...faults].join('\n      '),
          );
      }
    }
  }

  #count(way: string, group: string, holds: boolean): void {
    const row = this.#rows.get(group) ?? new Map<string, { held: number; of: number }>();
    const cell = row.get(way) ?? { held: 0, of: 0 };
    cell.of++;
    this.#cells++;
    if (holds) {
      cell.held++;
      this.#held++;
    }
    this.#rows.set(group, row.set(way, cell));
  }

  result(): ProofResult {
    return {
      sample: `${this.#cells.toLocaleString('en-US')} cells: ${this.#checks.size} checks over three ways, ${this.#kinds.size} kinds of client that ask`,
      rows: [...this.#rows].map(([group, cells]) => ({
        '': group,
        ...Object.fromEntries([...cells].map(([way, { held, of }]) => [way, `${held} of ${of}`])),
      })),
      passed: this.#held,
      failures: this.#failures,
      notes:
        this.#impossible === 0
          ? []
          : [`left out, since the bare client cannot do it either: ${this.#impossible}`],
    };
  }
}
