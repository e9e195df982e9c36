import assert from 'node:assert/strict';
import { ManagedLLM, ManagedLLMError, type ProviderClient, type Receipt } from 'managed-llm';
import { manualClock, standIn, type StandIn } from 'managed-llm/testing';
import { within } from '../drop-in/lab.ts';

/** What a check is given beside its client. */
export interface ForeignLab<C> {
  readonly stand: StandIn;
  /** The same client, not governed, with a stand-in of its own provider: tells the class of an error. */
  readonly bare: { readonly client: C; readonly stand: StandIn };
  /** The same client, by which a request is refused that the target has no place for. */
  readonly refusing: C;
  receipt(response: Response): Promise<Receipt>;
}

/** Something an application does with a client whose call a provider of another dialect answers, and what must hold. */
export interface ForeignCheck<C> {
  readonly group: string;
  readonly name: string;
  readonly script?: (stand: StandIn) => unknown;
  /** Asserts. */
  run(client: C, lab: ForeignLab<C>): Promise<void>;
  /** How many requests the target must have got. Default 1. */
  readonly requests?: number;
  /** Whether the bare client can do it at all; it is left out where not. Default: it can. */
  readonly possible?: (bare: C) => boolean;
}

/** A client that asks, one that answers, and the path at which the latter is asked. */
export interface Pair<C> {
  readonly caller: (fetch: typeof globalThis.fetch) => C;
  readonly target: (fetch: typeof globalThis.fetch) => ProviderClient;
  readonly path: string;
}

/** What did not hold; nothing when all did, `undefined` for what the bare client cannot do either. */
export async function faultsOf<C>(
  check: ForeignCheck<C>,
  pair: Pair<C>,
): Promise<readonly string[] | undefined> {
  const faults: string[] = [];
  const stand = standIn({ clock: manualClock(Date.UTC(2026, 10, 23)) });
  const nobody: typeof globalThis.fetch = (input) => {
    faults.push(`the caller's own provider was asked: ${String(input)}`);
    return Promise.reject(new TypeError('Nobody is there.'));
  };
  const llm = new ManagedLLM({
    providers: { own: pair.caller(nobody) as ProviderClient, other: pair.target(stand.fetch) },
    onError: (error) => void faults.push(`reported: ${error.message}`),
  });
  const receipts: Receipt[] = [];
  llm.on('call:end', (receipt) => receipts.push(receipt));
  check.script?.(stand);
  const bareStand = standIn();
  const bare = { client: pair.caller(bareStand.fetch), stand: bareStand };
  if (check.possible?.(bare.client) === false) return undefined;
  const lab: ForeignLab<C> = {
    stand,
    bare,
    refusing: llm.with({ onUnsupported: 'refuse' }).clients.own as C,
    receipt: (response) => llm.receipt(response) as Promise<Receipt>,
  };
  const ended = await within(
    5_000,
    check.run(llm.clients.own as C, lab).then(
      () => 'held',
      (thrown: unknown) => messageOf(thrown),
    ),
  );
  if (ended !== 'held') faults.push(ended ?? 'still running after 5 s');
  if (
    (await within(
      1_000,
      llm.idle().then(() => true),
    )) === undefined
  )
    faults.push('a call did not settle');
  if (stand.openStreams > 0) faults.push(`${stand.openStreams} streams of the target are still open`);
  const expected = check.requests ?? 1;
  if (stand.requests.length !== expected)
    faults.push(`${stand.requests.length} requests instead of ${expected}`);
  for (const { path, headers } of stand.requests) {
    if (!path.endsWith(pair.path)) faults.push(`the target was asked at ${path}`);
    const foreign = Object.keys(headers).filter((name) => isOfCaller(name, pair.path));
    if (foreign.length > 0)
      faults.push(`headers of the caller's provider reached the target: ${foreign.join(', ')}`);
  }
  for (const { attempts } of receipts) {
    for (const { target } of attempts)
      if (target.provider !== 'other') faults.push(`an attempt went to ${target.provider}`);
  }
  return faults;
}

/** Betas, versions and organizations are the business of one provider. */
function isOfCaller(name: string, path: string): boolean {
  return path === '/messages'
    ? name.startsWith('openai-')
    : name.startsWith('anthropic-') || name === 'x-api-key';
}

function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return `${thrown.name}: ${thrown.message}`.replaceAll(/\s*\n\s*/g, ' ').slice(0, 400);
}

export async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const events: T[] = [];
  for await (const event of stream) events.push(structuredClone(event));
  return events;
}

interface Thrown {
  readonly name: string;
  readonly status: unknown;
  readonly message: string;
}

/** What it rejects with, of the class of that name. */
export async function rejection(pending: PromiseLike<unknown>, name: string): Promise<Thrown> {
  const thrown = await Promise.resolve(pending).then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof Error, 'it did not reject');
  assert.equal(thrown.constructor.name, name, thrown.message);
  return { name, status: (thrown as { status?: unknown }).status, message: thrown.message };
}

/** A refusal of ours behind the SDK's own error. */
export async function refusal(pending: PromiseLike<unknown>, name: string, code: string): Promise<void> {
  const thrown: unknown = await Promise.resolve(pending).catch((error: unknown) => error);
  assert.equal(ManagedLLMError.from(thrown)?.code, code);
  assert.equal((thrown as Error).constructor.name, name);
}

export const usage = { inputTokens: 11, outputTokens: 7, cachedInputTokens: 3 } as const;
export const pieces = ['Hello ', 'from ', 'Zürich 🏔️', '.'] as const;
export const said = pieces.join('');
export const speaking = (stand: StandIn): StandIn => stand.always({ text: pieces, usage });

/** A call of a tool, then words. */
export const calling = (stand: StandIn): StandIn =>
  stand
    .next({ toolCalls: [{ name: 'look', arguments: { at: 'the lake' }, id: 'call_1' }], usage })
    .always({ text: pieces, usage });
