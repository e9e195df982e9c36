import { canary, type Canary, type CanaryChange, type CanaryOptions } from 'managed-llm';
import { governed, openai, type Governed, type TestOptions } from './governed.ts';
import { once } from './neutral.ts';

export const short = { parameters: { maxOutputTokens: 50 } };
const price = { inputUsdPerMTok: 1, outputUsdPerMTok: 10 };
const models = { 'openai/*': { price }, 'anthropic/*': { price } };

/** A canary that is tried out, and what it told. */
export interface World extends Governed {
  readonly rollout: Canary;
  readonly changes: CanaryChange[];
}

export function world(
  options: Partial<CanaryOptions> = {},
  more: TestOptions = {},
  beside?: Governed,
): World {
  const rollout = canary({ name: 'short', canary: short, ...options });
  const interceptors = [rollout, once, ...(more.interceptors ?? [])];
  const all = governed({ models, ...more, interceptors }, {}, beside);
  const changes: CanaryChange[] = [];
  all.llm.on('canary:change', (change) => changes.push(change));
  return { ...all, rollout, changes };
}

const isOfCanary = ({ body }: { readonly body?: unknown }): boolean =>
  (body as { readonly max_completion_tokens?: number } | undefined)?.max_completion_tokens === 50;

/** All calls of the canary fail. */
export function failing(all: World): World {
  all.provider.when(isOfCanary, { status: 500 });
  return all;
}

/** One call of each of these users. */
export async function ask(all: Governed, from: number, to: number): Promise<void> {
  for (let user = from; user < to; user++)
    await openai.create(all.llm.with({ user: `user-${user}` })).catch(() => undefined);
  await all.llm.idle();
}

export const armsOf = ({ receipts }: Governed): (string | undefined)[] =>
  receipts.map(({ facts }) => facts.canaries?.[0]?.arm);
