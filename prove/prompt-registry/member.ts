// A process that asks for prompts all the while, by label and the newest, and calls with them. It tells its parent which
// versions it is given. node member.ts <url of the source> <memory|sqlite|redis> <url or path> <prefix> <prompt>
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { ManagedLLM, memoryState, type State } from 'managed-llm';
import { promptRegistry } from 'managed-llm/prompts';
import { redisState } from 'managed-llm/redis';
import { sqliteState } from 'managed-llm/sqlite';
import { standIn } from 'managed-llm/testing';
import OpenAI from 'openai';
import { readFrom } from './source-server.ts';

/** What a member tells. */
export type Told =
  | { readonly kind: 'given'; readonly label: string; readonly newest: string }
  | { readonly kind: 'moved' }
  | { readonly kind: 'over'; readonly calls: number; readonly failures: readonly string[] };

/** What a member is told. */
export type Asked = { readonly kind: 'move'; readonly version: string } | { readonly kind: 'stop' };

const [url = '', kind = '', where = '', prefix = '', name = ''] = process.argv.slice(2);
const callers = 2;

const registry = promptRegistry({
  source: readFrom(url),
  state: await open(),
  freshMs: 50,
  labelsFreshMs: 50,
  loadTimeoutMs: 500,
  onError: () => {},
});
const llm = new ManagedLLM({
  providers: { openai: new OpenAI({ apiKey: 'none', fetch: standIn({ keepRequests: 1 }).fetch }) },
});
const failures: string[] = [];
const stop = new AbortController();
let calls = 0;

async function open(): Promise<State> {
  if (kind === 'sqlite') return sqliteState({ path: where });
  if (kind === 'memory') return memoryState();
  const client = new Redis(where);
  await client.ping();
  return redisState({ client, prefix });
}

function tell(told: Told): void {
  process.send?.(told);
}

async function caller(): Promise<void> {
  let last = '';
  while (!stop.signal.aborted) {
    calls += 1;
    try {
      const live = await registry.get(name, { label: 'production' });
      const newest = await registry.get(name);
      await llm.chat({ prompt: live, variables: { name: 'Ann' }, model: 'openai/gpt' });
      const given = `${live.version} ${newest.version}`;
      if (given !== last) tell({ kind: 'given', label: live.version, newest: newest.version });
      last = given;
    } catch (error) {
      failures.push(String(error));
    }
    await sleep(5);
  }
}

process.once('disconnect', () => process.exit());
process.on('message', async (asked: Asked) => {
  if (asked.kind === 'move') {
    await registry.label(name, 'production', asked.version, { by: 'member' });
    tell({ kind: 'moved' });
    return;
  }
  stop.abort();
});

// In memory nobody else can set it.
if (kind === 'memory') await registry.label(name, 'production', '1', { by: 'member' });
await Promise.all(Array.from({ length: callers }, caller));
await registry.close();
await llm.close();
process.send?.({ kind: 'over', calls, failures } satisfies Told, () => process.exit());
